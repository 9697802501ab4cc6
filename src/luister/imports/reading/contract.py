"""What is known of a file, and what its rows are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from luister.base.errors import Reason, SentenceError

MAX_FILE_BYTES: Final = 200 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 500 * 1024 * 1024
MAX_ROWS: Final = 500_000
MAX_COLUMNS: Final = 200
MAX_CELL: Final = 1_000_000  # characters


class Format(StrEnum):
    """What a file is, by its content."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    MBOX = "mbox"


class UnreadableError(SentenceError):
    """A file that cannot be imported as it is; the reason says what to do about it."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a file turned out to be; `notes` are things its reader should know before they go on."""

    format: Format
    columns: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    is_packed: bool = False  # gzip
    sheet: str = ""
    rows_about: int = 0  # as many lines as there are, or as the sheet says
    counts_from_1904: bool = False  # the serial dates of a workbook from an old Mac
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet counts (the header is 1), and its values by column.

    Where the file has formulas without a value, or anything else that was lost, the value is "".
    """

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of a mailbox file, as it stands there."""

    number: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be told apart into its columns: the import stops and asks."""

    number: int
    reason: Reason
    text: str = field(default="")
