"""What a file is: by what stands in it, never by its name."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from luister.imports.reading.contract import MAX_FILE_BYTES, MAX_ROWS, Format, Source, UnreadableError
from luister.imports.reading.json_lines import json_source
from luister.imports.reading.mailbox import count_mails, is_mailbox
from luister.imports.reading.tables import table_source
from luister.imports.reading.text import encoding_of, is_packed, lines_about, megabytes, open_bytes, open_text
from luister.imports.reading.workbook import workbook_source

# How files begin that people take for a table, and are none that we read.
_OTHERS: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.old_excel"),
    (b"%PDF-", "file.pdf"),
    (b"\x89PNG", "file.picture"),
    (b"\xff\xd8\xff", "file.picture"),
    (b"GIF8", "file.picture"),
    (b"Rar!", "file.other_archive"),
    (b"7z\xbc\xaf", "file.other_archive"),
    (b"BZh", "file.other_archive"),
    (b"\xfd7zXZ", "file.other_archive"),
)


def inspect(path: Path) -> Source:
    """Find out what a file is.

    Raises:
        UnreadableError: nothing that can be imported, with what to do about it.
    """
    size = path.stat().st_size
    if size == 0:
        raise UnreadableError("file.empty")
    if size > MAX_FILE_BYTES:
        raise UnreadableError("file.too_large", size=megabytes(size), limit=megabytes(MAX_FILE_BYTES))
    with path.open("rb") as file:
        begin = file.read(8)
    if begin.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return workbook_source(path)
    packed = is_packed(path)
    with open_bytes(path) as file:
        begin = file.read(1000)
    for mark, code in _OTHERS:
        if begin.startswith(mark):
            raise UnreadableError(code)
    if begin.startswith(b"PK\x03\x04"):
        raise UnreadableError("file.packed_twice")
    if is_mailbox(begin):
        return Source(Format.MBOX, is_packed=packed, rows_about=count_mails(path))
    source = _text_source(path, is_packed=packed)
    about = lines_about(path)
    if about > 10 * MAX_ROWS:  # lines, of which a row may have several
        raise UnreadableError("file.too_many_rows", limit=f"{MAX_ROWS:,}")
    return replace(source, rows_about=about)


def _text_source(path: Path, *, is_packed: bool) -> Source:
    encoding = encoding_of(path)
    with open_text(path, encoding) as file:
        begin = file.read(4000)
    if not begin.strip():
        raise UnreadableError("file.empty")
    strange = sum(ord(character) < 32 and character not in "\t\r\n\x0b\x0c\x00" for character in begin)
    if strange > len(begin) * 0.02:
        raise UnreadableError("file.not_text")
    match begin.lstrip()[:1], begin.lstrip()[:5].lower():
        case "{", _:
            return json_source(path, encoding=encoding, is_packed=is_packed)
        case "[", _:
            raise UnreadableError("file.json_list")
        case "<", _:
            raise UnreadableError("file.markup")
    return table_source(path, encoding=encoding, is_packed=is_packed)
