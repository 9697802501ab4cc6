"""What comes in: stored as it is, once, with the cursor; then made into posts.

Replaying stores nothing twice and sends nothing: an outgoing post comes only from a person's action.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Length

from luister.accounts.actions import write_audit
from luister.accounts.models import Membership
from luister.base import connector as base
from luister.base import metrics
from luister.base.connector import Account, Fetched
from luister.base.errors import Reason, UnprocessableError
from luister.base.posts import InboundPost, Kind
from luister.channels.models import Channel
from luister.delivery import parsing
from luister.delivery.actions.outbox import echoed
from luister.delivery.enums import RawState
from luister.delivery.models import Cursor, RawItem
from luister.delivery.queries import raw_item
from luister.events.live import publish, workspace_topic
from luister.posts.actions import record, record_all, revise
from luister.queue import drop_waiting, enqueue, enqueue_all

logger = logging.getLogger("luister.delivery")

BATCH: Final = 100  # a job's worth of payloads, which are stored together
BATCH_BYTES: Final = 4_000_000  # of which a job has no more, unless one alone is larger
FORGOTTEN: Final = timedelta(minutes=2)  # a payload that waits longer has lost its job
MOST_AT_ONCE: Final = 1000
NOTED_EVERY: Final = timedelta(seconds=10)  # of a channel that programs push to


@transaction.atomic
def store_fetched(channel_id: int, fetched: Fetched, *, now: datetime) -> int:
    """Store payloads and the cursor together, and return how many payloads are new."""
    channel = Channel.objects.get(pk=channel_id)
    count = _store_payloads(channel, fetched.items)
    Cursor.objects.update_or_create(channel=channel, defaults={"value": dict(fetched.cursor), "read_at": now})
    note_read(channel_id, now=now)
    return count


@transaction.atomic
def store_pushed(channel_id: int, items: Sequence[base.RawItem], *, now: datetime) -> int:
    """Store payloads that a program hands in, and return how many are new.

    A program does so many times at once: to note each time when would have each wait for the one before it.
    """
    channel = Channel.objects.get(pk=channel_id)
    count = _store_payloads(channel, items)
    if channel.last_read_at is None or channel.last_read_at < now - NOTED_EVERY:
        note_read(channel_id, now=now)
    return count


def _store_payloads(channel: Channel, items: Sequence[base.RawItem]) -> int:
    raw_items = [
        RawItem(
            workspace_id=channel.workspace_id,
            channel=channel,
            external_key=item.external_key[:200],
            content=item.content,
            oversized_bytes=item.oversized_bytes,
            received_at=item.received_at,
        )
        for item in items
    ]
    before = RawItem.objects.filter(channel=channel, external_key__in=[item.external_key for item in raw_items])
    known = set(before.values_list("external_key", flat=True))
    RawItem.objects.bulk_create(raw_items, ignore_conflicts=True)
    keys = [item.external_key for item in raw_items if item.external_key not in known]
    stored = RawItem.objects.filter(channel=channel, external_key__in=keys).order_by("id")
    sizes = list(stored.values_list("pk", Length("content")))
    enqueue_all("delivery.process_raw", [{"raw_ids": batch} for batch in _batches(sizes)])
    return len(sizes)


def note_read(channel_id: int, *, now: datetime) -> None:
    """Note when a channel was read last."""
    Channel.objects.filter(pk=channel_id).update(last_read_at=now)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A payload and what was made of it: posts, or the reason why there can be none."""

    raw: RawItem
    posts: tuple[InboundPost, ...] = ()
    reason: Reason | None = None

    @property
    def is_plain(self) -> bool:
        """Whether its posts are new or known and no more than that, so that they can be stored with many others."""
        return self.reason is None and not any(
            post.ours or post.replaces or post.kind == Kind.MAIL for post in self.posts
        )


def process_raw(raw_ids: Sequence[int], *, now: datetime) -> None:
    """Make posts of payloads; one that cannot be processed goes to the bin with its reason, and takes none along."""
    gathered = _parsed(_gathered(raw_ids))
    for (_, is_plain), some in groupby(gathered, key=lambda one: (one.raw.channel_id, one.is_plain)):
        alike = list(some)
        if not (is_plain and _store_together(alike, now=now)):
            for one in alike:
                _store(one, now=now)


def _gathered(raw_ids: Sequence[int]) -> Sequence[RawItem]:
    """Return what waits of payloads, filled up to a job's worth with what came after them, in the order it came.

    Where payloads come one by one and faster than a job takes, one job does the work of many that way.
    """
    waiting = RawItem.objects.filter(state=RawState.NEW).order_by("pk").annotate(size=Length("content"))
    rows = list(waiting.filter(pk__in=raw_ids).values_list("pk", "size", "channel_id"))
    if not rows:
        return []
    if len(rows) < BATCH:
        channels = {channel_id for _, _, channel_id in rows}
        after = waiting.filter(channel_id__in=channels, pk__gt=rows[0][0]).exclude(pk__in=raw_ids)
        rows += after.values_list("pk", "size", "channel_id")[: BATCH - len(rows)]
    batch = next(iter(_batches((raw_id, size) for raw_id, size, _ in rows)))
    return list(waiting.filter(pk__in=batch).select_related("channel__workspace"))


def _parsed(raws: Sequence[RawItem]) -> Iterator[_Parsed]:
    """Yield payloads, parsed; after one that took all its time the others wait for another turn."""
    for place, raw in enumerate(raws, start=1):
        try:
            parsed = _Parsed(raw, _parse(raw))
        except UnprocessableError as error:
            parsed = _Parsed(raw, reason=error.reason)
        yield parsed
        if parsed.reason and parsed.reason.code == parsing.TOO_SLOW:
            enqueue_all("delivery.process_raw", [{"raw_ids": [one.pk for one in raws[place:]]}] if raws[place:] else [])
            return


def _parse(raw: RawItem) -> tuple[InboundPost, ...]:
    channel = raw.channel
    item = base.RawItem(raw.external_key, bytes(raw.content), raw.received_at, raw.oversized_bytes)
    return parsing.parse(channel.kind, Account(channel.pk, channel.handle, channel.settings, {}), item)


def _store_together(alike: Sequence[_Parsed], *, now: datetime) -> bool:
    """Store the posts of many payloads of a channel in a handful of statements; False when that cannot be."""
    try:
        with transaction.atomic():
            mine = _held([one.raw.pk for one in alike])
            posts = [post for one in alike if one.raw.pk in mine for post in one.posts]
            # The pipeline indexes them, once it is known what they say.
            stored = record_all(posts, channel=alike[0].raw.channel, now=now, indexes=False, renames=True)
            new = [post.pk for post, is_new in stored if is_new]
            _note_lag(alike[0].raw.channel.kind, [post.posted_at for post, is_new in stored if is_new], now=now)
            if new:
                enqueue("pipeline.run_all", post_ids=new)
            done = {"state": RawState.PROCESSED, "processed_at": now, "reason_code": "", "reason_values": {}}
            RawItem.objects.filter(pk__in=mine).update(**done)
            drop_waiting("delivery.process_raw", argument="raw_ids", values=mine)  # of those that were taken along
    except Exception:
        logger.exception("raw.not_stored_together", extra={"count": len(alike)})
        return False
    return True


@transaction.atomic
def _store(parsed: _Parsed, *, now: datetime) -> None:
    raw = parsed.raw
    if not _held([raw.pk]):
        return
    if parsed.reason:
        _settle(raw, RawState.UNPROCESSABLE, reason=parsed.reason, now=now)
        return
    try:
        with transaction.atomic():
            for post in parsed.posts:
                _take_in(post, raw=raw, now=now)
        _settle(raw, RawState.PROCESSED, reason=None, now=now)
    except (OperationalError, InterfaceError):
        raise  # no fault of the payload's: the job comes back
    except Exception as error:
        logger.exception("raw.not_stored", extra={"object_kind": "raw", "object_id": raw.pk})
        reason = Reason("raw.not_stored", {"error": type(error).__name__})
        _settle(raw, RawState.UNPROCESSABLE, reason=reason, now=now)


def _held(raw_ids: Sequence[int]) -> set[int]:
    """Lock payloads that still wait and return them; what another worker has at hand is theirs."""
    waiting = RawItem.objects.select_for_update(skip_locked=True).filter(pk__in=raw_ids, state=RawState.NEW)
    return set(waiting.order_by("pk").values_list("pk", flat=True))


def _take_in(inbound: InboundPost, *, raw: RawItem, now: datetime) -> None:
    channel = raw.channel
    if inbound.replaces:
        _take_over(inbound, raw=raw)
        return
    if inbound.ours:
        echoed(inbound, channel=channel, now=now)
    post, is_new = record(inbound, channel=channel, now=now)
    if is_new:
        _note_lag(channel.kind, [post.posted_at], now=now)
        enqueue("pipeline.run", post_id=post.pk)


def _note_lag(kind: str, written_at: Iterable[datetime], *, now: datetime) -> None:
    lag = metrics.inbound_lag.labels(kind)
    for at in written_at:
        lag.observe(max(0.0, (now - at).total_seconds()))


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
    sizes = list(forgotten.values_list("pk", Length("content"))[:MOST_AT_ONCE])
    enqueue_all("delivery.process_raw", [{"raw_ids": batch} for batch in _batches(sizes)])
    return len(sizes)


def _batches(sizes: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return the ids of payloads, given with their bytes, in jobs' worths."""
    batches: list[list[int]] = []
    room = 0
    for raw_id, size in sizes:
        if not batches or len(batches[-1]) == BATCH or size > room:
            batches.append([])
            room = BATCH_BYTES
        batches[-1].append(raw_id)
        room -= size
    return batches
