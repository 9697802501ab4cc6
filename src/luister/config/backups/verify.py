"""Proving a backup: read whole, put back into a scratch database, counted, and its secrets opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from luister.accounts.models import AuditEntry
from luister.channels.secrets import CannotOpenError, unseal
from luister.config.backups import database
from luister.config.backups.archive import Archive, kept_in
from luister.config.backups.manifest import Manifest, present_keys
from luister.config.backups.programs import programs
from luister.config.backups.restore import check_version
from luister.config.errors import GroundError
from luister.config.migrating import Progress
from luister.fence.scope import across_workspaces

VERIFIED: Final = "backup.verified"
MAKE_SURE_EVERY: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found in a backup that is good."""

    manifest: Manifest
    secrets: int  # channels whose secrets opened


@dataclass(frozen=True, slots=True)
class Verified:
    """When which backup was last proven, and of when it was."""

    name: str
    at: datetime
    made_at: datetime


def verify(archive: Archive, *, now: datetime, progress: Progress) -> Proof:
    """Prove that a backup can be put back, and note it.

    Raises:
        GroundError: it cannot; the message says why.
    """
    manifest = archive.manifest
    check_version(manifest)
    done, total = 0, manifest.file_bytes + 2 * manifest.dump.size

    def moved(count: int) -> None:
        nonlocal done
        done += count
        progress(done, total)

    archive.check(moved=moved)
    with database.scratch_database(database.present()) as scratch:
        with archive.dump() as dumped:
            tools = programs(at_least=manifest.dumped_with)
            database.load(scratch, dumped, by=tools, before="", after="", moved=moved)
        with scratch.connect() as at:
            differences = database.different(database.counts(at), manifest.tables)
            if differences:
                message = (
                    f"{archive.path.name} does not come back whole ({'; '.join(differences[:3])}): make a new one."
                )
                raise GroundError(message)
            opened = _opened(at, manifest)
    _note(archive, now=now)
    return Proof(manifest, opened)


def _opened(at: psycopg.Connection[Any], manifest: Manifest) -> int:
    """Open the secrets of every channel, and return how many that were."""
    found = at.execute(
        "SELECT id, name, sealed_secrets FROM public.channels_channel WHERE length(sealed_secrets) > 0 ORDER BY id"
    ).fetchall()
    closed = []
    for channel_id, name, sealed in found:
        try:
            unseal(sealed, channel_id=channel_id)
        except CannotOpenError:
            closed.append(name)
    if not closed:
        return len(found)
    if manifest.keys.channels[0] not in present_keys().channels:
        message = (
            f"The rows and files are good, but the key that sealed the channels' passwords is not here "
            f"(fingerprint {manifest.keys.channels[0]}): keep it apart from the backup, and set LUISTER_CHANNEL_KEYS."
        )
    else:
        message = (
            f"The rows and files are good, but the secrets of {', '.join(closed)} cannot be opened: connect again."
        )
    raise GroundError(message)


def _note(archive: Archive, *, now: datetime) -> None:
    detail = {"made_at": archive.manifest.made_at, "rows": archive.manifest.rows, "files": len(archive.manifest.files)}
    AuditEntry.objects.create(
        verb=VERIFIED, object_kind="backup", object_id=archive.path.name[:40], at=now, detail=detail
    )


def last_verified() -> Verified | None:
    """Return when a backup of this installation was last proven."""
    with across_workspaces("say when a backup was last proven"):
        entry = AuditEntry.objects.filter(workspace=None, verb=VERIFIED).order_by("-at").first()
    if entry is None:
        return None
    return Verified(entry.object_id, entry.at, datetime.fromisoformat(entry.detail["made_at"]))


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in a folder, and when it was proven; `problem` where it cannot be read."""

    path: Path
    size: int  # bytes
    manifest: Manifest | None
    verified_at: datetime | None
    problem: str = ""


def backups(folder: Path) -> Sequence[Kept]:
    """Return the backups in a folder, newest first."""
    proven = dict(
        AuditEntry.objects.filter(workspace=None, verb=VERIFIED).order_by("at").values_list("object_id", "at")
    )
    return [_kept(path, proven.get(path.name)) for path in kept_in(folder)]


def _kept(path: Path, verified_at: datetime | None) -> Kept:
    size = path.stat().st_size
    try:
        return Kept(path, size, Archive(path).manifest, verified_at)
    except GroundError as error:
        return Kept(path, size, None, verified_at, str(error))
