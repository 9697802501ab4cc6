"""JSON Lines: an object a line."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from luister.base.errors import Reason
from luister.imports.reading.contract import MAX_CELL, MAX_COLUMNS, Broken, Format, Row, Source, UnreadableError
from luister.imports.reading.text import open_text

SAMPLE: Final = 200  # lines whose names make the columns
SHOWN: Final = 300


def json_source(path: Path, *, encoding: str, is_packed: bool) -> Source:
    """Return what a file of JSON Lines is.

    Raises:
        UnreadableError: none of its first lines is an object, or they have too many names.
    """
    columns: dict[str, None] = {}
    with open_text(path, encoding) as file:
        for _, line in islice(_lines(file), SAMPLE):
            value = _value(line)
            if isinstance(value, dict):
                columns.update(dict.fromkeys(str(name)[:100] for name in value))
    if not columns:
        raise UnreadableError("file.no_objects")
    if len(columns) > MAX_COLUMNS:
        raise UnreadableError("file.too_many_columns", count=str(len(columns)), limit=str(MAX_COLUMNS))
    return Source(Format.JSONL, columns=tuple(columns), encoding=encoding, is_packed=is_packed)


def json_rows(path: Path, source: Source) -> Iterator[Row | Broken]:
    """Yield the objects; a line that is none is broken. Blank lines count, and are skipped."""
    with open_text(path, source.encoding) as file:
        for number, line in _lines(file):
            value = _value(line)
            if isinstance(value, dict):
                yield Row(number, value)
            else:
                yield Broken(number, Reason("row.not_an_object"), line[:SHOWN])


def _lines(file: IO[str]) -> Iterator[tuple[int, str]]:
    number = 0
    while line := file.readline(MAX_CELL):
        number += 1
        if line.strip():
            yield number, line.strip()


def _value(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
