"""What a query says: an immutable tree. Words in it are normalised as those of a post are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum


class Wildcard(StrEnum):
    """Where a word may go on."""

    NONE = "none"
    PREFIX = "prefix"  # vertrag*
    SUFFIX = "suffix"  # *vertraging
    INFIX = "infix"  # *vertrag*


class Part(StrEnum):
    """A part of a post that a term can be confined to."""

    TITLE = "title"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or with a wildcard every word that starts with it, ends with it or contains it."""

    text: str
    wildcard: Wildcard = Wildcard.NONE


@dataclass(frozen=True, slots=True)
class Hashtag:
    """A hashtag, without its `#`."""

    text: str
    wildcard: Wildcard = Wildcard.NONE


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention, without its first `@`.

    Without a domain it finds its handle, and handles that go on after a point, at any domain.
    """

    handle: str
    domain: str = ""
    wildcard: Wildcard = Wildcard.NONE


@dataclass(frozen=True, slots=True)
class Emoji:
    """An emoji, without skin tones and variation selectors."""

    text: str


Token = Word | Hashtag | Mention | Emoji


@dataclass(frozen=True, slots=True)
class Phrase:
    """At least two tokens that stand side by side."""

    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """Operands that stand near each other: a chain of at least two, grouped from the left.

    `distances[i]` is how many positions there may be between what the first `i + 1` operands found together and
    operand `i + 1`, which stands on either side of that and overlaps nothing of it. A chain is flat, so that a tree is
    never deeper than its query was nested.
    """

    operands: "tuple[Operand, ...]"
    distances: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class In:
    """A term (a token or phrase) in one part of the post alone: `title:` and `text:`."""

    part: Part
    term: Token | Phrase


@dataclass(frozen=True, slots=True)
class Author:
    """The author's handle, or where `is_name` the whole display name; both normalised."""

    text: str
    is_name: bool = False
    wildcard: Wildcard = Wildcard.NONE


@dataclass(frozen=True, slots=True)
class Site:
    """The host of the post's address, or a domain that it is under; lower case."""

    domain: str


@dataclass(frozen=True, slots=True)
class Address:
    """Text contained in any address of the post; lower case and not otherwise normalised."""

    text: str


@dataclass(frozen=True, slots=True)
class Is:
    """A value that a field of the post has: network, type, lang, sentiment, says, topic, label, has and is."""

    field: str
    value: str  # normalised; for topic and label the normalised name


@dataclass(frozen=True, slots=True)
class Number:
    """A number between bounds: rating, reach and followers; None is no bound."""

    field: str
    low: Decimal | None = None
    high: Decimal | None = None
    low_counts: bool = True
    high_counts: bool = True


@dataclass(frozen=True, slots=True)
class Since:
    """Published at a moment or later (`after:`), or where `is_before` earlier than that (`before:`).

    A datetime without a zone is in the reader's; an age counts back from when the search or run started.
    """

    moment: datetime | timedelta
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class CaseIs:
    """A case's own: status, assignee, team, priority, channel, sla and kind; never true of a post."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """What its part is not true of."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """At least two parts, all true."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """At least two parts, one of them true."""

    parts: "tuple[Node, ...]"


Operand = Token | Phrase | Or  # of tokens and phrases, and Ors of those
Node = (
    Word | Hashtag | Mention | Emoji | Phrase | Near | In | Author | Site | Address | Is | Number | Since | CaseIs
    | Not | And | Or
)  # fmt: skip


def leaves(node: Node) -> list[Node]:
    """Return everything that a query tests, from left to right."""
    if isinstance(node, And | Or):
        return [leaf for part in node.parts for leaf in leaves(part)]
    return leaves(node.part) if isinstance(node, Not) else [node]
