"""The archive: one zip file with a dump, files and a manifest, written under another name until it is whole."""

import hashlib
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from luister.config.backups.manifest import Manifest, Stored, read
from luister.config.errors import GroundError

DUMP: Final = "database.dump"
MANIFEST: Final = "manifest.json"
FILES: Final = "files/"
BLOCK: Final = 1 << 20
NAME: Final = re.compile(r"luister-\d{8}T\d{6}Z\.zip")
SAFE_PATH: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")

Moved = Callable[[int], None]  # told of each so many bytes


def name_at(moment: datetime) -> str:
    """Return what a backup of that moment (UTC) is called."""
    return f"luister-{moment:%Y%m%dT%H%M%SZ}.zip"


@contextmanager
def writing(target: Path) -> Iterator["Writer"]:
    """Write an archive; it takes its name when the block ends well, and nothing is left of it when not.

    Raises:
        GroundError: it cannot be written.
    """
    scratch = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with scratch.open("xb") as file:
            scratch.chmod(0o600)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        scratch.rename(target)
    except OSError as error:
        message = f"The backup cannot be written to {target} ({error.strerror or error}): nothing was kept of it."
        raise GroundError(message) from error
    finally:
        scratch.unlink(missing_ok=True)


class Writer:
    """Adds to an archive what comes in blocks, and tells what it was."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def add(self, name: str, blocks: Iterable[bytes], *, moved: Moved) -> Stored:
        """Add a file."""
        digest, size = hashlib.sha256(), 0
        with self._archive.open(name, "w", force_zip64=True) as member:
            for block in blocks:
                member.write(block)
                digest.update(block)
                size += len(block)
                moved(len(block))
        return Stored(size, digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest, the last of all."""
        self._archive.writestr(MANIFEST, manifest.as_json(), zipfile.ZIP_DEFLATED)


class Archive:
    """A backup that is read."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            GroundError: it is not there, not whole, or no backup.
        """
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            text = self._zip.read(MANIFEST).decode()
        except FileNotFoundError as error:
            message = f"There is no backup {path}: “luister backup list” shows those that there are."
            raise GroundError(message) from error
        except (OSError, zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
            message = f"{path} is no backup of Luister, or only a part of one: take another."
            raise GroundError(message) from error
        self.manifest = read(text, name=path.name)
        for name in self.manifest.files:
            if not SAFE_PATH.fullmatch(name):
                message = f"{path.name} has a file under a name that Luister never gives ({name!r}): take another."
                raise GroundError(message)

    @contextmanager
    def dump(self) -> Iterator[IO[bytes]]:
        """Open the dump of the database."""
        with self._zip.open(DUMP) as member:
            yield member

    def check(self, *, moved: Moved) -> None:
        """Read everything, and compare it with what the manifest says.

        Raises:
            GroundError: something is missing or was changed.
        """
        self._check(DUMP, self.manifest.dump, moved=moved)
        for name, stored in self.manifest.files.items():
            self._check(FILES + name, stored, moved=moved)

    def unpack_files(self, folder: Path, *, moved: Moved) -> None:
        """Write all files below a folder, each compared with what the manifest says.

        Raises:
            GroundError: something is missing or was changed, or there is no room.
        """
        for name, stored in self.manifest.files.items():
            path = folder / name
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with path.open("xb") as file:
                    path.chmod(0o600)
                    self._check(FILES + name, stored, moved=moved, write=file.write)
            except OSError as error:
                message = f"The files cannot be put back to {folder} ({error.strerror or error})."
                raise GroundError(message) from error

    def _check(
        self, name: str, stored: Stored, *, moved: Moved, write: Callable[[bytes], object] | None = None
    ) -> None:
        digest = hashlib.sha256()
        try:
            with self._zip.open(name) as member:
                while block := member.read(BLOCK):
                    digest.update(block)
                    if write is not None:
                        write(block)
                    moved(len(block))
        except (KeyError, zipfile.BadZipFile, EOFError) as error:
            message = f"{self.path.name} is damaged: {name} is missing or cannot be read. Take another backup."
            raise GroundError(message) from error
        if digest.hexdigest() != stored.sha256:
            message = f"{self.path.name} is damaged: {name} is not what was put in. Take another backup."
            raise GroundError(message)


def kept_in(folder: Path) -> list[Path]:
    """Return the backups in a folder, newest first."""
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if NAME.fullmatch(path.name)), reverse=True)
