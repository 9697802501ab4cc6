"""Mailbox files: mails one after another, each behind a line that begins with “From ”."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from luister.base.errors import Reason
from luister.imports.reading.contract import Broken, Mail
from luister.imports.reading.text import open_bytes

MAX_MAIL_BYTES: Final = 30 * 1024 * 1024
_BEGIN: Final = re.compile(rb"From [^\n]*\d{4}[^\n]*\n")
_ESCAPED: Final = re.compile(rb"(?m)^>(>*From )")


def is_mailbox(begin: bytes) -> bool:
    """Whether a file that begins like this is a mailbox."""
    return _BEGIN.match(begin) is not None


def count_mails(path: Path) -> int:
    """Count what looks like the beginning of a mail."""
    with open_bytes(path) as file:
        return sum(_BEGIN.match(line) is not None for line in file if line.startswith(b"From "))


def mails(path: Path) -> Iterator[Mail | Broken]:
    """Yield the mails with their own “From ” lines restored; one that is too large is broken."""
    number, parts, size, after_blank = 0, list[bytes](), 0, True
    with open_bytes(path) as file:
        for line in file:
            if after_blank and _BEGIN.match(line):
                if number:
                    yield _mail(number, parts, size)
                number, parts, size = number + 1, [], 0
            elif size <= MAX_MAIL_BYTES:
                parts.append(line)
                size += len(line)
            after_blank = line in (b"\n", b"\r\n")
    if number:
        yield _mail(number, parts, size)


def _mail(number: int, parts: list[bytes], size: int) -> Mail | Broken:
    if size > MAX_MAIL_BYTES:
        limit = f"{MAX_MAIL_BYTES / 1024 / 1024:.0f}"
        return Broken(
            number, Reason("row.mail_too_large", {"limit": limit}), b"".join(parts[:20]).decode("latin-1")[:300]
        )
    return Mail(number, _ESCAPED.sub(rb"\1", b"".join(parts)))
