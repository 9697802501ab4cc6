"""Two roads to the posts that meet a condition, newest first.

The *walk* goes down all posts of the workspace and tests each: quick when many meet the condition. The *seek* asks the
indexes for those that meet it and sorts them: quick when few do. Nobody knows beforehand which it will be, so a short
walk goes first, and what it meets decides.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from luister.posts.index import lexemes
from luister.posts.queries.conditions import (
    ALL,
    Condition,
    Rendered,
    asks_for_parts,
    asks_for_places,
    filter_sql,
    seek_sql,
    seekable,
    terms_in,
)
from luister.posts.queries.narrowing import Bounds

FIRST_STEP = 3_000  # rows of the first walk; fewer where testing one takes long
TERMS_A_STEP = 20
STEP_GROWTH = 4
LONGEST_STEP = 100_000
DENSE = 9  # rows found by the first walk: with more the walk goes on
DENSE_BY_PARTS = 3  # where the indexes find parts of words that are not in one word, or not in their place
DENSE_BY_PLACES = 2  # where they find whole words out of their place: those that often meet so are common
AT_ONCE = 200  # rows taken from a step at most
SEEK_AT_ONCE = 1_000
SETTINGS = {"enable_seqscan": "off", "jit": "off", "work_mem": "'32MB'"}


class Key(NamedTuple):
    """Where a post stands among all others, newest first."""

    posted_at: datetime
    post_id: int


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows may be looked at."""

    workspace_id: int
    public_only: bool
    bounds: Bounds


class TooBroadError(Exception):
    """Time is up; what was examined until then counts."""


class Clock:
    """How much time a search has left."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left_ms(self) -> int:
        """Return the milliseconds that are left.

        Raises:
            TooBroadError: none are.
        """
        left = int((self._ends - time.monotonic()) * 1000)
        if left <= 0:
            raise TooBroadError
        return left


@dataclass(frozen=True, slots=True)
class Stretch:
    """Posts that meet the condition, newest first, and how far everything has now been looked at; None is the end."""

    keys: Sequence[Key]
    examined_to: Key | None


def stretches(condition: Condition, *, scope: Scope, after: Key | None, clock: Clock) -> Iterator[Stretch]:
    """Yield all posts that meet a condition and come after a key, in stretches.

    Raises:
        TooBroadError: time is up.
    """
    seek = seekable(condition)
    size = first = max(FIRST_STEP // 10, FIRST_STEP // (1 + terms_in(condition) // TERMS_A_STEP))
    dense = DENSE_BY_PARTS if asks_for_parts(seek) else DENSE_BY_PLACES if asks_for_places(seek) else DENSE
    is_rare = False
    while True:
        if is_rare:
            keys = _seek(condition, seek, scope=scope, after=after, clock=clock)
            after = keys[-1] if len(keys) == SEEK_AT_ONCE else None
        else:
            keys = _walk(condition, scope=scope, after=after, size=size, clock=clock)
            if size == first and seek != ALL and len(keys) < dense:
                is_rare = True  # the seek begins where the walk did
                continue
            after = keys[-1] if len(keys) == AT_ONCE else _step(scope, after, size, clock)
            size = min(size * STEP_GROWTH, LONGEST_STEP)
        yield Stretch(keys, after)
        if after is None:
            return


def _walk(condition: Condition, *, scope: Scope, after: Key | None, size: int, clock: Clock) -> list[Key]:
    """Return which of the next rows meet the condition, until enough do."""
    test, parameters = _with_access(filter_sql(condition), scope)
    rows, row_parameters = _rows(scope, after)
    # Nothing is pushed down below a LIMIT: the rows are read in the order of their index, however rare hits may be.
    return _keys(
        f"SELECT posted_at, post_id FROM (SELECT * {rows} LIMIT {size}) AS looked_at"  # noqa: S608
        f" WHERE {test} ORDER BY posted_at DESC, post_id DESC LIMIT {AT_ONCE}",
        [*row_parameters, *parameters],
        clock=clock,
    )


def _step(scope: Scope, after: Key | None, size: int, clock: Clock) -> Key | None:
    """Return where a step of the walk ends; None when that is the end of all."""
    rows, parameters = _rows(scope, after)
    last = _keys(f"SELECT posted_at, post_id {rows} OFFSET {size - 1} LIMIT 1", parameters, clock=clock)
    return last[0] if last else None


def _seek(condition: Condition, seek: Condition, *, scope: Scope, after: Key | None, clock: Clock) -> list[Key]:
    """Ask the indexes, and sort what they find."""
    found_by, seek_parameters = seek_sql(seek, workspace=lexemes.workspace(scope.workspace_id))
    rest: Rendered = ("TRUE", []) if seek == condition else filter_sql(condition)
    test, parameters = _with_access(rest, scope)
    place, place_parameters = _place(scope, after)
    # IS TRUE keeps the index of the walk out of the planner's reach.
    return _keys(
        f"SELECT posted_at, post_id FROM posts_search WHERE {found_by} AND {test} AND ({place}) IS TRUE"  # noqa: S608
        f" ORDER BY posted_at DESC, post_id DESC LIMIT {SEEK_AT_ONCE}",
        [*seek_parameters, *parameters, *place_parameters],
        clock=clock,
    )


def _with_access(rendered: Rendered, scope: Scope) -> Rendered:
    test, parameters = rendered
    return (f"{test} AND is_public" if scope.public_only else test), parameters


def _rows(scope: Scope, after: Key | None) -> Rendered:
    place, parameters = _place(scope, after)
    return f"FROM posts_search WHERE {place} ORDER BY posted_at DESC, post_id DESC", parameters


def _place(scope: Scope, after: Key | None) -> Rendered:
    """Return the condition that a row is the workspace's, within the time asked for and past a key."""
    tests: list[str] = ["workspace_id = %s"]
    parameters: list[object] = [scope.workspace_id]
    if scope.bounds.start is not None:
        tests.append("posted_at >= %s")
        parameters.append(scope.bounds.start)
    if scope.bounds.end is not None:
        tests.append("posted_at < %s")
        parameters.append(scope.bounds.end)
    if after is not None:
        tests.append("(posted_at, post_id) < (%s, %s)")
        parameters += after
    return " AND ".join(tests), parameters


def _keys(sql: str, parameters: Sequence[Any], *, clock: Clock) -> list[Key]:
    return [Key(*row) for row in fetch(sql, parameters, clock=clock)]


def fetch(sql: str, parameters: Sequence[Any], *, clock: Clock) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, which the database stops when time is up."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {clock.left_ms()}; {sql}", parameters)
        cursor.nextset()
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


@contextmanager
def limited() -> Iterator[None]:
    """Hold the transaction of a search, in which indexes are used wherever they can be.

    Raises:
        TooBroadError: the database stopped a statement because time was up.
    """
    within = connection.in_atomic_block
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("; ".join(f"SET LOCAL {name} = {value}" for name, value in SETTINGS.items()))
            yield
            if within:  # a transaction around this one goes on, and would keep what is set in it
                with connection.cursor() as cursor:
                    names = ("statement_timeout", *SETTINGS)
                    cursor.execute("; ".join(f"SET LOCAL {name} TO DEFAULT" for name in names))
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooBroadError from error
        raise
