"""A post, made ready for many queries."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from luister.query.addresses import cut_addresses
from luister.query.documents import Document
from luister.query.lazily import lazily
from luister.query.normalize import normalize
from luister.query.plain import NO_TOKENS, NO_WORD, Plain, read_tokens
from luister.query.tokens import GAP, Kind, pieces

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
        self._title, self._title_addresses = cut_addresses(document.title) if document.title else ("", [])
        self._text, self._text_addresses = cut_addresses(document.text)

    @lazily
    def title(self) -> str:
        """The title, normalised and without addresses."""
        return normalize(self._title)

    @lazily
    def text(self) -> str:
        """The text, normalised and without addresses."""
        return normalize(self._text)

    @lazily
    def tokens(self) -> tuple[Plain, Plain]:
        """The tokens of the title and those of the text."""
        return read_tokens(self._title) if self.document.title else NO_TOKENS, read_tokens(self._text)

    @lazily
    def text_start(self) -> int:
        """The position of the first token of the text."""
        return len(self.tokens[0][0]) + GAP

    @lazily
    def words(self) -> Mapping[str, Positions]:
        """The words, those of hashtags among them, and where each stands."""
        found: dict[str, list[int]] = {}
        for first, (tokens, _) in zip((0, self.text_start), self.tokens, strict=True):
            for position, token in enumerate(tokens, first):
                if token in found:
                    found[token].append(position)
                elif token[0] not in NO_WORD:
                    found[token] = [position]
        return found

    @lazily
    def _by_kind(self) -> Mapping[Kind, dict[str, list[int]]]:
        found: dict[Kind, dict[str, list[int]]] = {kind: {} for kind in Kind}
        for first, text in ((0, self.title), (self.text_start, self.text)):
            for position, piece in enumerate(pieces(text), first):
                key = f"{piece.text}@{piece.domain}" if piece.kind is Kind.MENTION else piece.text
                found[piece.kind].setdefault(key, []).append(position)
        return found

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

    @lazily
    def addresses(self) -> Sequence[str]:
        """Every address: the post's own, those in `links` and those in title and text; lower case."""
        every = [self.document.url, *self.document.links, *self._title_addresses, *self._text_addresses]
        return [address.lower() for address in every if address]

    @lazily
    def has_link(self) -> bool:
        """Whether the post points somewhere; its own address does not count."""
        return bool(self._title_addresses or self._text_addresses) or any(self.document.links)

    @lazily
    def host(self) -> str:
        """The host of the post's own address, or nothing."""
        try:
            host = urlsplit(self.document.url).hostname
        except ValueError:  # an address that is none, such as one with half a bracket
            return ""
        return (host or "").removesuffix(".")

    @lazily
    def author(self) -> str:
        """The author's handle, normalised and without its first `@`."""
        return normalize(self.document.author.strip()).removeprefix("@")

    @lazily
    def author_name(self) -> str:
        """The author's display name, as names are compared."""
        return normalize_name(self.document.author_name)

    @lazily
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
