"""What comes in: stored as it is, once, with the cursor; then made into posts.

Replaying stores nothing twice and sends nothing: an outgoing post comes only from a person's action.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError, transaction

from luister.accounts.actions import write_audit
from luister.accounts.models import Membership
from luister.base import connector as base
from luister.base.connector import Account, Fetched
from luister.base.errors import Reason, UnprocessableError
from luister.base.posts import InboundPost
from luister.channels.models import Channel
from luister.delivery import parsing
from luister.delivery.actions.outbox import echoed
from luister.delivery.enums import RawState
from luister.delivery.models import Cursor, RawItem
from luister.delivery.queries import raw_item
from luister.events.live import publish, workspace_topic
from luister.posts.actions import record, revise
from luister.queue import enqueue, enqueue_all

logger = logging.getLogger("luister.delivery")

BATCH: Final = 20  # a job's worth of payloads
FORGOTTEN: Final = timedelta(minutes=2)  # a payload that waits longer has lost its job
MOST_AT_ONCE: Final = 1000


@transaction.atomic
def store_fetched(channel_id: int, fetched: Fetched, *, now: datetime) -> int:
    """Store payloads and the cursor together, and return how many payloads are new."""
    channel = Channel.objects.get(pk=channel_id)
    raw_items = [
        RawItem(
            workspace_id=channel.workspace_id,
            channel=channel,
            external_key=item.external_key[:200],
            content=item.content,
            oversized_bytes=item.oversized_bytes,
            received_at=item.received_at,
        )
        for item in fetched.items
    ]
    before = RawItem.objects.filter(channel=channel, external_key__in=[item.external_key for item in raw_items])
    known = set(before.values_list("external_key", flat=True))
    RawItem.objects.bulk_create(raw_items, ignore_conflicts=True)
    keys = [item.external_key for item in raw_items if item.external_key not in known]
    stored = RawItem.objects.filter(channel=channel, external_key__in=keys).order_by("id")
    ids = list(stored.values_list("pk", flat=True))
    enqueue_all("delivery.process_raw", [{"raw_ids": batch} for batch in _batches(ids)])
    Cursor.objects.update_or_create(channel=channel, defaults={"value": dict(fetched.cursor), "read_at": now})
    Channel.objects.filter(pk=channel_id).update(last_read_at=now)
    return len(ids)


def note_read(channel_id: int, *, now: datetime) -> None:
    """Note that a channel was read, and that there was nothing new."""
    Channel.objects.filter(pk=channel_id).update(last_read_at=now)


def process_raw(raw_ids: Sequence[int], *, now: datetime) -> None:
    """Make posts of payloads, each by itself: one that cannot be processed goes to the bin with its reason."""
    for raw_id in raw_ids:
        _process(raw_id, now=now)


@transaction.atomic
def _process(raw_id: int, *, now: datetime) -> None:
    waiting = RawItem.objects.select_for_update(skip_locked=True, of=("self",)).filter(state=RawState.NEW)
    raw = waiting.select_related("channel__workspace").filter(pk=raw_id).first()
    if raw is None:
        return
    try:
        posts = _parse(raw)
        with transaction.atomic():
            for post in posts:
                _take_in(post, raw=raw, now=now)
        _settle(raw, RawState.PROCESSED, reason=None, now=now)
    except (OperationalError, InterfaceError, parsing.CannotStartError):
        raise  # no fault of the payload's: the job comes back
    except UnprocessableError as error:
        _settle(raw, RawState.UNPROCESSABLE, reason=error.reason, now=now)
    except Exception as error:
        logger.exception("Payload %d could not be stored.", raw.pk)
        reason = Reason("raw.not_stored", {"error": type(error).__name__})
        _settle(raw, RawState.UNPROCESSABLE, reason=reason, now=now)


def _parse(raw: RawItem) -> tuple[InboundPost, ...]:
    channel = raw.channel
    item = base.RawItem(raw.external_key, bytes(raw.content), raw.received_at, raw.oversized_bytes)
    return parsing.parse(channel.kind, Account(channel.pk, channel.handle, channel.settings, {}), item)


def _take_in(inbound: InboundPost, *, raw: RawItem, now: datetime) -> None:
    channel = raw.channel
    if inbound.replaces:
        _take_over(inbound, raw=raw)
        return
    if inbound.ours:
        echoed(inbound, channel=channel, now=now)
    post, is_new = record(inbound, channel=channel, now=now)
    if is_new:
        enqueue("pipeline.run", post_id=post.pk)


def _take_over(inbound: InboundPost, *, raw: RawItem) -> None:
    """Store a post, or what it says since it was edited; a payload that a later one overtook changes nothing."""
    post, is_new = record(inbound, channel=raw.channel, now=raw.received_at)
    if not is_new:
        is_overtaken = raw.received_at < (post.edited_at or post.received_at)
        if is_overtaken or not revise(inbound, post=post, now=raw.received_at):
            return
    enqueue("pipeline.run", post_id=post.pk)
    publish(workspace_topic(raw.workspace_id), "sources-changed", channel=raw.channel_id)


def _settle(raw: RawItem, state: RawState, *, reason: Reason | None, now: datetime) -> None:
    raw.state, raw.processed_at = state, now
    raw.reason_code = reason.code if reason else ""
    raw.reason_values = {name: value.replace("\x00", "") for name, value in reason.values.items()} if reason else {}
    raw.save(update_fields=["state", "processed_at", "reason_code", "reason_values"])


@transaction.atomic
def reprocess(raw_id: int, *, by: Membership, now: datetime) -> bool:
    """Try a payload of the bin again; False when it is not there, or not theirs to see."""
    return _leave_bin(raw_id, RawState.NEW, verb="raw.reprocessed", by=by, now=now)


@transaction.atomic
def discard(raw_id: int, *, by: Membership, now: datetime) -> bool:
    """Take a payload out of the bin for good; False when it is not there, or not theirs to see."""
    return _leave_bin(raw_id, RawState.DISCARDED, verb="raw.discarded", by=by, now=now)


def _leave_bin(raw_id: int, state: RawState, *, verb: str, by: Membership, now: datetime) -> bool:
    raw = raw_item(raw_id, by=by)
    if raw is None:
        return False
    in_bin = RawItem.objects.filter(pk=raw.pk, state=RawState.UNPROCESSABLE)
    if not in_bin.update(state=state, processed_at=now):
        return False
    if state is RawState.NEW:
        enqueue("delivery.process_raw", raw_ids=[raw.pk])
    write_audit(verb, workspace=by.workspace, by=by, target=raw, now=now)
    return True


@transaction.atomic
def process_forgotten(*, now: datetime) -> int:
    """Defer again what has waited for minutes: the job died too often, or was lost with a restored backup."""
    waiting = RawItem.objects.select_for_update(skip_locked=True).filter(state=RawState.NEW)
    forgotten = waiting.filter(received_at__lt=now - FORGOTTEN).order_by("received_at", "id")
    ids = list(forgotten.values_list("pk", flat=True)[:MOST_AT_ONCE])
    enqueue_all("delivery.process_raw", [{"raw_ids": batch} for batch in _batches(ids)])
    return len(ids)


def _batches(ids: Sequence[int]) -> list[list[int]]:
    return [list(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH)]
