"""A post, made ready for many queries."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from urllib.parse import urlsplit

from luister.query.addresses import cut_addresses
from luister.query.documents import Document
from luister.query.normalize import normalize
from luister.query.tokens import GAP, Kind, Piece, pieces

Positions = Sequence[int]  # ascending


def normalize_name(text: str) -> str:
    """Return a name as names are compared: normalised, with single spaces."""
    return " ".join(normalize(text).split())


class Prepared:
    """What queries ask of a post, each worked out when first asked for.

    Its tokens take positions: those of the title from 0, those of the text from `text_start`.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        title, title_addresses = cut_addresses(document.title)
        text, text_addresses = cut_addresses(document.text)
        self.title = normalize(title)
        self.text = normalize(text)
        self._text_addresses = [*title_addresses, *text_addresses]

    @cached_property
    def _pieces(self) -> tuple[list[Piece], list[Piece]]:
        return list(pieces(self.title)), list(pieces(self.text))

    @cached_property
    def text_start(self) -> int:
        """The position of the first token of the text."""
        return len(self._pieces[0]) + GAP

    @cached_property
    def _by_kind(self) -> Mapping[Kind, dict[str, list[int]]]:
        found: dict[Kind, dict[str, list[int]]] = {kind: {} for kind in Kind}
        words = found[Kind.WORD]
        for first, part in zip((0, self.text_start), self._pieces, strict=True):
            for position, piece in enumerate(part, first):
                key = f"{piece.text}@{piece.domain}" if piece.kind is Kind.MENTION else piece.text
                found[piece.kind].setdefault(key, []).append(position)
                if piece.kind is Kind.HASHTAG:
                    words.setdefault(piece.text, []).append(position)
        return found

    @property
    def words(self) -> Mapping[str, Positions]:
        """The words, those of hashtags among them, and where each stands."""
        return self._by_kind[Kind.WORD]

    @property
    def hashtags(self) -> Mapping[str, Positions]:
        """The hashtags, without `#`, and where each stands."""
        return self._by_kind[Kind.HASHTAG]

    @property
    def mentions(self) -> Mapping[str, Positions]:
        """The mentions as `handle@domain`, where the domain may be empty, and where each stands."""
        return self._by_kind[Kind.MENTION]

    @property
    def emoji(self) -> Mapping[str, Positions]:
        """The emoji and where each stands."""
        return self._by_kind[Kind.EMOJI]

    @cached_property
    def addresses(self) -> Sequence[str]:
        """Every address: the post's own, those in `links` and those in title and text; lower case."""
        every = [self.document.url, *self.document.links, *self._text_addresses]
        return [address.lower() for address in every if address]

    @cached_property
    def has_link(self) -> bool:
        """Whether the post points somewhere; its own address does not count."""
        return bool(self._text_addresses) or any(self.document.links)

    @cached_property
    def host(self) -> str:
        """The host of the post's own address, or nothing."""
        try:
            host = urlsplit(self.document.url).hostname
        except ValueError:  # an address that is none, such as one with half a bracket
            return ""
        return (host or "").removesuffix(".")

    @cached_property
    def author(self) -> str:
        """The author's handle, normalised and without its first `@`."""
        return normalize(self.document.author.strip()).removeprefix("@")

    @cached_property
    def author_name(self) -> str:
        """The author's display name, as names are compared."""
        return normalize_name(self.document.author_name)

    @cached_property
    def values(self) -> Mapping[str, frozenset[str]]:
        """The normalised values of the fields that a post has by name; a missing one is an empty set."""
        document = self.document
        return {
            "network": _names([document.network]),
            "type": _names([document.type]),
            "lang": _names([document.lang]),
            "sentiment": _names([document.sentiment]),
            "says": _names(document.says or ()),
            "topic": _names(document.topics),
            "label": _names(document.labels),
            "has": frozenset(self._has()),
            "is": frozenset(self._is()),
        }

    def _has(self) -> list[str]:
        asks = "?" in self.title or "?" in self.text
        found = {"link": self.has_link, "media": bool(self.document.media), "question": asks}
        return [name for name, is_there in found.items() if is_there]

    def _is(self) -> list[str]:
        document = self.document
        found = {
            "public": document.public is True, "private": document.public is False,
            "inbound": document.inbound is True, "outbound": document.inbound is False,
            "edited": document.edited is True,
        }  # fmt: skip
        return [name for name, is_so in found.items() if is_so]


def _names(values: Sequence[str | None]) -> frozenset[str]:
    return frozenset(normalize_name(value) for value in values if value)


def prepare(document: Document) -> Prepared:
    """Make a post ready for many queries."""
    return Prepared(document)
