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
from luister.posts.queries.conditions import ALL, Condition, Rendered, filter_sql, seek_sql, seekable
from luister.posts.queries.narrowing import Bounds

FIRST_STEP = 3_000  # rows of the first walk
STEP_GROWTH = 4
LONGEST_STEP = 100_000
DENSE = 0.003  # of the rows of the first walk: with more the walk goes on
AT_ONCE = 200  # rows taken from a step at most
SEEK_AT_ONCE = 1_000


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
    size = FIRST_STEP
    is_rare = False
    while True:
        if is_rare and seek != ALL:
            stretch = _seek(condition, seek, scope=scope, after=after, clock=clock)
        else:
            stretch = _walk(condition, scope=scope, after=after, size=size, clock=clock)
            is_rare = is_rare or (size == FIRST_STEP and len(stretch.keys) < DENSE * size)
            size = min(size * STEP_GROWTH, LONGEST_STEP)
        yield stretch
        if stretch.examined_to is None:
            return
        after = stretch.examined_to


def _walk(condition: Condition, *, scope: Scope, after: Key | None, size: int, clock: Clock) -> Stretch:
    """Look at the next rows, as many as `size` says or until enough of them meet the condition."""
    test, parameters = _with_access(filter_sql(condition), scope)
    rows, row_parameters = _rows(scope, after)
    # Nothing is pushed down below a LIMIT: the rows are read in the order of their index, however rare hits may be.
    found = _fetch(
        f"SELECT posted_at, post_id FROM (SELECT * {rows} LIMIT {size}) AS looked_at"  # noqa: S608
        f" WHERE {test} ORDER BY posted_at DESC, post_id DESC LIMIT {AT_ONCE}",
        [*row_parameters, *parameters],
        clock=clock,
    )
    if len(found) == AT_ONCE:
        return Stretch(found, found[-1])
    last = _fetch(f"SELECT posted_at, post_id {rows} OFFSET {size - 1} LIMIT 1", row_parameters, clock=clock)
    return Stretch(found, last[0] if last else None)


def _seek(condition: Condition, seek: Condition, *, scope: Scope, after: Key | None, clock: Clock) -> Stretch:
    """Ask the indexes, and sort what they find."""
    found_by, seek_parameters = seek_sql(seek, workspace=lexemes.workspace(scope.workspace_id))
    test, parameters = _with_access(filter_sql(condition), scope)
    place, place_parameters = _place(scope, after)
    # IS TRUE keeps the index of the walk out of the planner's reach.
    found = _fetch(
        f"SELECT posted_at, post_id FROM posts_search WHERE {found_by} AND {test} AND ({place}) IS TRUE"  # noqa: S608
        f" ORDER BY posted_at DESC, post_id DESC LIMIT {SEEK_AT_ONCE}",
        [*seek_parameters, *parameters, *place_parameters],
        clock=clock,
        by_index=True,
    )
    return Stretch(found, found[-1] if len(found) == SEEK_AT_ONCE else None)


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


def _fetch(sql: str, parameters: Sequence[Any], *, clock: Clock, by_index: bool = False) -> list[Key]:
    with limited(clock, by_index=by_index), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [Key(*row) for row in cursor.fetchall()]


@contextmanager
def limited(clock: Clock, *, by_index: bool = False) -> Iterator[None]:
    """Have the database stop a statement when time is up.

    Raises:
        TooBroadError: it did.
    """
    within = connection.in_atomic_block
    seqscan = "off" if by_index else "on"
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SET LOCAL statement_timeout = {clock.left_ms()}; SET LOCAL enable_seqscan = {seqscan};"
                    " SET LOCAL work_mem = '32MB'; SET LOCAL jit = off"
                )
            yield
            if within:  # a transaction around this one goes on, and keeps what is set in it
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SET LOCAL statement_timeout TO DEFAULT; SET LOCAL enable_seqscan TO DEFAULT;"
                        " SET LOCAL work_mem TO DEFAULT; SET LOCAL jit TO DEFAULT"
                    )
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooBroadError from error
        raise
