"""The fields of a query: which there are, and what each reads of its value."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from luister.query.errors import QueryError
from luister.query.normalize import normalize
from luister.query.parsing.scanner import Lexeme, Sign, shown
from luister.query.parsing.terms import LEAST_PREFIX, read_term
from luister.query.parsing.values import read_moment, read_number, read_sla
from luister.query.prepared import normalize_name
from luister.query.tree import Address, Author, CaseIs, In, Is, Node, Part, Since, Site, Wildcard

CHOICES: Mapping[str, tuple[str, ...]] = {
    "type": ("post", "reply", "comment", "message", "review", "article", "broadcast", "call"),
    "sentiment": ("positive", "neutral", "negative"),
    "says": (
        "question", "complaint", "compliment", "remark", "idea", "error", "crisis", "lead", "request", "thanks", "spam",
    ),
    "has": ("link", "media", "question"),
    "is": ("public", "private", "inbound", "outbound", "edited"),
    "status": ("open", "waiting", "completed", "closed"),
    "kind": ("reactive", "proactive"),
}  # fmt: skip
# What people write who do not know our names: other tools' and Dutch ones.
OTHER_NAMES: Mapping[str, str] = {
    "from": "author", "van": "author", "auteur": "author", "user": "author", "by": "author",
    "titel": "title", "tekst": "text", "body": "text", "netwerk": "network", "source": "network", "bron": "network",
    "domain": "site", "domein": "site", "link": "url", "adres": "url", "soort": "type", "taal": "lang",
    "language": "lang", "toon": "sentiment", "stemming": "sentiment", "zegt": "says", "thema": "topic",
    "tag": "label", "beoordeling": "rating", "cijfer": "rating", "bereik": "reach", "volgers": "followers",
    "since": "after", "sinds": "after", "na": "after", "until": "before", "tot": "before", "voor": "before",
    "heeft": "has", "state": "status", "toegewezen": "assignee", "prioriteit": "priority", "kanaal": "channel",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A field by name, and what makes a tree of one of its values."""

    name: str
    read: Callable[[str, Lexeme], Node]


def known_field(written: Lexeme) -> Field:
    """Return the field that stands at a place.

    Raises:
        QueryError: there is no such field.
    """
    known = FIELDS.get(written.text.lower())
    if known is None:
        raise QueryError(
            "query.unknown_field", offset=written.start, length=len(written.text),
            field=shown(written.text), nearest=nearest_field(written.text),
        )  # fmt: skip
    return known


def nearest_field(name: str) -> str:
    """Return the field that somebody probably meant."""
    written = name.lower()[:40]
    return OTHER_NAMES.get(written) or difflib.get_close_matches(written, FIELDS, n=1, cutoff=0)[0]


def _error(code: str, value: Lexeme, **values: str) -> QueryError:
    return QueryError(code, offset=value.start, length=value.end - value.start, text=shown(value.text), **values)


def _plain(name: str, value: Lexeme) -> str:
    """Return a value that is compared as it is: no wildcard, and not empty."""
    if "*" in normalize(value.text):
        raise _error("query.wildcard_field", value, field=name)
    if not value.text.strip():
        raise _error("query.nothing", value)
    return value.text.strip()


def _part(name: str, value: Lexeme) -> Node:
    if value.sign is Sign.TERM and value.text.startswith("-"):
        raise QueryError("query.minus_in_field", offset=value.start, length=1, field=name)
    return In(Part(name), read_term(value))


def _author(_name: str, value: Lexeme) -> Node:
    is_name = value.sign is Sign.QUOTED
    text = normalize(value.text)
    stem = text.removesuffix("*")
    if "*" in stem:
        raise _error("query.wildcard_author", value)
    goes_on = stem != text
    if is_name:
        # A space before the star counts: "jan *" goes on with another name.
        stem = normalize_name(stem) + (" " if goes_on and stem[-1:].isspace() and stem.strip() else "")
    else:
        stem = stem.removeprefix("@")
    if goes_on and len(stem.strip()) < LEAST_PREFIX:
        raise _error("query.wildcard_short", value, least=str(LEAST_PREFIX))
    if not stem:
        raise _error("query.nothing", value)
    return Author(stem, is_name, Wildcard.PREFIX if goes_on else Wildcard.NONE)


def _site(name: str, value: Lexeme) -> Node:
    domain = _plain(name, value).lower().removesuffix(".")
    if not domain or any(character in "/:@" or character.isspace() for character in domain):
        raise _error("query.bad_site", value)
    return Site(domain)


def _address(name: str, value: Lexeme) -> Node:
    return Address(_plain(name, value).lower())


def _open(name: str, value: Lexeme) -> Node:
    return Is(name, normalize_name(_plain(name, value)))


def _case(name: str, value: Lexeme) -> Node:
    return CaseIs(name, normalize_name(_plain(name, value)))


def _choice(name: str, value: Lexeme) -> str:
    chosen = normalize_name(_plain(name, value))
    if chosen not in CHOICES[name]:
        raise _error("query.unknown_value", value, field=name, known=", ".join(CHOICES[name]))
    return chosen


def _closed(name: str, value: Lexeme) -> Node:
    return Is(name, _choice(name, value))


def _closed_case(name: str, value: Lexeme) -> Node:
    return CaseIs(name, _choice(name, value))


def _number(name: str, value: Lexeme) -> Node:
    return read_number(name, _plain(name, value), value)


def _moment(name: str, value: Lexeme) -> Node:
    return Since(read_moment(name, _plain(name, value), value), is_before=name == "before")


def _sla(name: str, value: Lexeme) -> Node:
    return CaseIs(name, read_sla(_plain(name, value), value))


_READERS: Mapping[Callable[[str, Lexeme], Node], str] = {
    _part: "title text", _author: "author", _open: "network lang topic label", _site: "site", _address: "url",
    _closed: "type sentiment says has is", _number: "rating reach followers", _moment: "after before",
    _closed_case: "status kind", _case: "assignee team priority channel", _sla: "sla",
}  # fmt: skip
FIELDS: Mapping[str, Field] = {
    name: Field(name, reader) for reader, names in _READERS.items() for name in names.split()
}
