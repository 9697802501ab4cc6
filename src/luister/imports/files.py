"""The files of imports: kept under a random name until their import is removed."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from luister.imports.reading.contract import MAX_FILE_BYTES, UnreadableError
from luister.imports.reading.text import megabytes
from luister.posts.files import path_of


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was written."""

    stored_as: str
    size_bytes: int
    digest: str

    @property
    def path(self) -> Path:
        """Where it is."""
        return path_of(self.stored_as)


def keep(blocks: Iterable[bytes]) -> Kept:
    """Write a file block by block.

    Raises:
        UnreadableError: it is larger than we take; nothing of it is left.
    """
    stored_as = secrets.token_hex(16)
    path = path_of(stored_as)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size, digest = 0, hashlib.sha256()
    with path.open("xb") as file:
        path.chmod(0o600)
        for block in blocks:
            size += len(block)
            if size > MAX_FILE_BYTES:
                path.unlink()
                raise UnreadableError(
                    "file.too_large", size=f">{megabytes(MAX_FILE_BYTES)}", limit=megabytes(MAX_FILE_BYTES)
                )
            digest.update(block)
            file.write(block)
    return Kept(stored_as, size, digest.hexdigest())


def remove(stored_as: str) -> None:
    """Delete a file, if it is still there."""
    if stored_as:
        path_of(stored_as).unlink(missing_ok=True)
