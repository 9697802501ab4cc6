"""Many standing queries against one post after another.

Each query waits at its anchor: a few keys, of which every post that it finds has at least one. A post's keys lead to
the queries that wait there, and only these are asked for the rest of what they want. Queries without an anchor are
asked of every post. How rare keys are is learned on the way; that moves anchors, and never what is found.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from luister.query.documents import Document
from luister.query.matching.anchors import Anchor, anchor_of, left_of, share_now
from luister.query.matching.checks import Check, check_all, check_of
from luister.query.matching.keys import MARKS, Key, Loose
from luister.query.matching.loose import LooseKeys
from luister.query.matching.moments import Moment
from luister.query.matching.rarity import Rarity
from luister.query.matching.sighting import Infer, Sighting
from luister.query.tree import Node

Ident = TypeVar("Ident", bound=Hashable)
_COUNT_EVERY = 8  # of so many posts one is counted
_LOOKS = 64  # at the anchors, each time that as many posts as were ever seen are seen again
_LOOK_EVERY = 1_024  # posts, at the latest
_LEAST = 2_048  # posts, before an anchor is moved
_RARER = 0.8  # of the share that an anchor has: what a better one has at most


# A query that wants more than a key: its number, whether a post's keys miss what it needs, whether they are free of
# what it bans, and what is left to check. A bare tuple, since each post leads to dozens of them.
_Test = Callable[[set[str]], bool]
_Waiting = tuple[int, _Test, _Test | None, Check | None]


class _Spot:
    """What waits at a key: the numbers of queries that it finds by itself, and those that want more."""

    __slots__ = ("sure", "waiting")

    def __init__(self) -> None:
        self.sure: list[int] = []
        self.waiting: list[_Waiting] = []

    def numbers(self) -> list[int]:
        return [*self.sure, *(number for number, _, _, _ in self.waiting)]


@dataclass(slots=True)
class _Standing:
    node: Node
    anchor: Anchor | None
    looked_at: int  # how many posts were counted when the anchor was last looked at


class Matcher(Generic[Ident]):
    """Standing queries by the name that each was put with."""

    def __init__(self, *, infer: Infer | None = None) -> None:
        """Begin without queries.

        Args:
            infer: completes a post that lacks its language, sentiment or what it says; called at most once a post, and
                only when a query has to know.
        """
        self._infer = infer
        self._numbers: dict[Ident, int] = {}  # in the order in which they were first put
        self._idents: dict[int, Ident] = {}
        self._standing: dict[int, _Standing] = {}
        self._next = 0
        self._spots: dict[str, _Spot] = {}
        self._loose_words: LooseKeys[_Spot] = LooseKeys()
        self._loose_marks: LooseKeys[_Spot] = LooseKeys()
        self._fields: Counter[str] = Counter()  # those that anchors look at
        self._everywhere: dict[int, Check] = {}
        self._rarity = Rarity()
        self._posts = 0
        self._look_at = _LEAST  # posts

    def __len__(self) -> int:
        """Return how many queries stand."""
        return len(self._standing)

    def put(self, ident: Ident, node: Node) -> None:
        """Have a query stand, instead of the one of that name if there is one; it takes effect with the next post."""
        number = self._numbers.get(ident)
        if number is None:
            number = self._numbers[ident] = self._next
            self._idents[number] = ident
            self._next += 1
        else:
            self._lift(number)
        self._place(number, _Standing(node, anchor_of(node, self._rarity), self._rarity.posts))

    def remove(self, ident: Ident) -> None:
        """Have a query stand no more.

        Raises:
            KeyError: none of that name does.
        """
        number = self._numbers.pop(ident)
        del self._idents[number]
        self._lift(number)

    def anchors(self) -> Mapping[Ident, Anchor | None]:
        """Return at what each query waits; None for those that are asked of every post."""
        return {ident: self._standing[number].anchor for ident, number in self._numbers.items()}

    def find(self, document: Document, *, moment: Moment) -> list[Ident]:
        """Return the queries that find a post, in the order in which they were first put."""
        post = Sighting(document, moment, self._infer, self._fields)
        found = self._found(post)
        self._posts += 1
        if self._posts % _COUNT_EVERY == 0:
            self._rarity.see(post.keys)
            if self._posts >= self._look_at:
                self._look_at_anchors(post)
                self._look_at = self._posts + min(self._posts // _LOOKS, _LOOK_EVERY)
        return [*map(self._idents.__getitem__, sorted(found))]

    def _found(self, post: Sighting) -> set[int]:
        keys = post.keys
        found: set[int] = set()
        for spot in self._reached(post):
            if spot.sure:
                found.update(spot.sure)
            for number, misses, is_free, check in spot.waiting:
                if not misses(keys) and (is_free is None or is_free(keys)) and (check is None or check(post)):
                    found.add(number)
        found.update([number for number, check in self._everywhere.items() if check(post)])
        return found

    def _reached(self, post: Sighting) -> list[_Spot]:
        spots = [self._spots[key] for key in self._spots.keys() & post.keys]
        if self._loose_words:
            spots += self._loose_words.fitting(post.line)
        if self._loose_marks and post.mark_line:
            spots += self._loose_marks.fitting(post.mark_line)
        return spots

    def _place(self, number: int, standing: _Standing) -> None:
        self._standing[number] = standing
        if standing.anchor is None:
            self._everywhere[number] = check_of(standing.node)
            return
        for hook in standing.anchor.hooks:
            needed, banned, rest = left_of(hook, self._rarity)
            waiting = (
                number,
                needed.isdisjoint if needed else _misses_nothing,
                banned.isdisjoint if banned else None,
                check_all(rest),
            )
            for key in hook.keys:
                spot = self._spot(key)
                if hook.rest:
                    spot.waiting.append(waiting)
                else:
                    spot.sure.append(number)
        for field in _fields_of(standing.anchor):
            self._fields[field] += 1

    def _spot(self, key: Key) -> _Spot:
        if not isinstance(key, Loose):
            return self._spots.setdefault(key, _Spot())
        loose = self._loose(key)
        spot = loose.get(key)
        if spot is None:
            spot = _Spot()
            loose.put(key, spot)
        return spot

    def _loose(self, key: Loose) -> LooseKeys[_Spot]:
        return self._loose_marks if key.text[0] in MARKS else self._loose_words

    def _lift(self, number: int) -> None:
        standing = self._standing.pop(number)
        if standing.anchor is None:
            del self._everywhere[number]
            return
        for key in set(standing.anchor.every_key()):
            spot = self._spot(key)
            spot.sure = [one for one in spot.sure if one != number]
            spot.waiting = [one for one in spot.waiting if one[0] != number]
            if not (spot.sure or spot.waiting):
                if isinstance(key, Loose):
                    self._loose(key).remove(key)
                else:
                    del self._spots[key]
        for field in _fields_of(standing.anchor):
            self._fields[field] -= 1
            if not self._fields[field]:
                del self._fields[field]

    def _look_at_anchors(self, post: Sighting) -> None:
        """Move the anchors that a post reached, if there are far rarer ones.

        Each is looked at when it turns out to be more common than was thought, or much was learned since the last look.
        """
        counted = self._rarity.posts
        for number in {number for spot in self._reached(post) for number in spot.numbers()}:
            standing = self._standing[number]
            if standing.anchor is None:
                continue
            share = share_now(standing.anchor, self._rarity)
            if share < 2 * standing.anchor.share and counted < 4 * standing.looked_at:
                continue
            anchor = anchor_of(standing.node, self._rarity)
            if anchor is not None and anchor.share < _RARER * share:
                self._lift(number)
                self._place(number, _Standing(standing.node, anchor, counted))
            else:
                standing.anchor = standing.anchor._replace(share=share)
                standing.looked_at = counted


def _fields_of(anchor: Anchor) -> Iterator[str]:
    """Yield the fields that an anchor looks at."""
    for key in anchor.every_key():
        text = key.text if isinstance(key, Loose) else key
        if text.startswith(":"):
            yield text[1:].partition(":")[0]


def _misses_nothing(_keys: set[str]) -> bool:
    return False
