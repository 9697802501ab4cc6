"""Queries and posts as JSON Lines: one object a line, as the `match` command reads them."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, NoReturn

from msgspec import Meta, MsgspecError
from msgspec.json import Decoder
from msgspec.structs import force_setattr

from luister.base.errors import SentenceError
from luister.query.documents import Document

_TEXTS = ("title", "author", "author_name", "network", "url", "lang", "sentiment", "type")
_LISTS = ("links", "says", "topics", "labels")
_NUMBERS = ("rating", "reach", "followers")
_TRUTHS = ("public", "inbound", "edited")
_MOST_MEDIA = 1_000_000


class _Line(Document, frozen=True):
    """A post as a library reads it at once, where all of it is as it should be; whole numbers are not made Decimals."""

    rating: int | None = None  # type: ignore[assignment]
    reach: int | None = None  # type: ignore[assignment]
    followers: int | None = None  # type: ignore[assignment]
    published_at: str | None = None  # type: ignore[assignment]
    media: Annotated[int, Meta(ge=0, le=_MOST_MEDIA)] | None = None
    links: list[str] = []
    topics: list[str] = []
    labels: list[str] = []
    says: list[str] | None = None


_DECODER = Decoder(_Line)


class LineError(SentenceError):
    """A line that cannot be used."""


def read_query(line: bytes) -> tuple[str, str]:
    """Return the id and the text of a query.

    Raises:
        LineError: the line holds no query.
    """
    found = _object(line)
    return _required(found, "id"), _required(found, "query")


def read_post(line: bytes) -> Document:
    """Return the post on a line; a value that is null is missing, and a name that is not known is passed over.

    Raises:
        LineError: the line holds no post.
    """
    try:
        read = _DECODER.decode(line.decode())
        if read.published_at is not None:
            force_setattr(read, "published_at", _moment("published_at", read.published_at))
    except (MsgspecError, UnicodeDecodeError, RecursionError):
        return _read_slowly(line)
    return read


def _read_slowly(line: bytes) -> Document:
    """Read a post by hand: for its mistakes to be named, and for what the library does not take (1.5, a null)."""
    found = _object(line)
    values: dict[str, Any] = {"id": _required(found, "id"), "text": _required(found, "text")}
    for name, read in _READERS.items():
        if found.get(name) is not None:
            values[name] = read(name, found[name])
    return Document(**values)


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(
            line.rstrip().decode("utf-8-sig"), parse_int=Decimal, parse_float=Decimal, parse_constant=_no_constant
        )
    except UnicodeDecodeError:
        raise LineError("query.line_encoding") from None
    except json.JSONDecodeError as error:
        raise LineError("query.line_json", place=str(error.pos + 1)) from None
    except RecursionError:
        raise LineError("query.line_object") from None
    if not isinstance(found, dict):
        raise LineError("query.line_object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise LineError("query.line_constant", text=name)


def _required(found: Mapping[str, Any], name: str) -> str:
    if found.get(name) is None:
        raise LineError("query.line_missing", field=name)
    return _text(name, found[name])


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise LineError("query.line_text", field=name)
    return value


def _texts(name: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise LineError("query.line_texts", field=name)
    return value


def _number(name: str, value: object) -> Decimal:
    if not isinstance(value, Decimal):
        raise LineError("query.line_number", field=name)
    return value


def _truth(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise LineError("query.line_truth", field=name)
    return value


def _count(name: str, value: object) -> int:
    if not isinstance(value, Decimal) or not 0 <= value <= _MOST_MEDIA or value != int(value):
        raise LineError("query.line_count", field=name)
    return int(value)


def _moment(name: str, value: object) -> datetime:
    """Return a moment; one without an offset is in UTC."""
    try:
        moment = datetime.fromisoformat(_text(name, value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, LineError):
        raise LineError("query.line_moment", field=name) from None


_READERS: Mapping[str, Callable[[str, object], Any]] = {
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(_LISTS, _texts),
    **dict.fromkeys(_NUMBERS, _number),
    **dict.fromkeys(_TRUTHS, _truth),
    "media": _count,
    "published_at": _moment,
}
