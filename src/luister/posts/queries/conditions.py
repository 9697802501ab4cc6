"""Conditions on a row of the search index, as a small tree of their own, and how PostgreSQL reads them.

A condition is rendered in two ways: as a *filter* that is tested on rows that were read anyway, and as a *seek* that
finds rows through indexes and asks less than the filter where asking all would be slow.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from luister.posts.index.lexemes import CUT, quoted


class Cost(IntEnum):
    """How many rows an index would have to read for a condition; a seek asks for the cheap ones of a conjunction."""

    FEW = 1  # one word, one author
    SOME = 2  # words that start alike
    MANY = 3  # parts of words
    MOST = 4  # a language, a network


@dataclass(frozen=True, slots=True)
class Always:
    """True of every row, or of none."""

    holds: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a tsquery finds."""

    tsquery: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class Sql:
    """An expression on the row, and how it is written for an index to be used; "" where none can help."""

    text: str
    parameters: tuple[object, ...]
    seek: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class Neither:
    """What its part is not true of."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Every:
    """All true."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    """One of them true."""

    parts: "tuple[Condition, ...]"


_PLACED = re.compile(r"<\d+>|':\*?[AD]")

Condition = Always | Tokens | Sql | Neither | Every | Some
Rendered = tuple[str, list[object]]

ALL = Always(True)
NONE = Always(False)


def every(parts: Iterable[Condition]) -> Condition:
    """Return the conjunction."""
    kept = [part for part in parts if part != ALL]
    if NONE in kept:
        return NONE
    return (kept[0] if len(kept) == 1 else Every(tuple(kept))) if kept else ALL


def some(parts: Iterable[Condition]) -> Condition:
    """Return the disjunction."""
    kept = [part for part in parts if part != NONE]
    if ALL in kept:
        return ALL
    return (kept[0] if len(kept) == 1 else Some(tuple(kept))) if kept else NONE


def negation(part: Condition) -> Condition:
    """Return what the part is not true of."""
    return Always(not part.holds) if isinstance(part, Always) else Neither(part)


def seekable(condition: Condition) -> Condition:
    """Return what indexes can find of a condition: the same rows and more; ALL where they cannot help."""
    if isinstance(condition, Always | Tokens):
        return condition
    if isinstance(condition, Sql):
        return condition if condition.seek else ALL
    if isinstance(condition, Neither):
        return ALL
    parts = [seekable(part) for part in condition.parts]
    if isinstance(condition, Some):
        return some(parts)
    helpful = [part for part in parts if part != ALL]
    if not helpful:
        return ALL
    cheapest = min(cost_of(part) for part in helpful)
    return every(part for part in helpful if cost_of(part) <= max(cheapest, Cost.SOME))


def cost_of(condition: Condition) -> Cost:
    """Return how costly a seek is: a conjunction as its cheapest part, a disjunction as its dearest."""
    if isinstance(condition, Tokens | Sql):
        return condition.cost
    if isinstance(condition, Every):
        return min(cost_of(part) for part in condition.parts)
    if isinstance(condition, Some):
        return max(cost_of(part) for part in condition.parts)
    return Cost.MOST


def terms_in(condition: Condition) -> int:
    """Return about how many terms have to be looked for in a row to test it."""
    if isinstance(condition, Tokens):
        return condition.tsquery.count("'") // 2
    if isinstance(condition, Neither):
        return terms_in(condition.part)
    return sum(terms_in(part) for part in condition.parts) if isinstance(condition, Every | Some) else 1


def asks_for_places(condition: Condition) -> bool:
    """Return whether indexes find more than is meant because they know words and not where those stand."""
    if isinstance(condition, Tokens):
        return _PLACED.search(condition.tsquery) is not None
    return isinstance(condition, Every | Some) and any(asks_for_places(part) for part in condition.parts)


def asks_for_parts(condition: Condition) -> bool:
    """Return whether indexes find more than is meant because they know parts of words, not of which or where."""
    if isinstance(condition, Every | Some):
        return any(asks_for_parts(part) for part in condition.parts)
    if isinstance(condition, Tokens):
        return asks_for_places(condition) and "':*" in condition.tsquery
    return isinstance(condition, Sql) and condition.cost == Cost.MANY


def filter_sql(condition: Condition) -> Rendered:
    """Return a condition as an expression that no index is used for."""
    return _Renderer(workspace="").render(some([condition, Tokens(quoted(CUT), Cost.FEW)]))


def seek_sql(condition: Condition, *, workspace: str) -> Rendered:
    """Return a condition as an expression that indexes answer; `workspace` is the lexeme of the rows' workspace."""
    return _Renderer(workspace=workspace).render(some([condition, Tokens(quoted(CUT), Cost.FEW)]))


class _Renderer:
    """Writes a condition with as few expressions as possible: whatever a tsquery can say becomes one."""

    def __init__(self, *, workspace: str) -> None:
        self._workspace = workspace

    def render(self, condition: Condition) -> Rendered:
        tsquery = _tsquery(condition)
        if tsquery is not None:
            return self._match(tsquery)
        if isinstance(condition, Always):
            return ("TRUE" if condition.holds else "FALSE"), []
        if isinstance(condition, Sql):
            text = condition.seek if self._workspace else condition.text
            return f"({text})", list(condition.parameters)
        if isinstance(condition, Neither):
            text, parameters = self.render(condition.part)
            return f"({text} IS NOT TRUE)", parameters
        if isinstance(condition, Tokens):
            return self._match(condition.tsquery)
        return self._join(condition.parts, is_every=isinstance(condition, Every))

    def _match(self, tsquery: str) -> Rendered:
        if self._workspace:
            return "(tokens @@ %s::tsquery)", [f"({tsquery}) & {quoted(self._workspace)}"]
        return "((tokens @@ %s::tsquery) IS TRUE)", [tsquery]

    def _join(self, parts: Sequence[Condition], *, is_every: bool) -> Rendered:
        said = [(part, _tsquery(part)) for part in parts]
        queries = [query for _, query in said if query is not None]
        rendered = [self._match((" & " if is_every else " | ").join(queries))] if queries else []
        rendered += [self.render(part) for part, query in said if query is None]
        texts = (" AND " if is_every else " OR ").join(text for text, _ in rendered)
        return f"({texts})", [parameter for _, parameters in rendered for parameter in parameters]


def _tsquery(condition: Condition) -> str | None:
    """Return a condition as a tsquery, or None where it asks for something else too."""
    if isinstance(condition, Tokens):
        return f"({condition.tsquery})"
    if isinstance(condition, Neither):
        inner = _tsquery(condition.part)
        return None if inner is None else f"!{inner}"
    if isinstance(condition, Every | Some):
        parts = [_tsquery(part) for part in condition.parts]
        said = [part for part in parts if part is not None]
        sign = " & " if isinstance(condition, Every) else " | "
        return f"({sign.join(said)})" if len(said) == len(parts) else None
    return None
