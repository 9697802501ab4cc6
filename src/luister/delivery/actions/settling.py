"""What a try at sending came to, written down: each function is one transaction with one winner.

The number of the attempt fences off whoever comes late: a result counts only while the post is still at that
attempt. The good news that a post arrived is taken in whatever was thought of it meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from luister.base.connector import Idempotency, Receipt
from luister.base.errors import ConnectorError, NotSentError, Reason
from luister.base.posts import Kind
from luister.channels.actions import needs_attention
from luister.channels.models import Channel
from luister.delivery.actions.waking import wake_channel, wake_lane
from luister.delivery.enums import AttemptOutcome, SendState
from luister.delivery.models import Attempt, Hold, Outgoing
from luister.posts import actions as posts
from luister.queue import enqueue

MOST_FAILURES: Final = 8
LONGEST_PAUSE: Final = timedelta(hours=1)
SHORTEST_HOLD: Final = timedelta(seconds=1)

OPEN: Final = (SendState.SENDING, SendState.UNKNOWN)  # a result of the present attempt still decides


@dataclass(frozen=True, slots=True)
class Try:
    """One try at sending: which post, the number of its attempt, and what may be done if nobody knows."""

    outgoing_id: int
    number: int
    idempotency: Idempotency


@transaction.atomic
def sent(tried: Try, receipt: Receipt, *, now: datetime) -> None:
    """The network accepted the post."""
    _end_attempt(tried, AttemptOutcome.SENT, now=now, external_id=receipt.external_id)
    mark_arrived(locked(tried.outgoing_id), receipt, now=now)


@transaction.atomic
def not_sent(tried: Try, error: NotSentError | ConnectorError, *, now: datetime) -> None:
    """The post certainly was not sent: it goes back into the queue, or failed for good."""
    _end_attempt(tried, AttemptOutcome.NOT_SENT, now=now, detail=error.reason.code)
    outgoing = locked(tried.outgoing_id)
    if outgoing.attempts != tried.number or outgoing.state not in OPEN:
        return
    outgoing.reason_code, outgoing.reason_values = error.reason.code, dict(error.reason.values)
    if error.needs_attention:
        needs_attention(outgoing.channel, reason=error.reason, now=now)
        requeue(outgoing, send_after=now)
        return
    if error.retry_after is not None:
        hold(outgoing.channel_id, until=now + min(max(error.retry_after, SHORTEST_HOLD), LONGEST_PAUSE))
        requeue(outgoing, send_after=Hold.objects.get(pk=outgoing.channel_id).until)
        enqueue("delivery.wake", at=outgoing.send_after, channel_id=outgoing.channel_id)
        return
    release(outgoing.channel_id, now=now)
    outgoing.failures += 1
    permanent = isinstance(error, NotSentError) and error.permanent
    if permanent or outgoing.failures >= MOST_FAILURES:
        fail(outgoing, now=now)
    else:
        requeue(outgoing, send_after=now + pause_after(outgoing.failures))
        enqueue("delivery.send", at=outgoing.send_after, outgoing_id=outgoing.pk)


@transaction.atomic
def late(tried: Try, *, now: datetime) -> None:
    """The worker was held up between the claim and the request and let it be: another try, at once."""
    _end_attempt(tried, AttemptOutcome.LATE, now=now)
    outgoing = locked(tried.outgoing_id)
    if outgoing.attempts == tried.number and outgoing.state in OPEN:
        requeue(outgoing, send_after=now)
        enqueue("delivery.send", outgoing_id=outgoing.pk)


@transaction.atomic
def unknown(tried: Try, *, detail: str, now: datetime) -> None:
    """Nobody knows what became of it: not the network's answer, or not the worker that asked."""
    came_back = bool(detail)
    if came_back:
        _end_attempt(tried, AttemptOutcome.UNKNOWN, now=now, detail=detail)
    outgoing = locked(tried.outgoing_id)
    if outgoing.attempts != tried.number or outgoing.state != SendState.SENDING:
        return
    release(outgoing.channel_id, now=now)
    outgoing.state = SendState.UNKNOWN
    outgoing.reason_code, outgoing.reason_values = "send.unknown", {}
    outgoing.look_after = _look_after(outgoing, tried.idempotency, since=now if came_back else None)
    outgoing.save(update_fields=["state", "reason_code", "reason_values", "look_after"])
    if tried.idempotency is Idempotency.HUMAN:
        ask(outgoing, reason_code="send.unknown", now=now)


def _look_after(outgoing: Outgoing, idempotency: Idempotency, *, since: datetime | None) -> datetime | None:
    """Return when a request that may still be under way has certainly ended, so that a look tells the truth."""
    began = outgoing.attempted_at or outgoing.created_at
    if idempotency is Idempotency.HUMAN:
        return None
    if idempotency is Idempotency.ECHO:
        return began + timedelta(seconds=settings.LUISTER_ECHO_WAIT_SECONDS)
    deadline, settle = settings.LUISTER_REQUEST_DEADLINE_SECONDS, settings.LUISTER_SETTLE_SECONDS
    return since + timedelta(seconds=settle) if since else began + timedelta(seconds=deadline + settle)


def mark_arrived(outgoing: Outgoing, receipt: Receipt, *, now: datetime) -> bool:
    """Settle a locked row as sent and store the post; False when that was known, or it had been taken back."""
    if outgoing.state in {SendState.SENT, SendState.CANCELLED}:
        return False
    bounced = outgoing.state == SendState.BOUNCED  # the bounce was faster than the news that it left
    if bounced and outgoing.post_id is not None:
        return False
    outgoing.external_id, outgoing.url = receipt.external_id[:1000], receipt.url[:1000]
    outgoing.post = posts.record_sent(
        channel=outgoing.channel,
        external_id=outgoing.external_id or unnamed(outgoing),
        url=outgoing.url,
        text=outgoing.text,
        subject=outgoing.subject,
        is_public=outgoing.is_public,
        kind=_kind(outgoing),
        parent=outgoing.parent,
        thread_external_id=outgoing.thread_external_id or outgoing.external_id,
        sent_by=outgoing.by,
        at=now,
    )
    if not bounced:
        outgoing.state, outgoing.settled_at = SendState.SENT, now
        outgoing.reason_code, outgoing.reason_values = "", {}
    release(outgoing.channel_id, now=now)
    outgoing.save(update_fields=[*_OUTCOME, "external_id", "url", "post"])
    settled(outgoing, now=now)
    enqueue("pipeline.run", post_id=outgoing.post.pk)  # monitors may ask for what we say
    return True


def name_sent(outgoing: Outgoing, receipt: Receipt) -> None:
    """Take in the name that the network gives to a post that was settled as sent without one."""
    if outgoing.state != SendState.SENT or outgoing.external_id or not receipt.external_id:
        return
    outgoing.external_id, outgoing.url = receipt.external_id[:1000], receipt.url[:1000]
    outgoing.save(update_fields=["external_id", "url"])
    if outgoing.post is not None:
        posts.name_sent(outgoing.post, external_id=outgoing.external_id, url=outgoing.url)


def unnamed(outgoing: Outgoing) -> str:
    """Return the external id of a post that was sent to a network that did not name it."""
    return f"sent:{outgoing.key}"


def _kind(outgoing: Outgoing) -> str:
    if outgoing.parent is not None and outgoing.parent.kind == Kind.MAIL:
        return Kind.MAIL
    if not outgoing.is_public:
        return Kind.MESSAGE
    return Kind.REPLY if outgoing.parent_external_id else Kind.POST


_OUTCOME: Final = ["state", "settled_at", "reason_code", "reason_values"]


def fail(outgoing: Outgoing, *, now: datetime) -> None:
    """Settle a locked row as not sent, for the reason that it carries."""
    outgoing.state, outgoing.settled_at = SendState.FAILED, now
    outgoing.save(update_fields=[*_OUTCOME, "failures"])
    settled(outgoing, now=now)


def waited_long(outgoing_id: int, *, now: datetime) -> bool:
    """Ask a person whether a post that could not leave for hours should still; False when it did meanwhile."""
    hours = round(settings.LUISTER_ASK_AGAIN_SECONDS / 3600)
    return cannot_leave(outgoing_id, Reason("send.waited_long", {"hours": str(hours)}), now=now)


@transaction.atomic
def cannot_leave(outgoing_id: int, reason: Reason, *, now: datetime) -> bool:
    """Settle as not sent what was never tried; False when it left meanwhile."""
    outgoing = locked(outgoing_id)
    if outgoing.state != SendState.QUEUED:
        return False
    outgoing.reason_code, outgoing.reason_values = reason.code, dict(reason.values)
    fail(outgoing, now=now)
    return True


@transaction.atomic
def cannot_send(channel: Channel, error: ConnectorError, *, now: datetime) -> None:
    """Nothing of this channel can be sent before a person mends it; what waits keeps waiting."""
    needs_attention(channel, reason=error.reason, now=now)


def ask(outgoing: Outgoing, *, reason_code: str, now: datetime) -> None:
    """Put a locked row whose outcome is unknown before a person."""
    outgoing.reason_code, outgoing.reason_values = reason_code, {}
    outgoing.asked_at, outgoing.look_after = now, None
    outgoing.save(update_fields=["reason_code", "reason_values", "asked_at", "look_after"])
    enqueue("inbox.reply_settled", outgoing_id=outgoing.pk)


def requeue(outgoing: Outgoing, *, send_after: datetime) -> None:
    """Put a locked row back into the queue; the caller defers the job."""
    outgoing.state, outgoing.send_after = SendState.QUEUED, send_after
    outgoing.look_after = outgoing.unlooked_since = outgoing.asked_at = None
    fields = ["state", "send_after", "look_after", "unlooked_since", "asked_at", "failures"]
    outgoing.save(update_fields=[*fields, "reason_code", "reason_values"])


def settled(outgoing: Outgoing, *, now: datetime) -> None:
    """Tell the inbox, and let the next of the lane go."""
    enqueue("inbox.reply_settled", outgoing_id=outgoing.pk)
    wake_lane(outgoing.lane, now=now)


def hold(channel_id: int, *, until: datetime) -> None:
    """Keep a channel from sending until a moment that its network named; of several the latest counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO delivery_hold (channel_id, until) VALUES (%s, %s) ON CONFLICT (channel_id)"
            " DO UPDATE SET until = greatest(delivery_hold.until, excluded.until), probed_until = NULL",
            [channel_id, until],
        )


def release(channel_id: int, *, now: datetime) -> None:
    """Let a channel go on, when the time is over that its network asked for and it does not ask for more."""
    if Hold.objects.filter(channel_id=channel_id, until__lte=now).delete()[0]:
        wake_channel(channel_id, now=now)


def pause_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures: three times as long each time, at most an hour."""
    return min(timedelta(seconds=settings.LUISTER_RETRY_SECONDS * 3 ** (failures - 1)), LONGEST_PAUSE)


def _end_attempt(
    tried: Try, outcome: AttemptOutcome, *, now: datetime, detail: str = "", external_id: str = ""
) -> None:
    Attempt.objects.filter(outgoing_id=tried.outgoing_id, number=tried.number).update(
        outcome=outcome, ended_at=now, detail=detail[:300], external_id=external_id[:1000]
    )


def locked(outgoing_id: int) -> Outgoing:
    """Return an outgoing post with its row locked."""
    # Only the post's own row: the channel and the others are shared with every other send.
    found = Outgoing.objects.select_for_update(of=("self",))
    return found.select_related("channel__workspace", "parent", "by").get(pk=outgoing_id)
