"""The header block of a mail: splitting it, and reading words, ids, parameters and dates in it.

The standard library's parser of header values is not used: 10,000 addresses take it five seconds, and mails
from the wild make it raise. What stands here is linear and never raises.
"""

import binascii
import quopri
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from luister.connectors.email.charsets import Decoded, clean, decode

MAX_BLOCK_BYTES = 2_000_000
MAX_HEADERS = 2_000
MAX_IDS = 100

# A line of spaces ends the headers only when no header or folded line follows: broken senders fold that way.
_END = re.compile(rb"\r?\n(?:\r?\n|[ \t]+\r?\n(?![ \t]*+[!-9;-~]{1,200}[ \t]*:|[ \t]+[^\s]))")
_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*")
_NO_HEADER = re.compile(rb"^(?!>?From |[ \t]|[!-9;-~]{1,200}[ \t]*:)", re.MULTILINE)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,2000})\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_ID = re.compile(r"<\s*([^<>\s]{1,900}?)\s*>")
_BARE_ID = re.compile(r"[^<>\s,;\"()]{1,450}@[^<>\s,;\"()]{1,450}")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(byte for byte in range(256) if byte not in _BASE64)
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")


class Headers:
    """The headers of one part, in order, by name in lower case; values are raw bytes without folding."""

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self._fields = fields
        # Raw bytes in a header are most likely in the charset of the text below it.
        content_type = next((value for name, value in fields if name == "content-type"), b"")
        charset = _CHARSET.search(content_type[:2_000])
        self._charset = charset[1].decode("ascii") if charset else ""

    def __contains__(self, name: str) -> bool:
        return any(field == name for field, _ in self._fields)

    @property
    def names(self) -> list[str]:
        """The names that occur."""
        return [name for name, _ in self._fields]

    def raw_all(self, name: str) -> list[str]:
        """Return every value of a header as text, encoded words left as they are."""
        values = (value for field, value in self._fields if field == name)
        return [" ".join(decode(value, charset=self._charset).text.split()) for value in values]

    def raw(self, name: str) -> str:
        """Return the first value as text, "" where there is none."""
        values = self.raw_all(name)
        return values[0] if values else ""

    def text(self, name: str) -> Decoded:
        """Return the first value with its encoded words (RFC 2047) read, on one line."""
        words = decode_words(self.raw(name))
        return Decoded(" ".join(words.text.split()), words.lossy)

    def ids(self, name: str) -> tuple[str, ...]:
        """Return the message ids of a header such as References, each with angle brackets, in order."""
        found: dict[str, None] = {}
        for value in self.raw_all(name):
            ids = _ID.findall(value) or _BARE_ID.findall(value)
            found.update(dict.fromkeys(f"<{id_}>" for id_ in ids))
        return tuple(found)[-MAX_IDS:]

    def token(self, name: str) -> str:
        """Return the first value up to its first semicolon, in lower case, comments and spaces gone."""
        value = re.sub(r"\([^()]{0,500}\)", "", self.raw(name)).partition(";")[0]
        return "".join(value.split()).lower()

    def parameter(self, name: str, parameter: str) -> str:
        """Return a parameter of a header such as Content-Type (RFC 2231 continuations too)."""
        raw = self.raw(name)[:4_000]  # the standard library is quadratic here
        try:
            message = Message()
            message[name] = raw
            value = message.get_param(parameter, header=name)
        except (ValueError, LookupError, TypeError, AttributeError):
            return ""
        if isinstance(value, tuple):  # RFC 2231: charset, language, percent-decoded text
            charset, _, text = value
            return decode(text.encode("latin-1", errors="replace"), charset=charset or "").text
        return decode_words(value or "").text.strip()

    def date(self) -> datetime | None:
        """Return the Date header, aware, in UTC; None where there is none that can be read."""
        try:
            parsed = parsedate_to_datetime(decode_words(self.raw("date")[:200]).text)
            aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
            return aware.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None


def split_headers(data: bytes, *, start: int, end: int) -> tuple[Headers, int]:
    """Return the headers at `start` and where the body after them begins, never past `end`."""
    if data.startswith((b"\n", b"\r\n"), start, end):
        return Headers([]), data.index(b"\n", start) + 1
    limit = min(end, start + MAX_BLOCK_BYTES)
    found = _END.search(data, start, limit)
    if found:
        return Headers(_fields(data[start : found.start()])), found.end()
    # No empty line: the body begins at the first line that is no header.
    no_header = _NO_HEADER.search(data, start, limit)
    body = no_header.start() if no_header else limit
    return Headers(_fields(data[start:body])), body


def decode_words(value: str) -> Decoded:
    """Return a header's text with its encoded words read; neighbours in one charset are read as one."""
    if "=?" not in value:
        return Decoded(clean(value))
    parts: list[str] = []
    pending: list[bytes] = []
    pending_charset, lossy, position = "", False, 0

    def flush() -> None:
        nonlocal lossy
        if pending:
            decoded = decode(b"".join(pending), charset=pending_charset)
            parts.append(decoded.text)
            lossy = lossy or decoded.lossy
            pending.clear()

    joined = _BETWEEN_WORDS.sub(r"\1", value)
    for match in _WORD.finditer(joined):
        charset = match[1].partition("*")[0].lower()
        if match.start() != position or charset != pending_charset:
            flush()
        parts.append(joined[position : match.start()])
        pending_charset, position = charset, match.end()
        pending.append(_word_bytes(match[2], match[3]))
    flush()
    parts.append(joined[position:])
    return Decoded(clean("".join(parts)), lossy)


def visible(text: str) -> str:
    """Return a name or subject on one line, without characters that hide or turn around others."""
    return " ".join(_INVISIBLE.sub("", text).split())


def base64_bytes(data: bytes) -> bytes:
    """Return what base64 says, reading past whatever is no base64."""
    end = data.find(b"=")
    pure = (data[:end] if end >= 0 and data.count(b"=") <= 2 else data).translate(None, _NOT_BASE64)
    pure = pure[:-1] if len(pure) % 4 == 1 else pure
    return binascii.a2b_base64(pure + b"=" * (-len(pure) % 4))


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", errors="replace")
    if encoding in "bB":
        return base64_bytes(data)
    return quopri.decodestring(data.replace(b"_", b" "), header=False)


def _fields(block: bytes) -> list[tuple[str, bytes]]:
    fields: list[tuple[str, list[bytes]]] = []
    for line in block.splitlines():
        if line[:1] in (b" ", b"\t"):
            if fields:
                fields[-1][1].append(line)
            continue
        match = _NAME.match(line)
        if match and len(fields) < MAX_HEADERS:
            fields.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
    return [(name, b"\n".join(lines)) for name, lines in fields]
