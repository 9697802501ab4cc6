"""Putting a backup back: on an empty machine, whole or not at all, and with everything that leaves locked."""

import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from luister.accounts.models import AuditEntry
from luister.config.backups import database
from luister.config.backups.archive import SAFE_PATH, Archive
from luister.config.backups.manifest import Manifest, present_keys
from luister.config.backups.programs import programs
from luister.config.errors import GroundError, LockedError
from luister.config.home import home
from luister.config.migrating import Progress, check_database, migrate

MEGABYTE: Final = 1_000_000
RESTORED: Final = "backup.restored"
_EMPTY: Final = "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC;"
# In the transaction that brings the rows: nobody sees them without the lock.
_LOCK: Final = """
UPDATE public.accounts_workspace SET outbound_locked_at = '{now}', restored_from_at = '{made_at}';
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and how many migrations were applied after it."""

    manifest: Manifest
    migrated: int


def restore(archive: Archive, *, replace: bool, without_key: bool, now: datetime, progress: Progress) -> Restored:
    """Put a backup back into the database and the folder of files.

    Args:
        replace: take away what is there.
        without_key: also where the key that sealed the channels' secrets is missing.

    Raises:
        LockedError: what is there would be lost, somebody uses it, the key is missing, or the version does not fit.
        GroundError: the archive is damaged, or there is no room.
    """
    manifest = archive.manifest
    check_database()
    check_version(manifest)
    if not without_key:
        _check_key(manifest)
    address = database.present()
    connection.close()
    with address.connect() as at:
        _check_empty(at, replace=replace)
        if replace:
            database.refuse_used(at, doing="first")
    bar = _Bar(progress, 2 * manifest.file_bytes + 2 * manifest.dump.size)
    _need_room(manifest)
    archive.check(moved=bar.moved)
    root = Path(settings.MEDIA_ROOT)
    unpacked = root / f".restore-{secrets.token_hex(6)}"
    try:
        archive.unpack_files(unpacked, moved=bar.moved)
        _load(archive, address, replace=replace, now=now, bar=bar)
        _take_in(unpacked, root, replace=replace)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    _check_counts(address, manifest)
    migrated = migrate(progress=lambda _done, _total: None)
    AuditEntry.objects.create(
        verb=RESTORED, object_kind="backup", object_id=archive.path.name[:40], at=now,
        detail={"made_at": manifest.made_at, "rows": manifest.rows, "files": len(manifest.files)},
    )  # fmt: skip
    return Restored(manifest, migrated)


def check_version(manifest: Manifest) -> None:
    """Refuse a backup of a newer Luister.

    Raises:
        LockedError: it is.
    """
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations or {}}
    unknown = [name for name in manifest.migrations if name not in known]
    if unknown:
        message = (
            f"This backup was made by Luister {manifest.luister}, whose tables this one does not know "
            f"({len(unknown)} steps, first {unknown[0]}): install that version or a newer one, and put it back then."
        )
        raise LockedError(message)


def _check_key(manifest: Manifest) -> None:
    sealed_with, present = manifest.keys.channels[0], present_keys()
    if sealed_with not in present.channels:
        message = (
            f"The key is missing that the channels' passwords were sealed with (fingerprint {sealed_with}): "
            f"put the old channel_key into {home()}, or set LUISTER_CHANNEL_KEYS. Without it: --without-key, and then "
            "each channel and each second step of sign-in has to be set up anew."
        )
        raise LockedError(message)


def _check_empty(at: psycopg.Connection[Any], *, replace: bool) -> None:
    if replace:
        return
    found = database.tables(at)
    if found:
        message = (
            f"The database is not empty ({len(found)} tables): put the backup into an empty one, "
            "or lose what is there with --replace."
        )
        raise LockedError(message)
    if any(_kept_files()):
        message = f"{settings.MEDIA_ROOT} has files already: move them away, or lose them with --replace."
        raise LockedError(message)


def _kept_files() -> list[Path]:
    root = Path(settings.MEDIA_ROOT)
    return [path for path in root.glob("[0-9a-f][0-9a-f]/*") if SAFE_PATH.fullmatch(str(path.relative_to(root)))]


def _need_room(manifest: Manifest) -> None:
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(root).free
    # Where the database lies is not known; on a single machine it is the same disk.
    needed = manifest.file_bytes + manifest.database_bytes
    if free < needed:
        room = f"{root} has {free // MEGABYTE:,} MB free"
        message = f"This backup needs about {needed // MEGABYTE:,} MB, and {room}: make room."
        raise GroundError(message)


def _load(archive: Archive, address: database.Address, *, replace: bool, now: datetime, bar: "_Bar") -> None:
    with archive.dump() as dumped:
        database.load(
            address,
            dumped,
            by=programs(at_least=archive.manifest.dumped_with),
            before=_EMPTY if replace else "",
            after=_LOCK.format(now=now.isoformat(), made_at=archive.manifest.moment.isoformat()),
            moved=bar.moved,
        )
    with address.connect() as at:
        at.execute("ANALYZE")  # else the first questions are answered by guesses


def _take_in(unpacked: Path, root: Path, *, replace: bool) -> None:
    """Move files that were unpacked and checked to where they belong."""
    if replace:
        for path in _kept_files():
            path.unlink(missing_ok=True)
    for path in unpacked.glob("*/*"):
        target = root / path.relative_to(unpacked)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.rename(target)


def _check_counts(address: database.Address, manifest: Manifest) -> None:
    with address.connect() as at:
        differences = database.different(database.counts(at), manifest.tables)
    if differences:
        message = f"Not all rows came back ({differences[0]}): try again with --replace, and keep the old machine."
        raise GroundError(message)


class _Bar:
    """How far a restore is, in bytes read and written."""

    def __init__(self, show: Progress, total: int) -> None:
        self._show, self._total, self._done = show, total, 0

    def moved(self, count: int) -> None:
        """So many bytes are done."""
        self._done += count
        self._show(self._done, self._total)
