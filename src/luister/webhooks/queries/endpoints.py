"""Endpoints with how they are doing, and what they were told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet

from luister.accounts.models import Membership
from luister.delivery.queries import sentence
from luister.webhooks.access import may_send_private, visible_deliveries, visible_endpoints
from luister.webhooks.enums import DeliveryState, EndpointState
from luister.webhooks.models import Attempt, Delivery, Endpoint
from luister.webhooks.sentences import kind_text, own_sentence, status_sentence, stopped_sentence

LATELY = timedelta(days=7)  # what figures of an endpoint are of
PAGE = 50


@dataclass(frozen=True, slots=True)
class Health:
    """An endpoint with what became lately of what it was told."""

    endpoint: Endpoint
    delivered: int
    failed: int
    waiting: int
    stopped_because: str  # a sentence, "" where it is not
    sends_private: bool

    @property
    def is_failing(self) -> bool:
        """Whether it is told things, and the last of them did not arrive."""
        return self.endpoint.state == EndpointState.ON and self.endpoint.failing_since is not None


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt in words."""

    attempt: Attempt
    sentence: str
    arrived: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery in a list."""

    delivery: Delivery
    kind: str  # in words
    attempts: int
    last: Tried | None


def anyone_listens() -> bool:
    """Whether any endpoint of any workspace is on."""
    return Endpoint.objects.filter(state=EndpointState.ON).exists()


def endpoints(member: Membership, *, now: datetime) -> Sequence[Health]:
    """Return the endpoints of the member's workspace, by name, with their figures of the last week."""
    found = visible_endpoints(member).select_related("private_by__user", "created_by")
    return _with_health(list(found.order_by("description", "address", "pk")), now=now)


def every_endpoint(*, now: datetime, slug: str | None = None) -> Sequence[Health]:
    """Return the endpoints of every workspace, or of one, for whoever runs the installation."""
    found = Endpoint.objects.select_related("workspace", "private_by__user").order_by("workspace__slug", "pk")
    return _with_health(list(found.filter(workspace__slug=slug) if slug else found), now=now)


def find_endpoint(member: Membership, *, endpoint_id: int, now: datetime) -> Health | None:
    """Return an endpoint of the member's workspace, or None."""
    found = visible_endpoints(member).select_related("private_by__user", "created_by").filter(pk=endpoint_id)
    return next(iter(_with_health(list(found), now=now)), None)


def _with_health(found: Sequence[Endpoint], *, now: datetime) -> list[Health]:
    lately = Q(settled_at__gte=now - LATELY)
    rows = Delivery.objects.filter(endpoint__in=[endpoint.pk for endpoint in found]).values("endpoint")
    figures = rows.annotate(
        delivered=Count("pk", filter=Q(state=DeliveryState.DELIVERED) & lately),
        failed=Count("pk", filter=Q(state=DeliveryState.FAILED) & lately),
        waiting=Count("pk", filter=Q(state=DeliveryState.WAITING)),
    )
    by_id = {row["endpoint"]: (row["delivered"], row["failed"], row["waiting"]) for row in figures}
    return [
        Health(
            endpoint,
            *by_id.get(endpoint.pk, (0, 0, 0)),
            stopped_because=stopped_sentence(endpoint.stopped_because),
            sends_private=may_send_private(endpoint.private_by),
        )
        for endpoint in found
    ]


def deliveries(
    member: Membership,
    *,
    endpoint_id: int,
    state: str = "",
    kind: str = "",
    before_id: int | None = None,
    limit: int = PAGE,
) -> Sequence[Row]:
    """Return what an endpoint was told, newest first, older than `before_id`."""
    found = visible_deliveries(member).filter(endpoint_id=endpoint_id)
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    if before_id is not None:
        found = found.filter(pk__lt=before_id)
    return _rows(found, limit=limit)


def deliveries_to(endpoint_id: int, *, state: str = "", limit: int = PAGE) -> Sequence[Row]:
    """Return what an endpoint was told, newest first, for whoever runs the installation."""
    found = Delivery.objects.filter(endpoint_id=endpoint_id)
    return _rows(found.filter(state=state) if state else found, limit=limit)


def _rows(found: QuerySet[Delivery], *, limit: int) -> list[Row]:
    attempts = Prefetch("attempts", Attempt.objects.defer("answer").order_by("pk"), to_attr="tried")
    return [
        _row(one)
        for one in found.defer("payload", "withheld_payload").prefetch_related(attempts).order_by("-pk")[:limit]
    ]


def find_delivery(member: Membership, *, delivery_id: int) -> Delivery | None:
    """Return a delivery with its endpoint, or None."""
    return visible_deliveries(member).select_related("endpoint").filter(pk=delivery_id).first()


def attempts_of(delivery: Delivery) -> Sequence[Tried]:
    """Return the attempts at a delivery, newest first."""
    return [_tried(attempt) for attempt in Attempt.objects.filter(delivery=delivery).order_by("-pk")]


def failed_count(member: Membership, *, endpoint_id: int) -> int:
    """Return how many deliveries to an endpoint failed and can be replayed."""
    return visible_deliveries(member).filter(endpoint_id=endpoint_id, state=DeliveryState.FAILED).count()


def readable_payload(delivery: Delivery) -> str:
    """Return what was sent, with a line for each value."""
    return json.dumps(json.loads(delivery.payload), ensure_ascii=False, indent=2)


def reason_sentence(code: str, values: Mapping[str, str]) -> str:
    """Return why there was no answer, in the reader's language."""
    return own_sentence(code, values) or sentence(code, values)


def _row(delivery: Delivery) -> Row:
    tried: list[Attempt] = delivery.tried  # type: ignore[attr-defined]  # prefetched
    return Row(delivery, kind_text(delivery.kind), len(tried), _tried(tried[-1]) if tried else None)


def _tried(attempt: Attempt) -> Tried:
    if attempt.status is not None:
        return Tried(attempt, status_sentence(attempt.status), 200 <= attempt.status < 300)
    return Tried(attempt, reason_sentence(attempt.reason_code, attempt.reason_values), arrived=False)
