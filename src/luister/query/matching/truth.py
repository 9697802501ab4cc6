"""Whether a query finds a post or a case."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from luister.query.matching.moments import Moment, instant
from luister.query.matching.near import finds_near
from luister.query.matching.spans import term_spans, token_positions
from luister.query.prepared import Prepared
from luister.query.tree import (
    Address,
    And,
    Author,
    CaseIs,
    Emoji,
    Hashtag,
    In,
    Is,
    Mention,
    Near,
    Node,
    Not,
    Number,
    Or,
    Part,
    Phrase,
    Since,
    Site,
    Wildcard,
    Word,
)

Leaf = (
    Word | Hashtag | Mention | Emoji | Phrase | Near | In | Author | Site | Address | Is | Number | Since | CaseIs
)  # fmt: skip
OfCase = CaseIs | Is | Since


def matches(node: Node, prepared: Prepared, *, moment: Moment) -> bool:
    """Return whether a query finds a post."""
    return _combined(node, lambda leaf: holds(leaf, prepared, moment=moment))


def holds(leaf: Leaf, prepared: Prepared, *, moment: Moment) -> bool:
    """Return whether something that has no parts is true of a post."""
    return _LEAVES[type(leaf)](leaf, prepared, moment)


def matches_case(node: Node, posts: Sequence[Prepared], *, moment: Moment, is_case: Callable[[OfCase], bool]) -> bool:
    """Return whether a query finds a case.

    `is_case` answers for what a case has of its own: CaseIs always, and beside what its posts have also its own topics
    and labels (Is) and its own moment (Since).
    """

    def is_true(leaf: Leaf) -> bool:
        if isinstance(leaf, CaseIs):
            return is_case(leaf)
        test = _LEAVES[type(leaf)]
        if any(test(leaf, post, moment) for post in posts):
            return True
        if isinstance(leaf, Since) or (isinstance(leaf, Is) and leaf.field in ("topic", "label")):
            return is_case(leaf)
        return False

    return _combined(node, is_true)


def _combined(node: Node, is_true: Callable[[Leaf], bool]) -> bool:
    if isinstance(node, And):
        return all(_combined(part, is_true) for part in node.parts)
    if isinstance(node, Or):
        return any(_combined(part, is_true) for part in node.parts)
    if isinstance(node, Not):
        return not _combined(node.part, is_true)
    return is_true(node)


def _token(token: Word | Hashtag | Mention | Emoji, prepared: Prepared, _moment: Moment) -> bool:
    return bool(token_positions(token, prepared))


def _phrase(phrase: Phrase, prepared: Prepared, _moment: Moment) -> bool:
    return bool(term_spans(phrase, prepared))


def _near(near: Near, prepared: Prepared, _moment: Moment) -> bool:
    return finds_near(near, prepared)


def _in(confined: In, prepared: Prepared, _moment: Moment) -> bool:
    in_title = confined.part is Part.TITLE
    return any((span.start < prepared.text_start) is in_title for span in term_spans(confined.term, prepared))


def _author(author: Author, prepared: Prepared, _moment: Moment) -> bool:
    found = prepared.author_name if author.is_name else prepared.author
    if author.wildcard is Wildcard.PREFIX:
        return found.startswith(author.text)
    if not author.is_name and "@" not in author.text:
        found = found.partition("@")[0]
    return found == author.text


def _site(site: Site, prepared: Prepared, _moment: Moment) -> bool:
    return prepared.host == site.domain or prepared.host.endswith(f".{site.domain}")


def _address(address: Address, prepared: Prepared, _moment: Moment) -> bool:
    return any(address.text in one for one in prepared.addresses)


def _is(field: Is, prepared: Prepared, _moment: Moment) -> bool:
    return field.value in prepared.values[field.field]


def _number(bounds: Number, prepared: Prepared, _moment: Moment) -> bool:
    number: Decimal | None = getattr(prepared.document, bounds.field)
    if number is None:
        return False
    if bounds.low is not None and (number < bounds.low or (number == bounds.low and not bounds.low_counts)):
        return False
    return bounds.high is None or number < bounds.high or (number == bounds.high and bounds.high_counts)


def _since(since: Since, prepared: Prepared, moment: Moment) -> bool:
    published = prepared.document.published_at
    return published is not None and (published < instant(since, moment)) is since.is_before


def _case_is(_field: CaseIs, _prepared: Prepared, _moment: Moment) -> bool:
    return False


_LEAVES: dict[type, Callable[..., bool]] = {
    Word: _token, Hashtag: _token, Mention: _token, Emoji: _token, Phrase: _phrase, Near: _near, In: _in,
    Author: _author, Site: _site, Address: _address, Is: _is, Number: _number, Since: _since, CaseIs: _case_is,
}  # fmt: skip
