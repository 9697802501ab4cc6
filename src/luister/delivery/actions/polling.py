"""Reading the channels that are polled: whose turn it is, and what came of it.

Whoever takes a channel holds it by a lease, a moment in its row. What they bring is stored only while that lease is
still theirs, so that a worker that was frozen and comes back changes nothing. docs/adr/0006-polling.md has the reasons.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.db import connection, transaction

from luister.base.connector import Fetched
from luister.base.errors import ConnectorError, Reason
from luister.base.ids import lock_key
from luister.channels import actions as channels
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.delivery.actions.intake import note_read, store_fetched
from luister.delivery.models import Reading
from luister.delivery.queries import account_of, connector_of, cursor_of, polled_kinds
from luister.events.live import publish, workspace_topic

logger = logging.getLogger("luister.poll")

LEASE: Final = timedelta(minutes=3)  # longer than any reading may take
SAME_HOST: Final = timedelta(seconds=1)  # between two readings of one host
OTHERWISE: Final = timedelta(minutes=15)  # where a connector has no opinion
FIRST_PAUSE: Final = timedelta(minutes=2)
ATTENTION_PAUSE: Final = timedelta(hours=1)
LONGEST_PAUSE: Final = timedelta(hours=24)
BROKEN_AFTER: Final = timedelta(days=3)

_CLAIM: Final = """
    UPDATE delivery_reading SET leased_until = %(until)s, tried_at = %(now)s
     WHERE channel_id IN (
        SELECT channel_id FROM (
            SELECT DISTINCT ON (r.host) r.channel_id, r.next_read_at
              FROM delivery_reading r
              JOIN channels_channel c ON c.id = r.channel_id AND c.state IN ('active', 'attention')
             WHERE r.next_read_at <= %(now)s AND (r.leased_until IS NULL OR r.leased_until <= %(now)s)
               AND NOT EXISTS (SELECT 1 FROM delivery_reading b
                                WHERE b.host = r.host AND b.channel_id <> r.channel_id
                                  AND (b.leased_until > %(now)s OR b.tried_at > %(rested)s))
             ORDER BY r.host, r.next_read_at
        ) AS due ORDER BY next_read_at LIMIT %(most)s
    )
    RETURNING channel_id
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to read a channel, until a moment that is also its name."""

    channel_id: int
    until: datetime


def enroll(*, now: datetime) -> int:
    """Give polled channels that have none yet a place in the schedule; return how many."""
    known = Reading.objects.values("channel_id")
    new = Channel.objects.filter(kind__in=polled_kinds()).exclude(pk__in=known).exclude(state=ChannelState.REMOVED)
    readings = [Reading(channel=channel, host=_host(channel), next_read_at=now) for channel in new]
    Reading.objects.bulk_create(readings, ignore_conflicts=True)
    return len(readings)


@transaction.atomic
def claim(*, most: int, now: datetime) -> Sequence[Lease]:
    """Take up to so many channels whose turn it is, longest overdue first and one a host."""
    until = now + LEASE
    with connection.cursor() as cursor:
        # One after the other, or two workers would each take another channel of the same host.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key("delivery.poll", "claim")])
        cursor.execute(_CLAIM, {"now": now, "until": until, "rested": now - SAME_HOST, "most": most})
        return [Lease(channel_id, until) for (channel_id,) in cursor.fetchall()]


def read_polled(lease: Lease, *, clock: Callable[[], datetime]) -> None:
    """Read a channel that was claimed, and note what came of it."""
    channel = Channel.objects.filter(pk=lease.channel_id).first()
    if channel is None:
        return
    try:
        cursor = cursor_of(channel)
        fetched = connector_of(channel.kind).fetch(account_of(channel), cursor)
    except ConnectorError as error:
        note_failure(lease, error, now=clock())
    except Exception as error:
        logger.exception("channel.reading_failed", extra={"channel_id": channel.pk})
        note_failure(lease, ConnectorError("listen.error", error=type(error).__name__), now=clock())
    else:
        note_success(lease, fetched, is_changed=fetched.cursor != cursor, now=clock())


@transaction.atomic
def note_success(lease: Lease, fetched: Fetched, *, is_changed: bool, now: datetime) -> None:
    """Store what was read, and when to read again."""
    reading = _held(lease)
    if reading is None:
        return
    stored = 0
    if fetched.items or is_changed:
        stored = store_fetched(lease.channel_id, fetched, now=now)
    else:
        note_read(lease.channel_id, now=now)
    pace, notices = fetched.pace, [{"code": one.code, "values": dict(one.values)} for one in fetched.notices]
    tells = bool(stored or reading.failures or notices != reading.notices)
    reading.next_read_at = now if fetched.more else now + _jittered(pace.next_in if pace else OTHERWISE)
    reading.failures, reading.failing_since, reading.reason_code, reading.reason_values = 0, None, "", {}
    reading.notices, reading.new_at = notices, now if stored else reading.new_at
    if pace is not None:
        reading.newest_at = pace.newest_at
        reading.usual_gap_seconds = int(pace.usual_gap.total_seconds()) if pace.usual_gap is not None else None
    _give_back(reading, tells=tells)
    channels.works_again(reading.channel, now=now)


@transaction.atomic
def note_failure(lease: Lease, error: ConnectorError, *, now: datetime) -> None:
    """Note why a channel could not be read, when to try again, and whether a person has to look at it."""
    reading = _held(lease)
    if reading is None:
        return
    logger.warning("channel.not_read", extra={"channel_id": lease.channel_id, "code": error.reason.code})
    reading.failures += 1
    reading.failing_since = reading.failing_since or now
    reading.reason_code, reading.reason_values = error.reason.code, dict(error.reason.values)
    pause = _pause(error, failures=reading.failures)
    reading.next_read_at = now + pause if pause is not None else None
    _give_back(reading, tells=True)
    failing = now - reading.failing_since
    if error.needs_attention:
        channels.needs_attention(reading.channel, reason=error.reason, now=now)
    elif failing >= BROKEN_AFTER:
        channels.needs_attention(reading.channel, reason=Reason("poll.broken", {"days": str(failing.days)}), now=now)


@transaction.atomic
def read_soon(channel: Channel, *, now: datetime) -> None:
    """Let a channel be read next, as soon as a worker looks."""
    Reading.objects.update_or_create(
        channel=channel, defaults={"next_read_at": now}, create_defaults={"next_read_at": now, "host": _host(channel)}
    )


def _held(lease: Lease) -> Reading | None:
    """Return the row while the lease is still theirs who ask."""
    found = Reading.objects.select_for_update(of=("self",)).select_related("channel")
    return found.filter(pk=lease.channel_id, leased_until=lease.until).first()


def _give_back(reading: Reading, *, tells: bool) -> None:
    reading.leased_until = None
    reading.save()
    if tells:
        publish(workspace_topic(reading.channel.workspace_id), "sources-changed", channel=reading.channel_id)


def _pause(error: ConnectorError, *, failures: int) -> timedelta | None:
    if error.permanent:
        return None
    if error.retry_after is not None:
        return min(max(error.retry_after, FIRST_PAUSE), LONGEST_PAUSE)
    first = ATTENTION_PAUSE if error.needs_attention else FIRST_PAUSE
    return _jittered(min(first * 2 ** min(failures - 1, 20), LONGEST_PAUSE))


def _jittered(pause: timedelta) -> timedelta:
    """Return a pause up to a tenth longer, so that channels do not come back all at once, and never too early."""
    return pause * random.uniform(1.0, 1.1)  # noqa: S311 - no secret


def _host(channel: Channel) -> str:
    return (urlsplit(str(channel.settings.get("address") or channel.handle)).hostname or channel.kind)[:200]
