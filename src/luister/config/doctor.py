"""Everything that can be wrong with an installation, each with the line that mends it."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import Error, connection

from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.channels.secrets import CannotOpenError, unseal
from luister.config.checks import Check, State
from luister.config.doctor_streams import stream_checks
from luister.config.engine import SYSTEM_FOLDER
from luister.config.errors import GroundError
from luister.config.migrating import check_database, pending
from luister.delivery.enums import RawState, SendState
from luister.delivery.models import Outgoing, RawItem

MEGABYTE = 1_000_000
DISK_FAILS_BELOW = 200 * MEGABYTE
DISK_WARNS_BELOW = 2_000 * MEGABYTE
HEARTBEAT = timedelta(seconds=45)  # the worker's heart beats every 10 s
OLD_JOB = timedelta(minutes=5)


def examine(home: Path, *, now: datetime) -> Iterator[Check]:
    """Yield every check; those of the database only where it answers."""
    yield _folder(home)
    yield _disk(home)
    yield _secret_files(home)
    yield from _left_behind()
    database = _database()
    yield database
    if database.state is State.FAIL:
        return
    tables = _tables()
    yield tables
    if tables.state is State.FAIL:
        return
    checks: tuple[Callable[[], Check], ...] = (
        lambda: _worker(now),
        lambda: _jobs(now),
        _channels,
        _channel_secrets,
        _unknown_sends,
        _bin,
    )
    for check in checks:
        yield check()
    yield from stream_checks(now=now)


def _folder(home: Path) -> Check:
    if os.access(home, os.W_OK | os.X_OK):
        return Check("data folder", State.OK, str(home))
    return Check("data folder", State.FAIL, f"{home} cannot be written", "Set LUISTER_HOME, or change its owner.")


def _disk(home: Path) -> Check:
    free = shutil.disk_usage(home).free
    text = f"{free // MEGABYTE:,} MB free"
    if free < DISK_FAILS_BELOW:
        return Check("disk", State.FAIL, text, "Make room: the database stops when the disk is full.")
    if free < DISK_WARNS_BELOW:
        return Check("disk", State.WARN, text, "Make room before it is full.")
    return Check("disk", State.OK, text)


def _secret_files(home: Path) -> Check:
    files = [home / "secret_key", home / "database.json"]
    open_ones = [str(file) for file in files if file.exists() and file.stat().st_mode & 0o077]
    if open_ones:
        return Check(
            "secrets", State.FAIL, f"Others can read {', '.join(open_ones)}", f"chmod 600 {' '.join(open_ones)}"
        )
    return Check("secrets", State.OK, "Readable by their owner alone")


def _left_behind() -> Iterator[Check]:
    """Yield the databases of root's data folders that are no more."""
    if os.geteuid() != 0 or not SYSTEM_FOLDER.exists():
        return
    for note in sorted(SYSTEM_FOLDER.glob("*/belongs-to")):
        home = Path(note.read_text().strip())
        record = home / "database.json"
        if not record.exists() or note.parent.name not in record.read_text():
            text = f"{note.parent} is the database of {home}, which is gone"
            yield Check("left behind", State.WARN, text, f"If nobody needs it: rm -r {note.parent}")


def _database() -> Check:
    try:
        check_database()
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = str(cursor.fetchone()[0])
    except Error as error:
        return Check("database", State.FAIL, " ".join(str(error).split()), "Check DATABASE_URL and that it runs.")
    except GroundError as error:
        return Check("database", State.FAIL, str(error), "Let DATABASE_URL name another one.")
    return Check("database", State.OK, f"PostgreSQL {version}")


def _tables() -> Check:
    waiting = pending()
    if waiting:
        return Check(
            "tables", State.FAIL, f"{len(waiting)} migrations wait, first {waiting[0]}", "Run “luister migrate”."
        )
    return Check("tables", State.OK, "Up to date")


def _worker(now: datetime) -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        beat: datetime | None = cursor.fetchone()[0]
    if beat is None or now - beat > HEARTBEAT:
        return Check("worker", State.FAIL, "None is running", "Run “luister start”, or “luister worker”.")
    return Check("worker", State.OK, "Running")


def _jobs(now: datetime) -> Check:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs j WHERE status = 'todo' AND coalesce(scheduled_at, "
            "(SELECT min(at) FROM procrastinate_events e WHERE e.job_id = j.id)) < %s",
            [now - OLD_JOB],
        )
        old = int(cursor.fetchone()[0])
    if old:
        return Check("jobs", State.WARN, f"{old} have waited for over 5 minutes", "Run more workers: “luister worker”.")
    return Check("jobs", State.OK, "None waits long")


def _channels() -> Check:
    broken = Channel.objects.filter(state=ChannelState.ATTENTION).order_by("pk").values_list("name", flat=True)
    if broken:
        return Check("channels", State.WARN, f"Need attention: {', '.join(broken)}", "Open Channels in the desk.")
    return Check("channels", State.OK, f"{Channel.objects.count()} connected")


def _channel_secrets() -> Check:
    unreadable = []
    for channel in Channel.objects.order_by("pk").only("pk", "name", "sealed_secrets"):
        try:
            unseal(channel.sealed_secrets, channel_id=channel.pk)
        except CannotOpenError:
            unreadable.append(channel.name)
    if unreadable:
        fix = "Put back the key they were stored with, or connect them again."
        return Check("channel secrets", State.FAIL, f"Cannot be opened: {', '.join(unreadable)}", fix)
    return Check("channel secrets", State.OK, "All can be opened")


def _unknown_sends() -> Check:
    count = Outgoing.objects.filter(state=SendState.UNKNOWN).count()
    if count:
        return Check("replies", State.WARN, f"Of {count} nobody knows whether they arrived", "Open them in the desk.")
    return Check("replies", State.OK, "None is in doubt")


def _bin() -> Check:
    count = RawItem.objects.filter(state=RawState.UNPROCESSABLE).count()
    if count:
        return Check("bin", State.WARN, f"{count} items could not be processed", "Open the bin in the desk.")
    return Check("bin", State.OK, "Empty")
