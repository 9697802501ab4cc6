"""Excel workbooks: the first visible sheet, values only; dates as its cells show them."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from luister.base.errors import Reason
from luister.imports.reading.columns import clean_columns
from luister.imports.reading.contract import MAX_COLUMNS, Broken, Format, Row, Source, UnreadableError
from luister.imports.reading.text import megabytes

MAX_UNPACKED_BYTES: Final = 250 * 1024 * 1024
MAX_MEMBERS: Final = 5000
MAX_RATIO: Final = 200  # text packs ten times; a bomb a thousand times
SMALL_BYTES: Final = 10 * 1024 * 1024  # below this any ratio is harmless
_MARKS: Final = re.compile(rb"<(?:f[ >/]|mergeCell )")
_DIMENSION: Final = re.compile(rb'<dimension ref="[A-Z]+\d+:[A-Z]+(\d+)"')
_BLOCK: Final = 1 << 20


def workbook_source(path: Path) -> Source:
    """Return what a workbook is.

    Raises:
        UnreadableError: it is something else, too large unpacked, damaged, or empty.
    """
    _check_archive(path)
    with _opened(path) as book:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        notes = [
            Reason("sheet.hidden", {"name": sheet.title}) for sheet in book.worksheets if sheet.sheet_state != "visible"
        ]
        sheet, header, has_rows = _first_filled(visible)
        notes += [Reason("sheet.other", {"name": one.title}) for one in visible if one is not sheet and _filled(one)]
        member = str(getattr(sheet, "_worksheet_path", ""))
        about = _rows_about(path, member)
        from_1904 = book.epoch == CALENDAR_MAC_1904
    if len(header) > MAX_COLUMNS:
        raise UnreadableError("file.too_many_columns", count=str(len(header)), limit=str(MAX_COLUMNS))
    if not has_rows:
        raise UnreadableError("file.only_header")
    columns, unclear = clean_columns(header)
    notes += _told(path, member)
    return Source(
        Format.XLSX,
        columns=columns,
        sheet=sheet.title,
        rows_about=about,
        counts_from_1904=from_1904,
        notes=(*unclear, *notes),
    )


def sheet_rows(path: Path, source: Source) -> Iterator[Row | Broken]:
    """Yield the rows below the header; empty rows count, and are skipped."""
    width = len(source.columns)
    with _opened(path) as book:
        sheet = book[source.sheet]
        sheet.reset_dimensions()
        has_header = False
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            filled = _trimmed(cells)
            if not filled:
                continue
            if not has_header:
                has_header = True
                continue
            if len(filled) > width:
                values = {"count": str(len(filled)), "expected": str(width)}
                yield Broken(number, Reason("row.wrong_width", values), ";".join(str(cell) for cell in filled)[:300])
                continue
            padded = [*filled, *[None] * (width - len(filled))]
            yield Row(number, {name: _plain(cell) for name, cell in zip(source.columns, padded, strict=True)})


def _check_archive(path: Path) -> None:
    """Refuse what is no workbook, and what unpacks to more than we take, by its table of contents alone."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableError("file.damaged") from error
    names = {member.filename for member in members}
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if unpacked > MAX_UNPACKED_BYTES or len(members) > MAX_MEMBERS:
        raise UnreadableError("file.unpacks_too_large", limit=megabytes(MAX_UNPACKED_BYTES))
    if unpacked > SMALL_BYTES and unpacked / min(packed, path.stat().st_size) > MAX_RATIO:
        raise UnreadableError("file.bomb")
    if "xl/workbook.xml" not in names:
        raise UnreadableError("file.other_archive")


@contextmanager
def _opened(path: Path) -> Iterator[Workbook]:
    try:
        with path.open("rb") as file:  # by its content: the library would judge a name
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
    except (UnreadableError, GeneratorExit):
        raise
    except Exception as error:  # the library raises whatever it stumbles over, also while rows are read
        raise UnreadableError("file.damaged") from error


def _first_filled(sheets: Sequence[Worksheet]) -> tuple[Worksheet, Sequence[Any], bool]:
    for sheet in sheets:
        filled = _filled(sheet)
        if filled:
            return sheet, filled[0], len(filled) > 1
    raise UnreadableError("file.empty")


def _filled(sheet: Worksheet) -> list[Sequence[Any]]:
    """Return the first two rows that have anything in them."""
    sheet.reset_dimensions()
    found: list[Sequence[Any]] = []
    for cells in sheet.iter_rows(values_only=True):
        if filled := _trimmed(cells):
            found.append(filled)
        if len(found) == 2:
            break
    return found


def _trimmed(cells: Sequence[Any]) -> Sequence[Any]:
    end = len(cells)
    while end and cells[end - 1] in (None, ""):
        end -= 1
    return cells[:end]


def _plain(cell: Any) -> Any:
    """Return a value as JSON has it."""
    match cell:
        case None:
            return ""
        case datetime() | date() | time():
            return cell.isoformat()
        case bool() | int() | str():
            return cell
        case float():
            return int(cell) if cell.is_integer() else cell
        case _:
            return str(cell)


def _rows_about(path: Path, member: str) -> int:
    """Return how many rows the sheet says it has."""
    with zipfile.ZipFile(path) as archive:
        try:
            with archive.open(member.lstrip("/")) as file:
                found = _DIMENSION.search(file.read(4096))
        except KeyError:
            return 0
    return int(found[1]) if found else 0


def _told(path: Path, member: str) -> list[Reason]:
    """Count formulas and merged cells, which are read for their values only."""
    formulas, merged = 0, 0
    with zipfile.ZipFile(path) as archive:
        name = member.lstrip("/")
        if name not in archive.namelist():
            return []
        with archive.open(name) as file:
            rest = b""
            while block := file.read(_BLOCK):
                block = rest + block
                end = block.rfind(b"<")  # a mark that is cut in two is counted with the next block
                rest = block[end:] if end >= 0 else b""
                for mark in _MARKS.findall(block[: end if end >= 0 else len(block)]):
                    merged += mark.startswith(b"<mergeCell")
                    formulas += mark.startswith(b"<f")
    notes = [Reason("sheet.formulas", {"count": str(formulas)})] if formulas else []
    return notes + ([Reason("sheet.merged", {"count": str(merged)})] if merged else [])
