"""Deferring the jobs that send: for what stood behind something that is now settled."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from luister.channels.models import Channel
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from luister.delivery.queries import goes_one_at_a_time
from luister.queue import enqueue_all, without_waiting_job

MOST_AT_ONCE: Final = 100  # of one channel

# What the claim of luister.delivery.actions.sending would take now.
_CLAIMABLE: Final = """
    SELECT id, channel_id, place FROM (
        SELECT o.id, o.channel_id, row_number() OVER (PARTITION BY o.channel_id ORDER BY o.send_after, o.id) AS place
          FROM delivery_outgoing o
          JOIN channels_channel c ON c.id = o.channel_id AND c.state = 'active'
          JOIN accounts_workspace w ON w.id = o.workspace_id AND w.sending_stopped_at IS NULL
               AND w.outbound_locked_at IS NULL
         WHERE o.state = 'queued' AND o.send_after <= %(until)s
           AND (%(channel)s::bigint IS NULL OR o.channel_id = %(channel)s)
           AND NOT EXISTS (SELECT 1 FROM delivery_hold h WHERE h.channel_id = o.channel_id AND h.until > %(now)s)
           AND NOT EXISTS (SELECT 1 FROM delivery_outgoing e
                            WHERE e.lane = o.lane AND (e.id < o.id OR e.state <> 'queued')
                              AND e.state IN ('queued', 'sending', 'unknown'))
    ) AS claimable WHERE place <= %(most)s
"""


def wake_lane(lane: int, *, now: datetime) -> None:
    """Defer the next of a lane, if it is due: its own job may have come and gone while it had to wait."""
    following = Outgoing.objects.filter(lane=lane, state=SendState.QUEUED).order_by("id")
    first = following.values_list("id", "send_after").first()
    if first is not None and first[1] <= now:
        _defer({first[0]})


def wake_channel(channel_id: int, *, now: datetime, most: int = MOST_AT_ONCE) -> None:
    """Defer what can be claimed on a channel."""
    _defer(_claimable(until=now, now=now, channel_id=channel_id, most=most))


def wake_forgotten(*, now: datetime, grace: timedelta = timedelta(seconds=1)) -> int:
    """Defer what has been due for a moment and has no job any more; return how many."""
    return _defer(_claimable(until=now - grace, now=now, channel_id=None, most=MOST_AT_ONCE))


def _defer(outgoing_ids: Collection[int]) -> int:
    if not outgoing_ids:
        return 0
    # A job that runs at this moment may be about to find its post not free yet; only one that waits will do.
    jobless = without_waiting_job("delivery.send", argument="outgoing_id", values=outgoing_ids)
    enqueue_all("delivery.send", [{"outgoing_id": outgoing_id} for outgoing_id in sorted(jobless)])
    return len(jobless)


def _claimable(*, until: datetime, now: datetime, channel_id: int | None, most: int) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMABLE, {"until": until, "now": now, "most": most, "channel": channel_id})
        found = cursor.fetchall()
    channels = Channel.objects.in_bulk({row[1] for row in found})
    one_at_a_time = {pk for pk, channel in channels.items() if goes_one_at_a_time(channel)}
    return {outgoing_id for outgoing_id, channel, place in found if place == 1 or channel not in one_at_a_time}
