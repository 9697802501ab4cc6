"""The rows of a file, whatever it is."""

from collections.abc import Iterator
from pathlib import Path

from luister.imports.reading.contract import Broken, Format, Mail, Row, Source, UnreadableError
from luister.imports.reading.json_lines import json_rows
from luister.imports.reading.mailbox import mails
from luister.imports.reading.tables import table_rows
from luister.imports.reading.workbook import sheet_rows

__all__ = ["Broken", "Mail", "Row", "Source", "UnreadableError", "rows"]


def rows(path: Path, source: Source) -> Iterator[Row | Mail | Broken]:
    """Yield the rows of a file in their order.

    Raises:
        UnreadableError: the file turns out to be damaged, or to unpack to more than we take.
    """
    match source.format:
        case Format.CSV:
            yield from table_rows(path, source)
        case Format.XLSX:
            yield from sheet_rows(path, source)
        case Format.JSONL:
            yield from json_rows(path, source)
        case Format.MBOX:
            yield from mails(path)
