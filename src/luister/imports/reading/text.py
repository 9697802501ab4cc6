"""Bytes as text: packed or not, in the encoding that the bytes themselves show."""

import codecs
import gzip
import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from luister.imports.reading.contract import MAX_UNPACKED_BYTES, UnreadableError

GZIP: Final = b"\x1f\x8b"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK: Final = 1 << 20


def is_packed(path: Path) -> bool:
    """Whether a file is gzip.

    Raises:
        UnreadableError: it is, and says that it unpacks to more than we take.
    """
    with path.open("rb") as file:
        if file.read(2) != GZIP:
            return False
        file.seek(-4, io.SEEK_END)
        if struct.unpack("<I", file.read(4))[0] > MAX_UNPACKED_BYTES:
            raise too_large()
    return True


def too_large() -> UnreadableError:
    """Return the error of a file that unpacks to more than we take."""
    return UnreadableError("file.unpacks_too_large", limit=megabytes(MAX_UNPACKED_BYTES))


def megabytes(size_bytes: int) -> str:
    """Return a size for a sentence."""
    return f"{size_bytes / 1024 / 1024:.0f}"


class _Unpacked(io.RawIOBase):
    """The bytes of a gzip file, of which no more than the limit is ever unpacked."""

    def __init__(self, path: Path) -> None:
        self._file = gzip.open(path, "rb")  # noqa: SIM115 - closed with this one
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read(len(buffer))
        except (OSError, EOFError, ValueError) as error:
            raise UnreadableError("file.damaged") from error
        self._read += len(data)
        if self._read > MAX_UNPACKED_BYTES:
            raise too_large()
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacking it where it is gzip."""
    if is_packed(path):
        with _Unpacked(path) as raw, io.BufferedReader(raw, _BLOCK) as file:
            yield file
    else:
        with path.open("rb") as file:
            yield file


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[IO[str]]:
    """Open a file as text with its line ends as they are; bytes that the encoding does not have become �."""
    with open_bytes(path) as file, io.TextIOWrapper(file, encoding, errors="replace", newline="") as text:
        yield text


def lines_about(path: Path) -> int:
    """Count the lines of a file."""
    with open_bytes(path) as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))


def encoding_of(path: Path) -> str:
    """Return the encoding: by its mark, by the zeros of UTF-16, else UTF-8 where all of it is that, else Windows-1252.

    Guessers take plain Dutch in Windows-1252 for something Baltic; these are what spreadsheets write.
    """
    with open_bytes(path) as file:
        begin = file.read(4096)
        for mark, name in _MARKS:
            if begin.startswith(mark):
                return name
        zeros = begin[1::2].count(0), begin[0::2].count(0)
        if len(begin) > 3 and max(zeros) > len(begin) * 0.3:
            return "utf-16-le" if zeros[0] > zeros[1] else "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        block = begin
        try:
            while block:
                decoder.decode(block)
                block = file.read(_BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"
