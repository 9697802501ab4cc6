"""Making a backup while everything goes on."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings

from luister.config.backups import archive, database
from luister.config.backups.archive import BLOCK, DUMP, FILES, SAFE_PATH, kept_in, name_at
from luister.config.backups.manifest import Manifest, Stored, present_keys
from luister.config.backups.programs import programs
from luister.config.errors import GroundError
from luister.config.migrating import Progress

MEGABYTE: Final = 1_000_000
SPARE: Final = 50 * MEGABYTE
HELD: Final = ".backup-"  # how folders begin that hold files while they are copied


def create(folder: Path, *, keep: int | None, now: datetime, progress: Progress) -> tuple[Path, Manifest]:
    """Make a backup in a folder, and remove the oldest when there are more than `keep`.

    Database and files are as of one moment; what comes in or goes out meanwhile is in the next.

    Raises:
        GroundError: there is no room, the folder cannot be written, or a fitting pg_dump is missing.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"The folder {folder} cannot be made ({error.strerror}): choose another with --to."
        raise GroundError(message) from error
    target = folder / name_at(now.astimezone(UTC))
    with database.snapshot(database.present()) as (at, name), _held_files() as files:
        tools = programs(at_least=database.major_version(at))
        sizes = database.tables(at)
        _need_room(folder, database_bytes=sum(sizes.values()), files=files)
        bar = _Bar(progress, sizes, sum(path.stat().st_size for path in files.values()))
        with archive.writing(target) as writer:
            blocks = database.dump(database.present(), by=tools, snapshot=name, table=bar.table)
            dumped = writer.add(DUMP, blocks, moved=lambda _count: None)
            bar.database_done()
            stored = {path: writer.add(FILES + path, _blocks(file), moved=bar.moved) for path, file in files.items()}
            manifest = _manifest(at, dumped, stored, tools.major, now=now)
            writer.finish(manifest)
    if keep is not None:
        for old in kept_in(folder)[keep:]:
            old.unlink(missing_ok=True)
    return target, manifest


def _manifest(
    at: psycopg.Connection[Any], dumped: Stored, files: dict[str, Stored], dumped_with: int, *, now: datetime
) -> Manifest:
    row = at.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return Manifest(
        made_at=now.isoformat(),
        luister=version("luister"),
        postgres=database.major_version(at),
        dumped_with=dumped_with,
        migrations=database.applied(at),
        tables=database.counts(at),
        database_bytes=int(row[0]),
        dump=dumped,
        files=files,
        keys=present_keys(),
    )


@contextmanager
def _held_files() -> Iterator[dict[str, Path]]:
    """Hold all files as they are now, by their path below the folder of files; one that is deleted stays held.

    Files are written once, before the rows that name them are committed: those of a snapshot are all there.
    """
    root = Path(settings.MEDIA_ROOT)
    if not root.is_dir():
        yield {}
        return
    for forgotten in root.glob(f"{HELD}*"):
        shutil.rmtree(forgotten, ignore_errors=True)
    held = root / f"{HELD}{secrets.token_hex(6)}"
    try:
        try:
            held.mkdir(mode=0o700)
            files = dict(sorted(_hold(root, held)))
        except OSError as error:
            message = f"The files in {root} cannot be held ({error.strerror}): run this as the user of Luister."
            raise GroundError(message) from error
        yield files
    finally:
        shutil.rmtree(held, ignore_errors=True)


def _hold(root: Path, held: Path) -> Iterator[tuple[str, Path]]:
    for file in root.glob("[0-9a-f][0-9a-f]/*"):
        name = str(file.relative_to(root))
        if not SAFE_PATH.fullmatch(name):
            continue
        link = held / file.name
        with suppress(FileNotFoundError):  # deleted this very moment
            try:
                os.link(file, link)
            except PermissionError:  # a file system without links: then a file that is deleted meanwhile is missed
                link = file
            yield name, link


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while block := source.read(BLOCK):
            yield block


def _need_room(folder: Path, *, database_bytes: int, files: dict[str, Path]) -> None:
    """Refuse to begin where the end would not fit; a dump has hardly ever more than half of what the tables take.

    Raises:
        GroundError: there is too little room.
    """
    needed = database_bytes // 2 + sum(path.stat().st_size for path in files.values()) + SPARE
    free = shutil.disk_usage(folder).free
    if free < needed:
        message = (
            f"A backup needs about {needed // MEGABYTE:,} MB, and {folder} has {free // MEGABYTE:,} MB free: "
            "make room, or choose another folder with --to."
        )
        raise GroundError(message)


class _Bar:
    """How far a backup is, in bytes of tables and files."""

    def __init__(self, show: Progress, sizes: dict[str, int], file_bytes: int) -> None:
        self._show, self._sizes = show, sizes
        self._database, self._total = sum(sizes.values()), sum(sizes.values()) + file_bytes
        self._done, self._at = 0, ""

    def table(self, name: str) -> None:
        """Another table has its turn: the one before is done."""
        self._done += self._sizes.get(self._at, 0)
        self._at = name
        self._show(self._done, self._total)

    def database_done(self) -> None:
        """All tables are done."""
        self._done = self._database
        self._show(self._done, self._total)

    def moved(self, count: int) -> None:
        """So many bytes of files are done."""
        self._done += count
        self._show(self._done, self._total)
