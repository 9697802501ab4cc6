"""What is left to check of a query once its anchor is there, as functions that ask as little as they can."""

from collections.abc import Callable, Sequence
from functools import reduce

from luister.query.matching.anchors import exact_key, exact_keys
from luister.query.matching.keys import Loose, token_key
from luister.query.matching.sighting import INFERRED, Sighting
from luister.query.matching.spans import terms_of
from luister.query.matching.truth import Leaf, holds
from luister.query.tree import And, Emoji, Hashtag, In, Is, Mention, Near, Node, Not, Or, Phrase, Wildcard, Word

Check = Callable[[Sighting], bool]


def check_all(nodes: Sequence[Node]) -> Check | None:
    """Return what says whether all of these are true of a post; None where there is nothing to ask."""
    wanted: set[str] = set()
    unwanted: set[str] = set()
    others: list[Check] = []
    for node in nodes:
        negated = node.part if isinstance(node, Not) else None
        if (key := exact_key(node)) is not None:
            wanted.add(key)
        elif negated is not None and (keys := exact_keys(negated)):
            unwanted |= keys
        else:
            others.append(check_of(node))
    checks: list[Check] = []
    if wanted:
        checks.append(_has_all(frozenset(wanted)))
    if unwanted:
        checks.append(_has_none(frozenset(unwanted)))
    return _all(checks + others)


def check_of(node: Node) -> Check:  # noqa: PLR0911 - one for each kind of node
    """Return what says whether a node is true of a post."""
    match node:
        case And():
            return check_all(node.parts) or _nothing_to_ask
        case Or():
            keys = {key for part in node.parts if (key := exact_key(part)) is not None}
            others = [check_of(part) for part in node.parts if exact_key(part) is None]
            return _any(([_has_any(frozenset(keys))] if keys else []) + others)
        case Not():
            return _not(check_of(node.part))
        case Near():
            operands = [check_of(_as_or(list(terms_of(operand)))) for operand in node.operands]
            return _all([*operands, _holds(node)]) or _nothing_to_ask
        case In():
            return _all([check_of(node.term), _holds(node)]) or _nothing_to_ask
        case Word() | Phrase() if (text := _in_line(node)) is not None:
            return lambda post: text in post.line
        case Hashtag() | Mention() if isinstance(loose := token_key(node), Loose):
            start = f" {loose.text}"  # the only wildcard that these take is a star behind
            return lambda post: start in post.mark_line
        case Word() | Hashtag() | Mention() | Emoji() if (key := exact_key(node)) is not None:
            return _has_any(frozenset({key}))
    return _holds(node)


def _as_or(parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _in_line(term: Word | Phrase) -> str | None:
    """Return what stands in the line of a post that a term finds, and of no other; None where no text says it."""
    tokens = term.tokens if isinstance(term, Phrase) else (term,)
    words = [token for token in tokens if isinstance(token, Word)]
    open_left = {Wildcard.SUFFIX, Wildcard.INFIX}
    open_right = {Wildcard.PREFIX, Wildcard.INFIX}
    if len(words) < len(tokens):
        return None
    if any(word.wildcard in open_left for word in words[1:]) or any(word.wildcard in open_right for word in words[:-1]):
        return None
    left = "" if words[0].wildcard in open_left else " "
    right = "" if words[-1].wildcard in open_right else " "
    return left + " ".join(word.text for word in words) + right


def _has_all(keys: frozenset[str]) -> Check:
    if len(keys) == 1:
        return _has_any(keys)
    return lambda post: keys <= post.keys


def _has_any(keys: frozenset[str]) -> Check:
    if len(keys) == 1:
        (key,) = keys
        return lambda post: key in post.keys
    return lambda post: not keys.isdisjoint(post.keys)


def _has_none(keys: frozenset[str]) -> Check:
    return lambda post: keys.isdisjoint(post.keys)


def _holds(leaf: Leaf) -> Check:
    if isinstance(leaf, Is) and leaf.field in INFERRED:
        return lambda post: holds(leaf, post.complete, moment=post.moment)
    return lambda post: holds(leaf, post.prepared, moment=post.moment)


def _not(check: Check) -> Check:
    return lambda post: not check(post)


def _all(checks: Sequence[Check]) -> Check | None:
    return reduce(_both, reversed(checks)) if checks else None


def _both(later: Check, first: Check) -> Check:
    return lambda post: first(post) and later(post)


def _any(checks: Sequence[Check]) -> Check:
    return reduce(_either, reversed(checks))


def _either(later: Check, first: Check) -> Check:
    return lambda post: first(post) or later(post)


def _nothing_to_ask(_post: Sighting) -> bool:
    return True
