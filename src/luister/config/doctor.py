"""Everything that can be wrong with an installation, each with the line that mends it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import translation

from luister.accounts.enums import Role
from luister.accounts.models import Membership, User, Workspace
from luister.channels.models import Channel
from luister.channels.secrets import CannotOpenError, unseal
from luister.config import vitals
from luister.config.checks import Check, State
from luister.config.doctor_database import database_checks
from luister.config.doctor_machine import machine_checks
from luister.config.doctor_streams import stream_checks


def examine(home: Path, *, now: datetime, clock: Callable[[], datetime]) -> Iterator[Check]:
    """Yield every check of what runs; those of the database only where it answers. Settings: see `environment`."""
    with translation.override("en"):  # the command line speaks English
        yield from machine_checks(home)
        found = list(database_checks())
        yield from found
        if any(check.state is State.FAIL and check.name == "database" for check in found):
            return
        yield vitals.skew(clock=clock)
        if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
            yield vitals.mail()
        tables = vitals.tables()
        yield tables
        if tables.state is State.FAIL:
            return
        yield from vitals.at_work(now=now)
        yield vitals.backup(now=now)
        yield _channel_secrets()
        yield from _people()
        yield from _stopped()
        yield from stream_checks(now=now)


def _channel_secrets() -> Check:
    unreadable = []
    for channel in Channel.objects.order_by("pk").only("pk", "name", "sealed_secrets"):
        try:
            unseal(channel.sealed_secrets, channel_id=channel.pk)
        except CannotOpenError:
            unreadable.append(channel.name)
    if unreadable:
        text = f"LUISTER_CHANNEL_KEYS does not open the secrets of: {', '.join(unreadable)}"
        fix = "Put back the key they were stored with, or connect them again."
        return Check("channel secrets", State.FAIL, text, fix)
    return Check("channel secrets", State.OK, "All can be opened")


def _people() -> Iterator[Check]:
    """Yield the workspaces that nobody administers."""
    ruled = Membership.objects.filter(role=Role.ADMINISTRATOR, is_active=True, user__is_active=True)
    alone = Workspace.objects.exclude(pk__in=ruled.values("workspace")).order_by("pk").values_list("name", flat=True)
    if alone and User.objects.exists():
        text = f"Nobody can change the settings of {', '.join(alone)}: it has no administrator who may sign in"
        yield Check("administrators", State.FAIL, text, "Run “luister create-admin”.")


def _stopped() -> Iterator[Check]:
    names = Workspace.objects.filter(sending_stopped_at__isnull=False).order_by("pk")
    for workspace in names:
        text = f"{workspace.name} sends nothing, since somebody stopped it"
        fix = f"When it may go on: luister outbox resume --workspace {workspace.slug}"
        yield Check("sending", State.WARN, text, fix, since=workspace.sending_stopped_at)
    for workspace in Workspace.objects.filter(outbound_locked_at__isnull=False).order_by("pk"):
        text = f"{workspace.name} sends nothing, since it came out of a backup"
        fix = f"When nothing else sends for it any more: luister outbound unlock --workspace {workspace.slug}"
        yield Check("sending", State.WARN, text, fix, since=workspace.outbound_locked_at)
