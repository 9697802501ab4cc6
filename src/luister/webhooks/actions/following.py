"""Making deliveries of what happened, by reading the tables that only grow (docs/adr/0012-webhooks.md).

Nothing is asked of whoever writes events. Ids commit out of order, so a table is read only up to where every
transaction that was writing to it has ended.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max

from luister.base.ids import new_uuid
from luister.events.models import Event
from luister.listening.models import Mention
from luister.webhooks.access import may_send_private
from luister.webhooks.enums import EndpointState, Kind, Source
from luister.webhooks.models import Delivery, Endpoint, Reached
from luister.webhooks.queries import payloads
from luister.webhooks.queries.payloads import Told

AT_ONCE: Final = 500  # rows

_TABLES: Final[dict[str, str]] = {Source.EVENT: "events_event", Source.MENTION: "listening_mention"}

# Whoever inserts holds this lock from before it takes an id until it has committed.
_WRITERS: Final = """
    SELECT DISTINCT virtualtransaction FROM pg_locks
     WHERE locktype = 'relation' AND relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted
       AND pid <> pg_backend_pid()
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def follow(source: Source, *, now: datetime) -> bool:
    """Read on in a table and make deliveries of what endpoints want to know; False when there is no more for now.

    One worker at a time reads a table; another that comes meanwhile does nothing. How far it was read and the
    deliveries are one transaction, so that a worker that dies has done all of it or nothing.
    """
    endpoints = _listening(source)
    if not endpoints:
        return False
    Reached.objects.bulk_create([Reached(source=source)], ignore_conflicts=True)
    with transaction.atomic():
        reached = Reached.objects.select_for_update(skip_locked=True).filter(source=source).first()
        if reached is None:
            return False
        before = (reached.done_to, reached.mark, reached.writers)
        horizon = _horizon(reached)
        start = max(reached.done_to, min(_after(endpoint, source) for endpoint in endpoints))
        there_is_more = False
        if horizon > start:
            last = _read(source, after=start, to=horizon, endpoints=endpoints, now=now)
            there_is_more = last is not None
            reached.done_to = horizon if last is None else last
        if (reached.done_to, reached.mark, reached.writers) != before:
            reached.save()
    return there_is_more


def _listening(source: Source) -> Sequence[Endpoint]:
    wanted = {Kind.MENTION_FOUND} if source == Source.MENTION else set(Kind) - {Kind.MENTION_FOUND}
    found = Endpoint.objects.filter(state=EndpointState.ON, kinds__overlap=sorted(wanted))
    return list(found.select_related("private_by__user"))


def _after(endpoint: Endpoint, source: Source) -> int:
    return endpoint.after_mention_id if source == Source.MENTION else endpoint.after_event_id


def _horizon(reached: Reached) -> int:
    """Return the id up to which nothing can appear any more, and look further for the next time.

    Rows up to the mark had their ids when it was set, so whoever was still to commit one was writing then.
    """
    newest = newest_id(Source(reached.source))
    writing = _writing(_TABLES[reached.source])  # asked after the newest id, never before it
    if not writing:
        reached.mark, reached.writers = None, []
        return newest
    if reached.mark is not None and writing.isdisjoint(reached.writers):
        sure = reached.mark
        reached.mark, reached.writers = newest, sorted(writing)
        return sure
    if reached.mark is None:
        reached.mark, reached.writers = newest, sorted(writing)
    return reached.done_to


def newest_id(source: Source) -> int:
    """Return the id of the newest row that is there."""
    rows = Mention.objects if source == Source.MENTION else Event.objects
    found: int | None = rows.aggregate(newest=Max("pk"))["newest"]
    return found or 0


def _writing(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [table])
        return {name for (name,) in cursor.fetchall()}


def _read(source: Source, *, after: int, to: int, endpoints: Sequence[Endpoint], now: datetime) -> int | None:
    """Make deliveries of these rows; return the last that was read where there are more."""
    workspaces = {endpoint.workspace_id for endpoint in endpoints}
    wanted = {kind for endpoint in endpoints for kind in endpoint.kinds}
    if source == Source.MENTION:
        told, ids = _mentions(after=after, to=to, workspaces=workspaces)
    else:
        told, ids = _events(after=after, to=to, workspaces=workspaces, wanted=wanted)
    deliveries = [
        _delivery(endpoint, one, now=now)
        for one in told
        for endpoint in endpoints
        if one.workspace_id == endpoint.workspace_id
        and one.kind in endpoint.kinds
        and (one.source_id or 0) > _after(endpoint, source)
    ]
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True, batch_size=500)
    return ids[-1] if len(ids) == AT_ONCE else None


def _events(
    *, after: int, to: int, workspaces: Collection[int], wanted: Collection[str]
) -> tuple[list[Told], Sequence[int]]:
    names = payloads.event_names(wanted)
    found = Event.objects.filter(pk__gt=after, pk__lte=to, workspace__in=workspaces, name__in=names)
    events = list(found.select_related("workspace", "by").order_by("pk")[:AT_ONCE])
    return payloads.of_events(events, wanted=wanted), [event.pk for event in events]


def _mentions(*, after: int, to: int, workspaces: Collection[int]) -> tuple[list[Told], Sequence[int]]:
    found = Mention.objects.filter(pk__gt=after, pk__lte=to, workspace__in=workspaces, is_live=True)
    rows = found.select_related("workspace", "monitor", "post__author", "post__channel")
    mentions = list(rows.defer("post__html", "post__quoted_text").order_by("pk")[:AT_ONCE])
    return payloads.of_mentions(mentions), [mention.pk for mention in mentions]


def _delivery(endpoint: Endpoint, told: Told, *, now: datetime) -> Delivery:
    has_private = told.private != told.public and may_send_private(endpoint.private_by)
    return Delivery(
        workspace_id=endpoint.workspace_id,
        endpoint=endpoint,
        message_id=new_message_id(),
        source=told.source,
        source_id=told.source_id,
        kind=told.kind,
        payload=told.private if has_private else told.public,
        withheld_payload=told.public if has_private else None,
        due_at=now,
        created_at=now,
    )


def new_message_id() -> str:
    """Return a webhook-id: the same on each try, and no other delivery's."""
    return f"msg_{new_uuid().hex}"
