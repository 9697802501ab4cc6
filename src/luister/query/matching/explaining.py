"""What each standing query looks at, and what it costs."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic

from luister.query.matching.checks import Check
from luister.query.matching.keys import written_key
from luister.query.matching.matcher import Ident, Matcher
from luister.query.matching.sighting import Infer, Sighting

_Test = Callable[[set[str]], bool]


@dataclass(frozen=True, slots=True)
class Explained(Generic[Ident]):
    """A query's anchor as it is written in queries, None for one that has none, and what came of it so far.

    `reached` are the posts that the query was held against; `microseconds` is what that took in all.
    """

    ident: Ident
    anchor: list[str] | None
    reached: int
    found: int
    microseconds: float


class ExplainingMatcher(Matcher[Ident]):
    """A matcher that keeps count, and is slower for it."""

    def __init__(self, *, infer: Infer | None = None) -> None:
        super().__init__(infer=infer)
        self._reached_by: Counter[int] = Counter()
        self._found_by: Counter[int] = Counter()
        self._nanoseconds: Counter[int] = Counter()

    def explained(self) -> list[Explained[Ident]]:
        """Return what came of each query, in the order in which they were first put."""
        return [
            Explained(
                ident=ident,
                anchor=None if anchor is None else [written_key(key) for key in dict.fromkeys(anchor.every_key())],
                reached=self._reached_by[number],
                found=self._found_by[number],
                microseconds=self._nanoseconds[number] / 1_000,
            )
            for number, (ident, anchor) in zip(self._numbers.values(), self.anchors().items(), strict=True)
        ]

    def _found(self, post: Sighting) -> set[int]:
        found: set[int] = set()
        reached: set[int] = set()
        for number, is_found in self._looked_at(post):
            before = time.perf_counter_ns()
            if is_found(post):
                found.add(number)
            self._nanoseconds[number] += time.perf_counter_ns() - before
            reached.add(number)
        self._reached_by.update(reached)
        self._found_by.update(found)
        return found

    def _looked_at(self, post: Sighting) -> Iterator[tuple[int, Check]]:
        for spot in self._reached(post):
            for number in spot.sure:
                yield number, _is_there
            for number, misses, is_free, check in spot.waiting:
                yield number, _with(misses, is_free, check)
        yield from self._everywhere.items()


def _is_there(_post: Sighting) -> bool:
    return True


def _with(misses: _Test, is_free: _Test | None, check: Check | None) -> Check:
    return lambda post: (
        not misses(post.keys) and (is_free is None or is_free(post.keys)) and (check is None or check(post))
    )
