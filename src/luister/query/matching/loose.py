"""Keys of which only the beginning, the end or the middle is known, found in a post all at once."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from luister.query.matching.keys import Loose
from luister.query.tree import Wildcard

Kept = TypeVar("Kept")
_MOST_NEW = 50  # keys that are searched one by one, before all are searched together
_COST = 3  # making a key ready for that costs as much as so many searches of it alone
_MOST_FAST = 100_000  # bytes of keys, of which a table of all states (about 100 bytes for each of these) is made
_WINDOW = 50_000  # bytes that are searched at a time, so that what is found in them fits in memory


class LooseKeys(Generic[Kept]):
    """What is kept under loose keys, by what stands in a line of words with a space before and behind each."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Kept] = {}
        self._new: set[bytes] = set()
        self._searched = 0  # how often new ones were searched
        self._together: list[bytes] = []
        self._automaton: BytesAhoCorasick | None = None

    def get(self, key: Loose) -> Kept | None:
        """Return what is kept under a key."""
        return self._kept.get(_pattern(key))

    def put(self, key: Loose, kept: Kept) -> None:
        """Keep something under a key."""
        pattern = _pattern(key)
        self._kept[pattern] = kept
        self._new.add(pattern)

    def remove(self, key: Loose) -> None:
        """Keep nothing under a key any more."""
        pattern = _pattern(key)
        del self._kept[pattern]
        self._new.discard(pattern)

    def __bool__(self) -> bool:
        """Return whether anything is kept."""
        return bool(self._kept)

    def fitting(self, line: str) -> list[Kept]:
        """Return what is kept under the keys that words of the line fit."""
        if self._new:
            self._searched += len(self._new)
            if len(self._new) > _MOST_NEW or self._searched > _COST * len(self._kept):
                self._join()
        seen = line.encode("utf-8", "surrogatepass")
        found = self._found(seen)
        return [self._kept[pattern] for pattern in found if pattern in self._kept] if found else []

    def _join(self) -> None:
        self._together = list(self._kept)
        is_small = sum(map(len, self._together)) <= _MOST_FAST
        # A table of all states is searched in a third of the time that the library's own choice takes.
        kind = Implementation.DFA if is_small else None
        self._automaton = BytesAhoCorasick(self._together, matchkind=MatchKind.Standard, implementation=kind)
        self._new = set()
        self._searched = 0

    def _found(self, seen: bytes) -> Iterable[bytes]:
        found = {pattern for pattern in self._new if pattern in seen} if self._new else set()
        if self._automaton is not None:
            for window in [seen] if len(seen) <= _WINDOW else self._windows(seen):
                matches = self._automaton.find_matches_as_indexes(window, overlapping=True)
                if matches:
                    found.update([self._together[number] for number, _, _ in matches])
        return found

    def _windows(self, seen: bytes) -> Iterator[bytes]:
        overlap = max(map(len, self._together))
        for start in range(0, len(seen), _WINDOW):
            yield seen[start : start + _WINDOW + overlap]


def _pattern(key: Loose) -> bytes:
    left = " " if key.wildcard is Wildcard.PREFIX else ""
    right = " " if key.wildcard is Wildcard.SUFFIX else ""
    return f"{left}{key.text}{right}".encode("utf-8", "surrogatepass")
