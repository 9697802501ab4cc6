"""Delimited text: which character divides it, and its rows, of which broken ones stand by themselves."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Final

from luister.base.errors import Reason
from luister.imports.reading.columns import clean_columns
from luister.imports.reading.contract import MAX_CELL, MAX_COLUMNS, Broken, Format, Row, Source, UnreadableError
from luister.imports.reading.text import open_text

DELIMITERS: Final = (",", ";", "\t", "|")
SAMPLE: Final = 100  # rows
MAX_LINES: Final = 1000  # of one row; a quote that stays open longer was never closed
SHOWN: Final = 300  # characters of a broken row


class _Lines:
    """The lines of a file, of which those of a broken row can be given back."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._returned: list[str] = []
        self.taken: list[str] = []
        self._size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_LINES or self._size > MAX_CELL:
            raise csv.Error
        line = self._returned.pop() if self._returned else self._file.readline(MAX_CELL)
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        return line

    def begin(self) -> None:
        """A new row starts here."""
        self.taken, self._size = [], 0

    def give_back(self) -> str:
        """Keep the first line of the row as broken and return it; the others are read again."""
        self._returned.extend(reversed(self.taken[1:]))
        return self.taken[0].rstrip("\r\n")


def records(file: IO[str], delimiter: str) -> Iterator[list[str] | str]:
    """Yield each row's cells, or the text of its first line where its quotes are never closed or misplaced."""
    csv.field_size_limit(MAX_CELL)
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield lines.give_back()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)


def delimiter_of(path: Path, encoding: str) -> str:
    """Return the character that divides most of the first rows into the same number of cells, more than one."""
    best, best_score = ",", (0, 0)
    for delimiter in DELIMITERS:
        with open_text(path, encoding) as file:
            sample = [row for row in islice(records(file, delimiter), SAMPLE) if isinstance(row, list) and row]
        counts = Counter(len(row) for row in sample)
        width, agreeing = counts.most_common(1)[0] if counts else (0, 0)
        # The header has to agree, else text with many commas would win over the real thing.
        score = (agreeing if width > 1 and sample and len(sample[0]) == width else 0, width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def table_source(path: Path, *, encoding: str, is_packed: bool) -> Source:
    """Return what a delimited file is.

    Raises:
        UnreadableError: it is empty, or too wide.
    """
    delimiter = delimiter_of(path, encoding)
    with open_text(path, encoding) as file:
        filled = (row for row in records(file, delimiter) if row)
        header = next(filled, None)
        first = next(filled, None)
    if header is None:
        raise UnreadableError("file.empty")
    if isinstance(header, str):
        raise UnreadableError("file.header_broken", text=header[:SHOWN])
    if len(header) > MAX_COLUMNS:
        raise UnreadableError("file.too_many_columns", count=str(len(header)), limit=str(MAX_COLUMNS))
    if first is None:
        raise UnreadableError("file.only_header")
    columns, notes = clean_columns(header)
    return Source(Format.CSV, columns=columns, encoding=encoding, delimiter=delimiter, is_packed=is_packed, notes=notes)


def table_rows(path: Path, source: Source) -> Iterator[Row | Broken]:
    """Yield the rows below the header; a row of another width is broken, unless only empty cells make it so."""
    with open_text(path, source.encoding) as file:
        has_header = False
        for number, record in enumerate(records(file, source.delimiter), 1):
            if not record and isinstance(record, list):
                continue
            if not has_header:
                has_header = True
            elif isinstance(record, str):
                yield Broken(number, Reason("row.quote_open"), record[:SHOWN])
            else:
                yield _row(number, record, source)


def _row(number: int, cells: Sequence[str], source: Source) -> Row | Broken:
    width = len(source.columns)
    if len(cells) > width and not any(cells[width:]):
        cells = cells[:width]
    if len(cells) != width:
        values = {"count": str(len(cells)), "expected": str(width)}
        return Broken(number, Reason("row.wrong_width", values), source.delimiter.join(cells)[:SHOWN])
    return Row(number, dict(zip(source.columns, cells, strict=True)))
