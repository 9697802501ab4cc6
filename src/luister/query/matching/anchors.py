"""The anchor of a query: the rarest keys of which any post that it finds has one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from luister.query.matching.keys import Key, Loose, field_key, token_key, written_key
from luister.query.matching.rarity import Rarity
from luister.query.matching.spans import terms_of
from luister.query.tree import (
    And,
    Author,
    Emoji,
    Hashtag,
    In,
    Is,
    Mention,
    Near,
    Node,
    Not,
    Operand,
    Or,
    Phrase,
    Site,
    Wildcard,
    Word,
)


class Hook(NamedTuple):
    """Keys of an anchor, and what else must be true of a post that has one of them: all of `rest`."""

    keys: tuple[Key, ...]
    rest: tuple[Node, ...] = ()


class Anchor(NamedTuple):
    """Where a query waits; `share` estimates which share of posts reaches it, and may exceed 1."""

    hooks: tuple[Hook, ...]
    share: float

    def every_key(self) -> Iterator[Key]:
        """Yield every key; one may come twice."""
        for hook in self.hooks:
            yield from hook.keys


def anchor_of(node: Node, rarity: Rarity) -> Anchor | None:
    """Return the anchor of a query; None for one that has none, which asks only for what no key tells.

    Those are negations, numbers, moments, texts within addresses, a case's own, and an OR with one of them.
    """
    if isinstance(node, And):
        found = _rarest(node.parts, rarity)
        return found and Anchor(_hooks_at(node, found[1], rarity), found[0])
    share = _share(node, rarity)
    return None if share is None else Anchor(_hooks(node, rarity), share)


def share_now(anchor: Anchor, rarity: Rarity) -> float:
    """Return which share of posts reaches an anchor, as is known by now."""
    return sum(map(rarity.share, anchor.every_key()))


class Left(NamedTuple):
    """What is left of a query at one of its hooks: a post must have one of `needed` and none of `banned`.

    Without keys that tell more than the hook does, `needed` is empty. `rest` is what no keys decide.
    """

    needed: frozenset[str]
    banned: frozenset[str]
    rest: tuple[Node, ...]


def left_of(hook: Hook, rarity: Rarity) -> Left:
    """Return what is left to ask of a post that has a key of a hook."""
    banned: set[str] = set()
    rest: list[Node] = []
    for node in hook.rest:
        keys = exact_keys(node.part) if isinstance(node, Not) else None
        if keys:
            banned |= keys
        else:
            rest.append(node)
    needed, place, is_all = _needed(rest, rarity, at=frozenset(hook.keys))
    if is_all:
        del rest[place]
    return Left(needed, frozenset(banned), tuple(rest))


def _needed(nodes: Sequence[Node], rarity: Rarity, *, at: frozenset[Key]) -> tuple[frozenset[str], int, bool]:
    """Return the rarest keys of which one is needed beside those at hand, and the place of the node that says so.

    The truth at the end is whether the node says nothing more.
    """
    best: tuple[float, frozenset[str], int, bool] = (float("inf"), frozenset(), -1, False)
    for place, node in enumerate(nodes):
        whole = exact_keys(node)
        if whole:
            best = min(best, (_sum_of(whole, rarity), whole, place, True), key=lambda one: one[0])
            continue
        for part in node.tokens if isinstance(node, Phrase) else node.operands if isinstance(node, Near) else (node,):
            if _share(part, rarity) is None:
                continue
            keys = frozenset(key for hook in _hooks(part, rarity) for key in hook.keys)
            telling = frozenset(key for key in keys if not isinstance(key, Loose) and key[0] != ":")
            if len(telling) == len(keys) and not telling <= at:
                best = min(best, (_sum_of(telling, rarity), telling, place, False), key=lambda one: one[0])
    return best[1:]


def _sum_of(keys: frozenset[str], rarity: Rarity) -> float:
    return sum(map(rarity.share, keys))


def exact_key(node: Node) -> str | None:
    """Return the key that a post has when a node is true of it and only then; None where there is none."""
    if isinstance(node, Word | Hashtag | Mention | Emoji):
        key = token_key(node)
        return None if isinstance(key, Loose) else key
    return None


def exact_keys(node: Node) -> frozenset[str]:
    """Return the keys of which a post has one when a node is true of it and only then; empty where there are none."""
    parts = node.parts if isinstance(node, Or) else (node,)
    keys = [exact_key(part) for part in parts]
    return frozenset(key for key in keys if key is not None) if None not in keys else frozenset()


def _share(node: Node, rarity: Rarity) -> float | None:
    """Return the share of posts that the anchor of a node would have; None where it can have none."""
    if type(node) is Word and node.wildcard is Wildcard.NONE:  # nearly all are
        return rarity.share(node.text)
    find = _SHARES.get(type(node))
    return find(node, rarity) if find else None


def _rarest(nodes: Sequence[Node], rarity: Rarity) -> tuple[float, int] | None:
    """Return the least share and which of the nodes has it."""
    shares = [(share, place) for place, node in enumerate(nodes) if (share := _share(node, rarity)) is not None]
    return min(shares, default=None)


def _least(nodes: Sequence[Node], rarity: Rarity) -> float | None:
    found = _rarest(nodes, rarity)
    return found and found[0]


def _sum(nodes: Sequence[Node], rarity: Rarity) -> float | None:
    total = 0.0
    for node in nodes:
        share = _share(node, rarity)
        if share is None:
            return None
        total += share
    return total


_SHARES: dict[type, Callable[[Any, Rarity], float | None]] = {
    **dict.fromkeys((Word, Hashtag, Mention, Emoji), lambda node, rarity: rarity.share(token_key(node))),
    **dict.fromkeys((Author, Is, Site), lambda node, rarity: rarity.share(field_key(node))),
    Phrase: lambda node, rarity: _least(node.tokens, rarity),
    In: lambda node, rarity: _share(node.term, rarity),
    Near: lambda node, rarity: _least(node.operands, rarity),
    And: lambda node, rarity: _least(node.parts, rarity),
    Or: lambda node, rarity: _sum(node.parts, rarity),
}


def _hooks(node: Node, rarity: Rarity) -> tuple[Hook, ...]:  # noqa: PLR0911 - one for each kind of node
    """Return the hooks of a node that has an anchor."""
    match node:
        case Author():
            return (Hook((field_key(node),), (node,)),)
        case Is() | Site():
            return (Hook((field_key(node),)),)
        case Phrase():
            return tuple(Hook(hook.keys, (node,)) for hook in _hooks(node.tokens[_place(node.tokens, rarity)], rarity))
        case In():
            return tuple(Hook(hook.keys, (node,)) for hook in _hooks(node.term, rarity))
        case Near():
            operand = node.operands[_place(node.operands, rarity)]
            keys = [key for term in terms_of(operand) for hook in _hooks(term, rarity) for key in hook.keys]
            return (Hook(tuple(dict.fromkeys(keys)), (node,)),)
        case And():
            return _hooks_at(node, _place(node.parts, rarity), rarity)
        case Or():
            return _joined([hook for part in node.parts for hook in _hooks(part, rarity)])
        case Word() | Hashtag() | Mention() | Emoji():
            return (Hook((token_key(node),)),)
    raise AssertionError(node)  # whatever has a share has hooks


def _hooks_at(node: And, chosen: int, rarity: Rarity) -> tuple[Hook, ...]:
    """Return the hooks of one part, with all others left to ask."""
    others = node.parts[:chosen] + node.parts[chosen + 1 :]
    return tuple(Hook(hook.keys, hook.rest + others) for hook in _hooks(node.parts[chosen], rarity))


def _place(nodes: "Sequence[Node] | Sequence[Operand]", rarity: Rarity) -> int:
    found = _rarest(nodes, rarity)
    assert found is not None
    return found[1]


def _joined(hooks: list[Hook]) -> tuple[Hook, ...]:
    """Return hooks with those that want nothing more as one."""
    alone = [key for hook in hooks if not hook.rest for key in hook.keys]
    others = tuple(hook for hook in hooks if hook.rest)
    return (Hook(tuple(dict.fromkeys(alone))), *others) if alone else others


def anchor_words(node: Node) -> list[str] | None:
    """Return a query's anchor as queries write it, the way it is chosen before any post was seen; None without one."""
    anchor = anchor_of(node, Rarity())
    return None if anchor is None else [written_key(key) for key in dict.fromkeys(anchor.every_key())]
