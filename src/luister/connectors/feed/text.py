"""Characters and moments as feeds write them."""

import codecs
import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from luister.markup.text import html_to_text

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED: Final = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_CDATA: Final = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_SESSION: Final = re.compile(r"([?&;](?:amp;)?)(?:sid|PHPSESSID|s)=[0-9a-f]{32}(&(?:amp;)?)?", re.IGNORECASE)
# XML allows no others; PostgreSQL stores no NUL.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_NEVER: Final = frozenset({"utf-7", "utf7"})  # hides tags from whoever looks for them


def decoded(content: bytes, *, headers: Mapping[str, str]) -> str:
    """Return a document as text, by its byte order mark, its declaration, its header, or what fits."""
    for bom, name in _BOMS:
        if content.startswith(bom):
            return _clean(content[len(bom) :].decode(name, "replace"))
    declared = _DECLARED.match(content[:400])
    charset = _CHARSET.search(headers.get("content-type", ""))
    named = [declared[1].decode() if declared else "", charset[1] if charset else "", "utf-8"]
    for name in named:
        if name and name.lower() not in _NEVER:
            try:
                return _clean(content.decode(name))
            except (LookupError, UnicodeError):
                continue
    if _is_cut_utf8(content):
        return _clean(content.decode("utf-8", "replace"))
    return _clean(content.decode("windows-1252", "replace"))


def plain(inner: str) -> str:
    """Return what an element says as one line, without any markup."""
    unwrapped = _CDATA.sub(lambda found: html.escape(found[1], quote=False), inner)
    shown = html.unescape(re.sub(r"<[^<>]*>", " ", unwrapped))
    return " ".join((html_to_text(shown) if "<" in shown else html.unescape(shown)).split())


def value(inner: str) -> str:
    """Return what an element holds where that is a name or an address: no markup is expected in it."""
    unwrapped = _CDATA.sub(lambda found: html.escape(found[1], quote=False), inner)
    return html.unescape(unwrapped).strip()


def without_session(address: str) -> str:
    """Return an address without the session that some forums write into it, a new one at each visit."""
    return (
        _SESSION.sub(lambda found: found[1] if found[2] else "", address).rstrip("?") if "sid=" in address else address
    )


def moment(text: str) -> datetime | None:
    """Return a moment as feeds write it (RFC 822 or RFC 3339), in UTC; None when it is not read as one."""
    text = " ".join(text.split())[:60]
    try:
        found = datetime.fromisoformat(text.replace("z", "Z")) if text[:4].isdigit() else parsedate_to_datetime(text)
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _is_cut_utf8(content: bytes) -> bool:
    """Whether only its last character is broken, because the document was cut off there."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(content) - 4
    return True


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text).lstrip("\ufeff")
