"""Sending one post: claim, commit, call the network, write down what came of it.

From before the claim until after the result this worker holds the post's session lock. No database transaction
is open during the call. docs/adr/0003-outbox.md has the reasons and the measurements.
"""

import hashlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from luister.base import metrics, tracing
from luister.base.connector import Account, Connector, OutboundPost, Receipt
from luister.base.errors import ConnectorError, NotSentError
from luister.delivery import locks
from luister.delivery.actions import settling
from luister.delivery.actions.settling import Try
from luister.delivery.actions.waking import wake_channel
from luister.delivery.enums import SendState
from luister.delivery.models import Attempt, Hold, Outgoing
from luister.delivery.queries import ONE_AT_A_TIME, account_of, attachments, connector_of, outbound

logger = logging.getLogger("luister.delivery")

# How long a result that is known is held on to while the database is away.
_PATIENCE_SECONDS: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)

MOST_OF_ONE_CHANNEL: Final = 3


@dataclass(frozen=True, slots=True)
class _Ready:
    """A post that could be claimed a moment ago, and all that the call needs."""

    outgoing: Outgoing
    connector: Connector
    account: Account
    post: OutboundPost
    keys: tuple[int, ...]


def send(outgoing_id: int, *, clock: Callable[[], datetime]) -> None:
    """Send a post if it is its turn; otherwise do nothing: what it waits for will wake it."""
    ready = _prepare(outgoing_id, now=clock())
    if ready is None:
        return
    channel_id = ready.outgoing.channel_id
    others_wait = len(ready.keys) > 1
    with _places.one_of(channel_id) as has_place:
        if has_place:
            with locks.held(ready.keys) as got_all:
                if got_all:
                    _send(ready, clock=clock)
            others_wait = others_wait and got_all
    if has_place and (others_wait or _places.were_refused(channel_id)):
        # Only now, with lock and place free: who came meanwhile has gone away.
        wake_channel(channel_id, now=clock(), most=2)


class _Places:
    """How many posts of one channel this process sends at once, so that a slow network does not take every worker."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[int] = Counter()
        self._refused: set[int] = set()
        self._lock = threading.Lock()

    @contextmanager
    def one_of(self, channel_id: int) -> Iterator[bool]:
        """Take a place for as long as the block lasts; False when there is none."""
        with self._lock:
            has_place = self._taken[channel_id] < self._most
            if has_place:
                self._taken[channel_id] += 1
            else:
                self._refused.add(channel_id)
        try:
            yield has_place
        finally:
            with self._lock:
                if has_place:
                    self._taken[channel_id] -= 1

    def were_refused(self, channel_id: int) -> bool:
        """Return whether anybody found no place lately; true until a place was left over."""
        with self._lock:
            found = channel_id in self._refused
            if not self._taken[channel_id]:
                self._refused.discard(channel_id)
            return found


_places = _Places(MOST_OF_ONE_CHANNEL)


def _send(ready: _Ready, *, clock: Callable[[], datetime]) -> None:
    began = _stopwatch()
    tried = _claim(ready, now=clock())
    if tried is None:
        return
    write_down = _call(ready, tried, began)
    _insist(lambda: write_down(clock()))


def _call(ready: _Ready, tried: Try, began: float) -> Callable[[datetime], None]:
    """Call the network and return what has to be written down of it."""
    deadline = settings.LUISTER_REQUEST_DEADLINE_SECONDS
    if _stopwatch() - began > settings.LUISTER_LATE_SECONDS:
        return lambda now: settling.late(tried, now=now)
    kind = ready.outgoing.channel.kind
    try:
        with metrics.send_durations.labels(kind).time(), tracing.span(f"send {kind}", kind="client"):
            receipt = ready.connector.send(ready.account, ready.post, deadline_seconds=deadline)
    except NotSentError as error:
        refused = error
        metrics.sends.labels(kind, "definite_failure").inc()
        if error.retry_after is not None:
            metrics.rate_limited.labels(kind).inc()
        return lambda now: settling.not_sent(tried, refused, now=now)
    except Exception as error:  # noqa: BLE001 - whatever is not certain is unknown
        detail = f"{type(error).__name__}: {error}"
        known = {"object_kind": "outgoing", "object_id": tried.outgoing_id, "error": type(error).__name__}
        logger.warning("send.in_doubt", extra=known)
        metrics.sends.labels(kind, "unknown").inc()
        return lambda now: settling.unknown(tried, detail=detail, now=now)
    metrics.sends.labels(kind, "sent").inc()
    accepted: Receipt = receipt
    return lambda now: settling.sent(tried, accepted, now=now)


def _prepare(outgoing_id: int, *, now: datetime) -> _Ready | None:
    outgoing = Outgoing.objects.select_related("channel").filter(pk=outgoing_id, state=SendState.QUEUED).first()
    if outgoing is None or outgoing.send_after > now or _ask_again(outgoing, now=now):
        return None
    try:
        connector = connector_of(outgoing.channel.kind)
        account = account_of(outgoing.channel)
    except ConnectorError as error:
        settling.cannot_send(outgoing.channel, error, now=now)
        return None
    try:
        post = outbound(outgoing, files=attachments(outgoing))
    except NotSentError as error:
        settling.cannot_leave(outgoing.pk, error.reason, now=now)
        return None
    keys = [locks.send_key(outgoing.pk)]
    if connector.idempotency(account) in ONE_AT_A_TIME:
        keys.insert(0, locks.channel_key(outgoing.channel_id))
    return _Ready(outgoing, connector, account, post, tuple(keys))


def _ask_again(outgoing: Outgoing, *, now: datetime) -> bool:
    """Put a post that could not leave for hours before a person, instead of sending it out of the blue."""
    if now - outgoing.due_at <= timedelta(seconds=settings.LUISTER_ASK_AGAIN_SECONDS):
        return False
    return settling.waited_long(outgoing.pk, now=now)


# What was proposed first and approved last has the lower id, and still waits for one of its lane that is under way.
_CLAIM: Final = """
    UPDATE delivery_outgoing o SET state = 'sending', attempts = attempts + 1, attempted_at = %(now)s
     WHERE o.id = %(id)s AND o.state = 'queued' AND o.send_after <= %(now)s
       AND EXISTS (SELECT 1 FROM channels_channel c WHERE c.id = o.channel_id AND c.state = 'active')
       AND EXISTS (SELECT 1 FROM accounts_workspace w
                    WHERE w.id = o.workspace_id AND w.sending_stopped_at IS NULL
                      AND w.outbound_locked_at IS NULL)
       AND NOT EXISTS (SELECT 1 FROM delivery_outgoing e
                        WHERE e.lane = o.lane AND (e.id < o.id OR e.state <> 'queued')
                          AND e.state IN ('queued', 'sending', 'unknown'))
    RETURNING attempts
"""


def _claim(ready: _Ready, *, now: datetime) -> Try | None:
    """Take the post and note the attempt, committed before anything leaves; None when it is not its turn.

    Raises:
        RuntimeError: a transaction is open, and would stay open during the call.
    """
    outgoing = ready.outgoing
    with transaction.atomic(durable=True):
        if not _may_try(outgoing.channel_id, now=now):
            return None
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, {"id": outgoing.pk, "now": now})
            row = cursor.fetchone()
        if row is None:
            transaction.set_rollback(True)
            return None
        Attempt.objects.create(outgoing=outgoing, number=row[0], started_at=now, request_digest=_digest(ready.post))
    return Try(outgoing.pk, row[0], ready.connector.idempotency(ready.account))


def _may_try(channel_id: int, *, now: datetime) -> bool:
    """Whether the network did not ask this channel to wait; when the time is over one tries first."""
    hold = Hold.objects.select_for_update().filter(pk=channel_id).first()
    if hold is None:
        return True
    if hold.until > now or (hold.probed_until is not None and hold.probed_until > now):
        return False
    hold.probed_until = now + timedelta(seconds=2 * settings.LUISTER_REQUEST_DEADLINE_SECONDS)
    hold.save(update_fields=["probed_until"])
    return True


def _digest(post: OutboundPost) -> str:
    said = {name: value for name, value in asdict(post).items() if name not in {"attachments", "taken"}}
    return hashlib.sha256(repr(sorted(said.items())).encode()).hexdigest()


def _insist(write_down: Callable[[], None]) -> None:
    """Write down a result, also when the database is away for some seconds: nothing else knows it."""
    for pause_seconds in _PATIENCE_SECONDS:
        try:
            write_down()
            return
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(pause_seconds)
    write_down()


def _stopwatch() -> float:
    """Return seconds that go on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
