"""How an installation is doing: what doctor, /health/deep and the page Status all look at.

`scope` narrows what belongs to workspaces to those of the reader; None is for who runs the installation.
"""

import shutil
import smtplib
import socket
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.config.backups.verify import MAKE_SURE_EVERY, last_verified
from luister.config.checks import Check, State
from luister.config.migrating import pending
from luister.config.vitals_fence import fence
from luister.delivery.enums import RawState, SendState
from luister.delivery.models import Outgoing, RawItem, Reading
from luister.delivery.queries import sentence
from luister.queue import queue_names
from luister.schedules.queries import staff

MEGABYTE: Final = 1_000_000
DISK_FAILS_BELOW: Final = 200 * MEGABYTE
DISK_WARNS_BELOW: Final = 2_000 * MEGABYTE
OLD_JOB: Final = timedelta(minutes=5)
OLD_SEND: Final = timedelta(minutes=5)
VERY_OLD_SEND: Final = timedelta(minutes=30)
FAILING: Final = timedelta(minutes=15)  # a channel that cannot be read
SKEW: Final = timedelta(seconds=2)
MAIL_SECONDS: Final = 3.0
NIGHTLY: Final = timedelta(days=2)  # where a backup is made each day, one that was missed is worth a look

Scope = Collection[int] | None

LABELS: Final = {
    "tables": gettext_lazy("Tables"),
    "version": gettext_lazy("Version"),
    "worker": gettext_lazy("Worker"),
    "queue": gettext_lazy("Queue"),
    "scheduler": gettext_lazy("Timetable"),
    "jobs": gettext_lazy("Jobs"),
    "outbox": gettext_lazy("Outbox"),
    "replies": gettext_lazy("Replies"),
    "channels": gettext_lazy("Channels"),
    "in": gettext_lazy("Channel, in"),
    "out": gettext_lazy("Channel, out"),
    "bin": gettext_lazy("Bin"),
    "row security": gettext_lazy("Separation of workspaces"),
    "mail": gettext_lazy("Mail"),
    "storage": gettext_lazy("Attachments"),
    "disk": gettext_lazy("Disk"),
    "clock": gettext_lazy("Clock"),
    "backup": gettext_lazy("Backup"),
}


def label(check: Check) -> str:
    """Return what a check is called on a page."""
    first, _space, last = check.name.partition(" ")
    return str(LABELS.get(check.name) or LABELS.get(last.rpartition(" ")[2]) or LABELS.get(first) or check.name)


def vitals(home: Path, *, now: datetime, clock: Callable[[], datetime], scope: Scope = None) -> Iterator[Check]:
    """Yield how everything does that a running installation lives by."""
    found = tables()
    yield found
    yield Check("version", State.OK, version("luister"))
    if found.state is not State.FAIL:
        yield from at_work(now=now, scope=scope)
    yield mail()
    yield storage(Path(settings.MEDIA_ROOT))
    yield disk(home)
    yield skew(clock=clock)
    if found.state is not State.FAIL:
        yield backup(now=now)


def at_work(*, now: datetime, scope: Scope = None) -> Iterator[Check]:
    """Yield how the work goes on, which needs the tables."""
    yield from workers(now=now)
    yield scheduler(now=now)
    yield jobs(now=now)
    yield outbox(now=now, scope=scope)
    yield replies(scope=scope)
    yield from channels(now=now, scope=scope)
    yield raw_items(scope=scope)
    yield fence()


def _of(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    return rows if scope is None else rows.filter(workspace_id__in=scope)


def tables() -> Check:
    """Say whether the tables fit this version."""
    waiting = pending()
    if not waiting:
        return Check("tables", State.OK, _("Up to date"))
    text = ngettext("%(count)d migration waits, %(name)s", "%(count)d migrations wait, first %(name)s", len(waiting))
    return Check("tables", State.FAIL, text % {"count": len(waiting), "name": waiting[0]}, _("Run “luister migrate”."))


def workers(*, now: datetime) -> Iterator[Check]:
    """Yield whether anybody works jobs off, the queues that nobody does, and clocks of workers that are wrong."""
    found = staff(now=now)
    well = [one for one in found.workers if one.is_well]
    fix = _("Run “luister start”, or “luister worker”.")
    if not well:
        since = max((one.seen_at for one in found.workers), default=None)
        yield Check("worker", State.FAIL, _("None is running"), fix, since=since)
        return
    yield Check("worker", State.OK, ngettext("%d runs", "%d run", len(well)) % len(well))
    for queue in sorted(queue_names() - found.queues):
        yield Check(f"queue {queue}", State.FAIL, _("No worker works the queue %(queue)s off") % {"queue": queue}, fix)
    for one in well:
        if abs(one.clock_skew) > SKEW:
            text = _("The clock of the worker on %(host)s is %(seconds)s seconds away from the database's")
            shown = {"host": one.host, "seconds": number_format(abs(one.clock_skew).total_seconds(), 1)}
            yield Check("clock", State.WARN, text % shown, _("Let both keep time with NTP: timedatectl set-ntp true."))


def scheduler(*, now: datetime) -> Check:
    """Say whether somebody keeps the timetable."""
    leader = staff(now=now).leader
    if leader is None or not leader.is_well:
        text = _("Nobody keeps the timetable, so that nothing wakes, cleans up or reports")
        fix = _("Run “luister start”, or “luister worker”.")
        return Check("scheduler", State.FAIL, text, fix, since=leader.seen_at if leader else None)
    return Check("scheduler", State.OK, _("Kept"))


def jobs(*, now: datetime) -> Check:
    """Say whether jobs wait long."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(due), min(queue_name) FROM (SELECT queue_name, coalesce(scheduled_at, "
            "(SELECT min(at) FROM procrastinate_events e WHERE e.job_id = j.id)) AS due "
            "FROM procrastinate_jobs j WHERE status = 'todo') waiting WHERE due < %s",
            [now - OLD_JOB],
        )
        old, since, queue = cursor.fetchone()
    if not old:
        return Check("jobs", State.OK, _("None waits long"))
    text = ngettext(
        "%(count)d has waited for over 5 minutes, in the queue %(queue)s",
        "%(count)d have waited for over 5 minutes, first in the queue %(queue)s",
        old,
    )
    fix = _("Run more workers: “luister worker”.")
    return Check("jobs", State.WARN, text % {"count": old, "queue": queue}, fix, since=since)


def outbox(*, now: datetime, scope: Scope = None) -> Check:
    """Say whether replies that could leave wait long."""
    due = _of(Outgoing.objects.filter(state=SendState.QUEUED, send_after__lte=now - OLD_SEND), scope)
    free = due.filter(
        channel__state=ChannelState.ACTIVE, workspace__sending_stopped_at=None, workspace__outbound_locked_at=None
    )
    found = free.aggregate(count=Count("pk"), since=Min("send_after"))
    if not found["count"]:
        return Check("outbox", State.OK, _("Nothing waits long"))
    text = ngettext(
        "%(count)d reply should have left more than 5 minutes ago",
        "%(count)d replies should have left more than 5 minutes ago",
        found["count"],
    )
    state = State.FAIL if now - found["since"] > VERY_OLD_SEND else State.WARN
    fix = _("See whether a worker runs, and look at the channel.")
    return Check("outbox", state, text % found, fix, since=found["since"])


def replies(*, scope: Scope = None) -> Check:
    """Say whether there are replies of which nobody knows whether they arrived."""
    unknown = _of(Outgoing.objects.filter(state=SendState.UNKNOWN), scope)
    found = unknown.aggregate(count=Count("pk"), since=Min("attempted_at"))
    if not found["count"]:
        return Check("replies", State.OK, _("None is in doubt"))
    text = _("Of %(count)d nobody knows whether they arrived") % found
    return Check("replies", State.WARN, text, _("Open them in the desk."), since=found["since"])


def channels(*, now: datetime, scope: Scope = None) -> Iterator[Check]:
    """Yield each channel that has trouble, in and out; or that all do well."""
    found = _of(Channel.objects.exclude(state=ChannelState.REMOVED), scope).order_by("pk")
    troubles = 0
    late = set(
        Outgoing.objects.filter(state=SendState.QUEUED, send_after__lte=now - OLD_SEND).values_list(
            "channel_id", flat=True
        )
    )
    failing = {one.channel_id: one for one in Reading.objects.filter(failing_since__lte=now - FAILING)}
    for channel in found:
        for check in _channel(channel, failing=failing.get(channel.pk), is_late=channel.pk in late):
            troubles += 1
            yield check
    if not troubles:
        yield Check("channels", State.OK, ngettext("%d works", "%d work", len(found)) % len(found))


def _channel(channel: Channel, *, failing: Reading | None, is_late: bool) -> Iterator[Check]:
    fix = _("Open Channels in the settings of the desk.")
    why = sentence(channel.reason_code, channel.reason_values) if channel.reason_code else ""
    if channel.state == ChannelState.ATTENTION:
        text = _("%(name)s needs attention: %(why)s") % {"name": channel.name, "why": why}
        for direction in ("in", "out"):
            yield Check(f"channel {channel.pk} {direction}", State.FAIL, text, fix, since=channel.state_since)
        return
    if failing is not None and channel.state == ChannelState.ACTIVE:
        why = sentence(failing.reason_code, failing.reason_values)
        text = _("%(name)s cannot be read: %(why)s") % {"name": channel.name, "why": why}
        yield Check(f"channel {channel.pk} in", State.WARN, text, fix, since=failing.failing_since)
    if is_late and channel.state == ChannelState.ACTIVE:
        text = _("Replies of %(name)s do not leave") % {"name": channel.name}
        yield Check(f"channel {channel.pk} out", State.WARN, text, fix)


def raw_items(*, scope: Scope = None) -> Check:
    """Say whether anything came in that could not be processed."""
    waiting = _of(RawItem.objects.filter(state=RawState.UNPROCESSABLE), scope)
    found = waiting.aggregate(count=Count("pk"), since=Min("received_at"))
    if not found["count"]:
        return Check("bin", State.OK, _("Empty"))
    text = ngettext("%d item could not be processed", "%d items could not be processed", found["count"])
    return Check("bin", State.WARN, text % found["count"], _("Open the bin in the desk."), since=found["since"])


def mail() -> Check:
    """Say whether Luister's own mail can leave."""
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        text = _("Invitations and links are not mailed: EMAIL_URL names no mail server")
        return Check("mail", State.WARN, text, _("Set EMAIL_URL, or pass links on by hand."))
    at = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), MAIL_SECONDS):
            return Check("mail", State.OK, at)
    except (OSError, smtplib.SMTPException):
        text = _("The mail server %(at)s does not answer, so that invitations and links do not arrive") % {"at": at}
        return Check("mail", State.FAIL, text, _("Correct EMAIL_URL, or start the mail server."))


def storage(files: Path) -> Check:
    """Say whether attachments can be stored; the folder is made with the first."""
    try:
        if files.exists():
            probe = files / ".luister-probe"
            probe.touch()
            probe.unlink()
        return Check("storage", State.OK, str(files))
    except OSError:
        text = _("%(place)s cannot be written, so that posts with attachments do not come in") % {"place": files}
        fix = _("Give the folder to the user who runs web and worker.")
        return Check("storage", State.FAIL, text, fix)


def disk(home: Path) -> Check:
    """Say whether there is room."""
    usage = shutil.disk_usage(home)
    text = _("%(free)s MB free") % {"free": number_format(usage.free // MEGABYTE, force_grouping=True)}
    if usage.free < DISK_FAILS_BELOW:
        return Check("disk", State.FAIL, text, _("Make room: the database stops when the disk is full."))
    if usage.free < DISK_WARNS_BELOW:
        return Check("disk", State.WARN, text, _("Make room before it is full."))
    return Check("disk", State.OK, text)


def backup(*, now: datetime) -> Check:
    """Say whether a backup was proven lately."""
    found = last_verified()
    fix = _("Run “luister backup create”, and “luister backup verify” with what it made.")
    if found is None:
        return Check("backup", State.WARN, _("None was ever verified"), fix)
    if now - found.at > (NIGHTLY if settings.LUISTER_BACKUP_AT else MAKE_SURE_EVERY):
        text = ngettext("Last verified %d day ago", "Last verified %d days ago", (now - found.at).days)
        return Check("backup", State.WARN, text % (now - found.at).days, fix, since=found.at)
    return Check("backup", State.OK, _("Verified"), since=found.at)


def skew(*, clock: Callable[[], datetime]) -> Check:
    """Say how far the clocks of this machine and of the database are apart."""
    before = clock()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    after = clock()
    # It was read somewhere between the two: only what lies outside of them is skew.
    apart = max(before - theirs, theirs - after, timedelta())
    if apart <= SKEW:
        return Check("clock", State.OK, _("As the database's"))
    text = _("This machine's clock is %(seconds)s seconds away from the database's, so that moments come out wrong")
    shown = {"seconds": number_format(apart.total_seconds(), 1)}
    return Check("clock", State.WARN, text % shown, _("Let both keep time with NTP: timedatectl set-ntp true."))
