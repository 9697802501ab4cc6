"""The parts of a mail (MIME): one linear pass a level, with limits on depth and number, and repairs.

Works on offsets in the raw bytes, so that nesting costs no memory.
"""

import binascii
import contextlib
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from luister.connectors.email.charsets import Decoded, decode
from luister.connectors.email.headers import Headers, base64_bytes, split_headers
from luister.markup.sanitize import MAX_CONTENT_ID

MAX_DEPTH = 40
MAX_PARTS = 1_000
MAX_TEXT_BYTES = 6_000_000

_BOUNDARY_REST = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_GUESSED_BOUNDARY = re.compile(
    rb"--([^\r\n]{1,100}?)[ \t]*\r?\n(?=content-(?:type|transfer-encoding|disposition)[ \t]*:)", re.IGNORECASE
)
_BEFORE_MAIL = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*\r?\n)*")
_LINE = re.compile(rb"[^\n]+")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]+\r?\n", re.MULTILINE)


@dataclass(slots=True)
class Part:
    """One part: a leaf with bytes, or a multipart with children."""

    headers: Headers
    content_type: str
    raw: bytes
    children: list["Part"] = field(default_factory=list)

    @property
    def is_multipart(self) -> bool:
        """Whether it holds parts rather than content."""
        return bool(self.children)

    @property
    def subtype(self) -> str:
        """What comes after the slash."""
        return self.content_type.partition("/")[2]

    @property
    def disposition(self) -> str:
        """Return inline, attachment or ""."""
        return self.headers.token("content-disposition")

    @property
    def name(self) -> str:
        """The file name as the sender wrote it."""
        return self.headers.parameter("content-disposition", "filename") or self.headers.parameter(
            "content-type", "name"
        )

    @property
    def content_id(self) -> str:
        """The Content-ID without angle brackets."""
        return self.headers.raw("content-id").strip("<> ")[:MAX_CONTENT_ID]

    def content(self) -> bytes:
        """Return the bytes with the transfer encoding undone."""
        encoding = self.headers.token("content-transfer-encoding")
        if encoding == "base64":
            return base64_bytes(self.raw)
        if encoding == "quoted-printable":
            return quopri.decodestring(self.raw)
        if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
            return _uudecode(self.raw)
        return self.raw

    def text(self) -> Decoded:
        """Return the content as text, at most MAX_TEXT_BYTES of it: nobody reads more."""
        content = self.content()
        if len(content) > MAX_TEXT_BYTES:
            content = content[: content.rfind(b"\n", 0, MAX_TEXT_BYTES) + 1 or MAX_TEXT_BYTES]
        return decode(content, charset=self.headers.parameter("content-type", "charset"))

    def walk(self) -> Iterator["Part"]:
        """Yield this part and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class Structure:
    """A whole mail and what had to be repaired to read it."""

    root: Part
    repaired: bool = False
    cut: bool = False  # parts beyond the limits were left out


def read_structure(data: bytes) -> Structure:
    """Return the parts of a mail; what is broken becomes the nearest thing that can be read."""
    return _Reader(data).read()


def read_headers(data: bytes) -> tuple[Headers, int]:
    """Return the headers of a mail and where its body begins."""
    return split_headers(data, start=_start(data), end=len(data))


def _start(data: bytes) -> int:
    before = _BEFORE_MAIL.match(data)
    return before.end() if before else 0


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._parts = 0
        self._repaired = False
        self._cut = False

    def read(self) -> Structure:
        root = self._part(_start(self._data), len(self._data), depth=0, default="text/plain")
        return Structure(root, repaired=self._repaired, cut=self._cut)

    def _part(self, start: int, end: int, *, depth: int, default: str) -> Part:
        self._parts += 1
        headers, body = split_headers(self._data, start=start, end=end)
        content_type = headers.token("content-type")
        if "/" not in content_type:
            content_type = {"text": "text/plain", "html": "text/html"}.get(content_type, default)
        part = Part(headers, content_type, b"")
        spans = self._spans(part, body, end) if content_type.startswith("multipart/") else []
        if spans and depth < MAX_DEPTH:
            inner = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
            for span_start, span_end in spans:
                if self._parts >= MAX_PARTS:
                    self._cut = True
                    break
                part.children.append(self._part(span_start, span_end, depth=depth + 1, default=inner))
        if not part.children:
            part.raw = self._data[body:end]
            if content_type.startswith("multipart/"):
                self._repaired = bool(part.raw.strip()) or self._repaired
                part.content_type = "text/html" if b"<html" in part.raw[:2000].lower() else "text/plain"
        return part

    def _spans(self, part: Part, start: int, end: int) -> list[tuple[int, int]]:
        """Return where the children of a multipart lie; [] when no boundary can be found."""
        boundary = part.headers.parameter("content-type", "boundary").encode("utf-8", errors="replace")
        spans = self._between(boundary, start, end) if boundary else []
        if not spans:
            guess = self._guessed_boundary(start, end)
            if guess:
                self._repaired = True
                spans = self._between(guess, start, end)
        return spans

    def _guessed_boundary(self, start: int, end: int) -> bytes:
        """Return what stands like a boundary above a part's headers."""
        position = start
        while (found := self._data.find(b"--", position, end)) >= 0:
            guess = _GUESSED_BOUNDARY.match(self._data, found, end)
            if guess and (found == start or self._data[found - 1] == 0x0A):
                return guess[1]
            position = self._data.find(b"\n", found, end) + 1 or end
        return b""

    def _between(self, boundary: bytes, start: int, end: int) -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = []
        opened: int | None = None
        for line_start, line_end, closing in self._boundary_lines(boundary, start, end):
            if opened is not None:
                spans.append((opened, self._before_line_end(opened, line_start)))
            if closing:
                return spans
            opened = line_end
            if len(spans) >= MAX_PARTS:
                self._cut = True
                return spans
        if opened is not None:
            self._repaired = True  # the closing boundary is missing
            spans.append((opened, end))
        return spans

    def _boundary_lines(self, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        """Yield start, end and whether it closes, of each line that is this boundary."""
        mark = b"--" + boundary
        position = start
        while (found := self._data.find(mark, position, end)) >= 0:
            position = found + len(mark)
            if found > start and self._data[found - 1] not in b"\r\n":
                continue
            rest = _BOUNDARY_REST.match(self._data, position, end)
            if rest:
                position = rest.end()
                yield found, rest.end(), bool(rest[1])

    def _before_line_end(self, start: int, end: int) -> int:
        """The line end before a boundary belongs to the boundary."""
        if end > start and self._data[end - 1] == 0x0A:
            end -= 1
            if end > start and self._data[end - 1] == 0x0D:
                end -= 1
        return end


def _uudecode(data: bytes) -> bytes:
    begin = _UU_BEGIN.search(data)
    decoded = bytearray()
    for match in _LINE.finditer(data, begin.end() if begin else 0):
        line = match[0].strip()
        if line in (b"end", b"`"):
            break
        with contextlib.suppress(binascii.Error):
            decoded += binascii.a2b_uu(line)
    return bytes(decoded)
