"""Posts of which nobody knows whether they were sent: found, looked up, sent again, or put before a person.

What may be done follows from the class of the channel's connector (luister.base.connector.Idempotency).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from luister.base import metrics
from luister.base.connector import Idempotency
from luister.base.errors import ConnectorError
from luister.delivery import locks
from luister.delivery.actions import settling
from luister.delivery.actions.settling import MOST_FAILURES, Try
from luister.delivery.enums import SendState
from luister.delivery.models import Attempt, Outgoing
from luister.delivery.queries import account_of, connector_of, idempotency, outbound, taken
from luister.queue import enqueue, enqueue_all, without_waiting_job

logger = logging.getLogger("luister.delivery")

# Networks that remember our key do so for an hour at least; after this much of it a person is asked instead.
KEY_WINDOW: Final = timedelta(minutes=50)
LOOK_AGAIN: Final = timedelta(seconds=30)  # when the network could not be asked
STUCK_DEADLINES: Final = 5  # so many times deadline and settle time, and it is said aloud that something hangs
MOST_AT_ONCE: Final = 500


def flag_abandoned(locking: psycopg.Connection[Any], *, now: datetime) -> int:
    """Mark as unknown what is being sent by nobody any more, and return how many.

    A worker has the post's lock from before the claim until the result is written: a post that is being sent
    while its lock is free has lost its worker. Marking does no harm should the worker live after all.
    """
    flagged = 0
    sending = Outgoing.objects.filter(state=SendState.SENDING).select_related("channel")
    for outgoing in sending.order_by("attempted_at")[:MOST_AT_ONCE]:
        key = locks.send_key(outgoing.pk)
        if locks.try_lock(locking, key):
            try:
                flagged += _flag(outgoing, now=now)
            finally:
                locks.unlock(locking, key)
        elif outgoing.attempted_at is not None and now - outgoing.attempted_at > STUCK_DEADLINES * _unsure_for():
            flagged += _flag_stuck(outgoing, now=now)
    return flagged


def _flag(outgoing: Outgoing, *, now: datetime) -> bool:
    if not Outgoing.objects.filter(pk=outgoing.pk, state=SendState.SENDING, attempts=outgoing.attempts).exists():
        return False  # its worker was about to let the lock go
    logger.warning("send.worker_gone", extra={"object_kind": "outgoing", "object_id": outgoing.pk})
    settling.unknown(_try(outgoing), detail="", now=now)
    return True


@transaction.atomic
def _flag_stuck(outgoing: Outgoing, *, now: datetime) -> bool:
    """A worker hangs in the call, or is frozen: it keeps the lock, so nothing is sent twice; but say so."""
    row = settling.locked(outgoing.pk)
    if row.state != SendState.SENDING or row.attempts != outgoing.attempts:
        return False
    row.state = SendState.UNKNOWN
    row.save(update_fields=["state"])
    settling.ask(row, reason_code="send.stuck", now=now)
    return True


def look_due(*, now: datetime) -> int:
    """Defer a look at the channels with unknown outcomes whose time has come, and return how many."""
    due = Outgoing.objects.filter(state=SendState.UNKNOWN, look_after__lte=now)
    channels = set(due.values_list("channel_id", flat=True))
    jobless = without_waiting_job("delivery.resolve", argument="channel_id", values=channels) if channels else set()
    enqueue_all("delivery.resolve", [{"channel_id": channel_id} for channel_id in sorted(jobless)])
    return len(jobless)


def resolve(channel_id: int, *, clock: Callable[[], datetime]) -> None:
    """Find out what became of a channel's posts, or do what its class allows without knowing."""
    # One at a time: two look-ups of one channel could both take the same post for theirs.
    with locks.held([locks.look_up_key(channel_id)]) as is_ours:
        due = Outgoing.objects.filter(channel_id=channel_id, state=SendState.UNKNOWN, look_after__lte=clock())
        for outgoing in due.select_related("channel").order_by("look_after", "id")[: MOST_AT_ONCE if is_ours else 0]:
            with locks.held([locks.send_key(outgoing.pk)]) as is_free:
                if is_free and not _resolve(outgoing, _class(outgoing), clock=clock):
                    now = clock()
                    due.update(look_after=now + LOOK_AGAIN, unlooked_since=Coalesce("unlooked_since", Value(now)))
                    return


def _resolve(outgoing: Outgoing, kind: Idempotency, *, clock: Callable[[], datetime]) -> bool:
    """Resolve one; False when the network could not be asked, and need not be asked about the others now."""
    if kind is Idempotency.LOOKUP:
        return _look_up(outgoing, clock=clock)
    if kind is Idempotency.OVERWRITE or (kind is Idempotency.KEY and _key_is_remembered(outgoing, now=clock())):
        metrics.unknown_resolved.labels(outgoing.channel.kind, "key").inc()
        _again(outgoing, now=clock())
    else:
        _ask(outgoing, now=clock())
    return True


def _key_is_remembered(outgoing: Outgoing, *, now: datetime) -> bool:
    first = Attempt.objects.filter(outgoing=outgoing).order_by("number").first()
    return first is not None and now - first.started_at < KEY_WINDOW


def _look_up(outgoing: Outgoing, *, clock: Callable[[], datetime]) -> bool:
    try:
        connector, account = connector_of(outgoing.channel.kind), account_of(outgoing.channel)
        receipt = connector.look_up(account, outbound(outgoing, taken=taken(outgoing)))
    except (OperationalError, InterfaceError):  # our own database is away, which says nothing of the network
        raise
    except Exception as error:  # noqa: BLE001 - a connector's mistake must not end the looking
        _could_not_look(outgoing, error, now=clock())
        return False
    metrics.unknown_resolved.labels(outgoing.channel.kind, "lookup").inc()
    if receipt is not None:
        settling.sent(_try(outgoing), receipt, now=clock())
    else:
        _again(outgoing, now=clock())
    return True


def _could_not_look(outgoing: Outgoing, error: Exception, *, now: datetime) -> None:
    known = {"object_kind": "outgoing", "object_id": outgoing.pk, "error": type(error).__name__}
    logger.warning("send.not_looked_up", extra=known)
    if isinstance(error, ConnectorError) and error.needs_attention:
        settling.cannot_send(outgoing.channel, error, now=now)
    since = outgoing.unlooked_since or now
    if now - since > timedelta(seconds=settings.LUISTER_ECHO_WAIT_SECONDS):
        _ask(outgoing, now=now)


@transaction.atomic
def _again(outgoing: Outgoing, *, now: datetime) -> None:
    """Send once more, which does no harm here: the key, the object or the look says so."""
    row = settling.locked(outgoing.pk)
    if not _is_still(row, outgoing):
        return
    row.failures += 1
    if row.failures >= MOST_FAILURES:
        settling.ask(row, reason_code="send.unknown", now=now)
        return
    settling.requeue(row, send_after=now)
    enqueue("delivery.send", outgoing_id=row.pk)


@transaction.atomic
def _ask(outgoing: Outgoing, *, now: datetime) -> None:
    row = settling.locked(outgoing.pk)
    if _is_still(row, outgoing):
        settling.ask(row, reason_code="send.unknown", now=now)


def _is_still(row: Outgoing, outgoing: Outgoing) -> bool:
    return row.state == SendState.UNKNOWN and row.attempts == outgoing.attempts and row.asked_at is None


def _try(outgoing: Outgoing) -> Try:
    return Try(outgoing.pk, outgoing.attempts, _class(outgoing))


def _class(outgoing: Outgoing) -> Idempotency:
    try:
        return idempotency(outgoing.channel)
    except ConnectorError:  # no connector any more
        return Idempotency.HUMAN


def _unsure_for() -> timedelta:
    return timedelta(seconds=settings.LUISTER_REQUEST_DEADLINE_SECONDS + settings.LUISTER_SETTLE_SECONDS)
