"""What people do with the outbox: queue, take back, and decide where the machine cannot."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from luister.accounts.actions import write_audit
from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership, User, Workspace
from luister.base import metrics
from luister.base.connector import Receipt
from luister.base.posts import Author, Bounce, InboundPost
from luister.channels.models import Channel
from luister.delivery.actions import settling
from luister.delivery.actions.waking import wake_channel, wake_lane
from luister.delivery.enums import AttemptOutcome, SendState
from luister.delivery.models import Attempt, Outgoing
from luister.events.live import publish, workspace_topic
from luister.posts.models import Post
from luister.queue import enqueue

CLOCK_SKEW = timedelta(minutes=5)  # between our clock and a network's

_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


@transaction.atomic
def queue_post(  # noqa: PLR0913 - keyword-only, each something the caller decides
    *,
    channel: Channel,
    lane: int,
    by: User | None,
    key: UUID,
    text: str,
    is_public: bool,
    recipient: Author,
    parent: Post | None,
    send_after: datetime,
    now: datetime,
    subject: str = "",
    cc: Sequence[Author] = (),
    references: Sequence[str] = (),
    proposed: bool = False,
) -> Outgoing:
    """Put a post into the outbox with the job that sends it, in the caller's transaction.

    Args:
        lane: posts of one lane leave in the order in which they were queued.
        key: a second post with the same key is the first one.
        references: the ancestors' external ids, oldest first, ending in the parent.
        proposed: it waits for `approve_post`, and has no job before.
    """
    queued = Outgoing(
        workspace_id=channel.workspace_id,
        channel=channel,
        key=key,
        lane=lane,
        by=by,
        is_public=is_public,
        text=text,
        subject=subject,
        recipient=asdict(recipient),
        cc=[asdict(person) for person in cc],
        parent=parent,
        parent_external_id=parent.external_id if parent else "",
        thread_external_id=parent.thread_external_id if parent else "",
        references=list(references),
        state=SendState.PROPOSED if proposed else SendState.QUEUED,
        due_at=send_after,
        send_after=send_after,
        created_at=now,
    )
    Outgoing.objects.bulk_create([queued], ignore_conflicts=True)
    outgoing = Outgoing.objects.get(key=key)
    if outgoing.state != SendState.PROPOSED:
        enqueue("delivery.send", at=outgoing.send_after, outgoing_id=outgoing.pk)
    return outgoing


@transaction.atomic
def approve_post(outgoing_id: int, *, by: User | None, send_after: datetime, now: datetime) -> bool:
    """Let a proposed post go out; False when it was approved or withdrawn already.

    Of this and `withdraw` exactly one wins: both are one conditional UPDATE of the same row.
    """
    proposed = Outgoing.objects.filter(pk=outgoing_id, state=SendState.PROPOSED)
    if not proposed.update(state=SendState.QUEUED, due_at=send_after, send_after=send_after):
        return False
    enqueue("delivery.send", at=send_after, outgoing_id=outgoing_id)
    return True


def withdraw(outgoing_id: int, *, by: User | None, now: datetime) -> bool:
    """Take a proposed post back; False when it was approved or withdrawn already."""
    proposed = Outgoing.objects.filter(pk=outgoing_id, state=SendState.PROPOSED)
    return bool(proposed.update(state=SendState.CANCELLED, settled_at=now))


@transaction.atomic
def cancel(outgoing_id: int, *, by: User | None, now: datetime) -> bool:
    """Take a post back before it leaves; False when it is on its way, or may have arrived already.

    Of this and the claim of a worker exactly one wins: both are one conditional UPDATE of the same row.
    """
    doubtful = Attempt.objects.filter(
        outgoing=OuterRef("pk"), outcome__in=["", AttemptOutcome.UNKNOWN, AttemptOutcome.SENT]
    )
    queued = Outgoing.objects.filter(~Exists(doubtful), pk=outgoing_id, state=SendState.QUEUED)
    if not queued.update(state=SendState.CANCELLED, settled_at=now):
        return False
    taken_back = Outgoing.objects.select_related("channel").get(pk=outgoing_id)
    metrics.sends.labels(taken_back.channel.kind, "cancelled").inc()
    wake_lane(taken_back.lane, now=now)
    return True


@transaction.atomic
def postpone(outgoing_id: int, *, until: datetime, now: datetime) -> bool:
    """Have a post that waits to be sent wait a little longer; False when it is on its way already.

    Of this and the claim of a worker exactly one wins: both are one conditional UPDATE of the same row.
    """
    waiting = Outgoing.objects.filter(pk=outgoing_id, state=SendState.QUEUED, attempts=0, send_after__gt=now)
    if not waiting.filter(send_after__lt=until).update(due_at=until, send_after=until):
        return waiting.exists()
    enqueue("delivery.send", at=until, outgoing_id=outgoing_id)
    return True


@transaction.atomic
def mark_sent(outgoing_id: int, *, by: User | None, now: datetime) -> bool:
    """A person saw that an unknown one arrived; False when it was settled meanwhile."""
    outgoing = settling.locked(outgoing_id)
    if outgoing.state != SendState.UNKNOWN:
        return False
    _resolved(outgoing, by="human")
    return settling.mark_arrived(outgoing, Receipt(""), now=now)


@transaction.atomic
def send_again(outgoing_id: int, *, by: User | None, now: datetime) -> bool:
    """Send once more what failed, or of which a person was asked; False when it was settled meanwhile.

    It keeps its key: should the first have arrived after all, a network that minds keys still shows one.
    """
    outgoing = settling.locked(outgoing_id)
    if not _waits_for_a_person(outgoing):
        return False
    _resolved(outgoing, by="human")
    outgoing.due_at, outgoing.settled_at, outgoing.failures = now, None, 0
    outgoing.reason_code, outgoing.reason_values = "", {}
    outgoing.save(update_fields=["due_at", "settled_at"])
    settling.requeue(outgoing, send_after=now)
    enqueue("delivery.send", outgoing_id=outgoing.pk)
    return True


@transaction.atomic
def abandon(outgoing_id: int, *, by: User | None, now: datetime) -> bool:
    """Leave it at that, for what failed or is unknown; False when it was settled meanwhile."""
    outgoing = settling.locked(outgoing_id)
    if not _waits_for_a_person(outgoing):
        return False
    _resolved(outgoing, by="human")
    outgoing.state, outgoing.settled_at = SendState.ABANDONED, now
    outgoing.save(update_fields=["state", "settled_at"])
    settling.settled(outgoing, now=now)
    return True


def _resolved(outgoing: Outgoing, *, by: str) -> None:
    if outgoing.state == SendState.UNKNOWN:
        metrics.unknown_resolved.labels(outgoing.channel.kind, by).inc()


def _waits_for_a_person(outgoing: Outgoing) -> bool:
    unknown = outgoing.state == SendState.UNKNOWN and outgoing.asked_at is not None
    return unknown or outgoing.state == SendState.FAILED


@transaction.atomic
def bounced(message_id: str, *, channel: Channel, bounce: Bounce, now: datetime) -> Outgoing | None:
    """A mail of ours came back: settle it so and return it; None when it is not ours, or only late."""
    found = _by_message_id(message_id, channel=channel)
    if found is None or not bounce.permanent:
        return None
    outgoing = settling.locked(found.pk)
    if outgoing.state not in {SendState.SENDING, SendState.SENT, SendState.UNKNOWN}:
        return None
    outgoing.state, outgoing.settled_at = SendState.BOUNCED, now
    outgoing.reason_code = "send.bounced"
    outgoing.reason_values = {
        "recipient": bounce.recipient[:320],
        "status": bounce.status[:20],
        "diagnostic": bounce.diagnostic[:500],
    }
    outgoing.save(update_fields=["state", "settled_at", "reason_code", "reason_values"])
    settling.settled(outgoing, now=now)
    return outgoing


def _by_message_id(message_id: str, *, channel: Channel) -> Outgoing | None:
    if not message_id:
        return None
    own = Outgoing.objects.filter(channel=channel)
    key = _UUID.search(message_id)
    return own.filter(external_id=message_id).first() or (own.filter(key=UUID(key[0])).first() if key else None)


@transaction.atomic
def echoed(inbound: InboundPost, *, channel: Channel, now: datetime) -> Outgoing | None:
    """A post of our own account came in: settle the send that it is the echo of, and return that.

    Without a key it is the echo of the one send under way with exactly these words in this place.
    """
    found = _by_key(inbound.echo_key, channel=channel) or _by_words(inbound, channel=channel)
    if found is None:
        return None
    outgoing = settling.locked(found.pk)
    _resolved(outgoing, by="echo")
    receipt = Receipt(inbound.external_id, inbound.url)
    if not settling.mark_arrived(outgoing, receipt, now=now):
        settling.name_sent(outgoing, receipt)
    return outgoing


def _by_key(key: str, *, channel: Channel) -> Outgoing | None:
    is_key = _UUID.fullmatch(key)
    return Outgoing.objects.filter(channel=channel, key=UUID(key)).first() if is_key else None


def _by_words(inbound: InboundPost, *, channel: Channel) -> Outgoing | None:
    if Outgoing.objects.filter(channel=channel, external_id=inbound.external_id).exists():
        return None
    parent = inbound.references[0] if inbound.references else ""
    under_way = Outgoing.objects.filter(
        channel=channel,
        state__in=[SendState.SENDING, SendState.UNKNOWN],
        is_public=inbound.public,
        parent_external_id=parent,
        created_at__lte=inbound.posted_at + CLOCK_SKEW,
    )
    same = [outgoing for outgoing in under_way[:100] if outgoing.text.split() == inbound.text.split()]
    return same[0] if len(same) == 1 else None


def stop_sending(*, by: Membership, now: datetime) -> bool:
    """Stop everything that leaves a workspace, within two seconds; the queue stays as it is. False when it was stopped.

    Raises:
        RefusedError: not allowed.
    """
    _may_stop(by)
    return set_sending(by.workspace, stopped=True, by=by, now=now)


def resume_sending(*, by: Membership, now: datetime) -> bool:
    """Let a workspace send again; False when it did.

    Raises:
        RefusedError: not allowed.
    """
    _may_stop(by)
    return set_sending(by.workspace, stopped=False, by=by, now=now)


def _may_stop(by: Membership) -> None:
    if not by.may(Permission.STOP_SENDING):
        raise RefusedError(_("You may not do this."))


@transaction.atomic
def set_sending(workspace: Workspace, *, stopped: bool, by: Membership | None, now: datetime) -> bool:
    """Stop what leaves a workspace, or let it go; False when it was so already. Nobody is who runs the installation."""
    rows = Workspace.objects.filter(pk=workspace.pk, sending_stopped_at__isnull=stopped)
    if not rows.update(sending_stopped_at=now if stopped else None):
        return False
    verb = "sending.stopped" if stopped else "sending.resumed"
    write_audit(verb, workspace=workspace, by=by, target=workspace, now=now)
    publish(workspace_topic(workspace.pk), "sending-changed")
    if not stopped:
        for channel_id in Channel.objects.filter(workspace=workspace).values_list("pk", flat=True):
            wake_channel(channel_id, now=now)
    return True
