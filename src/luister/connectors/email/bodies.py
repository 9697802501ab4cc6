"""Which parts of a mail are its text, which its HTML, and which are files (the rules of RFC 8621, 4.1.4)."""

import mimetypes
import re
from dataclasses import dataclass, field

from luister.base.posts import InboundAttachment
from luister.connectors.email.structure import Part
from luister.markup.text import html_to_text

MAX_ATTACHMENTS = 200
MAX_TEXT_CHARACTERS = 400_000

_TEXTS = ("text/plain", "text/html")
_NAMES = {
    "message/rfc822": "message.eml",
    "text/calendar": "invitation.ics",
    "application/ms-tnef": "winmail.dat",
    "message/delivery-status": "delivery-status.txt",
    "text/rfc822-headers": "headers.txt",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "image/jpg": "image.jpg",
}


@dataclass(slots=True)
class Body:
    """What a mail says: its plain text, its HTML as it came, and the files with it."""

    text: str = ""
    html: str = ""
    lossy_charset: str = ""
    text_cut: bool = False
    attachments_cut: bool = False
    attachments: list[InboundAttachment] = field(default_factory=list)


@dataclass(slots=True)
class _Sorted:
    text: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)


def read_body(root: Part) -> Body:
    """Return the text, HTML and files of a mail."""
    parts = _Sorted()
    _sort(root.children or [root], "mixed" if not root.children else root.subtype, parts, in_alternative=False)
    body = Body()
    body.html = "\n".join(_read(part, body) for part in parts.html if part.content_type == "text/html")
    body.text = "\n\n".join(dict.fromkeys(filter(None, (_plain(part, body).strip("\n") for part in parts.text))))
    if not body.text.strip() and body.html:
        body.text = html_to_text(body.html)
    if len(body.text) > MAX_TEXT_CHARACTERS:
        body.text, body.text_cut = body.text[:MAX_TEXT_CHARACTERS], True
    body.attachments_cut = len(parts.files) > MAX_ATTACHMENTS
    body.attachments = [_attachment(part, number) for number, part in enumerate(parts.files[:MAX_ATTACHMENTS], 1)]
    return body


def _sort(parts: list[Part], kind: str, found: _Sorted, *, in_alternative: bool) -> None:
    text_before, html_before = len(found.text), len(found.html)
    for index, part in enumerate(parts):
        if part.is_multipart:
            _sort(part.children, part.subtype, found, in_alternative=in_alternative or kind == "alternative")
        elif not _is_shown(part, first=index == 0, kind=kind):
            found.files.append(part)
        elif kind == "alternative":
            (found.html if part.content_type == "text/html" else found.text).append(part)
        else:
            _sort_inline(part, found, in_alternative=in_alternative, has_text=len(found.text) > text_before)
    if kind == "alternative" and not in_alternative:
        # An alternative with one form only: that form serves as both.
        if len(found.text) == text_before:
            found.text.extend(found.html[html_before:])
        if len(found.html) == html_before:
            found.html.extend(found.text[text_before:])


def _sort_inline(part: Part, found: _Sorted, *, in_alternative: bool, has_text: bool) -> None:
    """Within an alternative a part belongs to one form; elsewhere it is part of both."""
    if not in_alternative:
        found.text.append(part)
        found.html.append(part)
    elif part.content_type == "text/html":
        found.html.append(part)
    elif not has_text:
        found.text.append(part)


def _is_shown(part: Part, *, first: bool, kind: str) -> bool:
    if part.content_type not in _TEXTS or part.disposition == "attachment":
        return False
    return first or kind == "alternative" or (kind not in ("related", "report") and not part.name)


def _plain(part: Part, body: Body) -> str:
    text = _read(part, body)
    if part.content_type == "text/html":
        return html_to_text(text)
    if part.headers.parameter("content-type", "format").lower() == "flowed":
        delete_space = part.headers.parameter("content-type", "delsp").lower() == "yes"
        return unflow(text, delete_space=delete_space)
    return text


def _read(part: Part, body: Body) -> str:
    decoded = part.text()
    if decoded.lossy:
        body.lossy_charset = part.headers.parameter("content-type", "charset") or "?"
    return decoded.text


def unflow(text: str, *, delete_space: bool) -> str:
    """Return a text whose soft line ends (RFC 3676) are joined, quotes and signature mark kept."""
    lines: list[str] = []
    soft = False
    depth_before = 0
    for line in text.split("\n"):
        quotes = re.match(r">*", line)
        depth = quotes.end() if quotes else 0
        content = line[depth:].removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        kept = content[:-1] if flows and delete_space else content
        if soft and depth == depth_before and content != "-- ":
            lines[-1] += kept
        else:
            lines.append(">" * depth + (" " if depth and kept else "") + kept)
        soft, depth_before = flows, depth
    return "\n".join(lines)


def _attachment(part: Part, number: int) -> InboundAttachment:
    return InboundAttachment(
        name=part.name or _name(part, number),
        content_type=part.content_type[:100],
        content=part.content(),
        content_id=part.content_id,
    )


def _name(part: Part, number: int) -> str:
    if part.content_type in _NAMES:
        return _NAMES[part.content_type]
    return f"attachment-{number}{mimetypes.guess_extension(part.content_type) or ''}"
