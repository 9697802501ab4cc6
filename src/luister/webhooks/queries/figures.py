"""Figures of all webhooks of an installation, for who watches it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from luister.webhooks.enums import DeliveryState, EndpointState
from luister.webhooks.models import Delivery, Endpoint


@dataclass(frozen=True, slots=True)
class Figures:
    """How many there are of each state, and how late the latest is."""

    endpoints: Mapping[str, int]
    deliveries: Mapping[str, int]
    oldest_seconds: float


def figures(*, now: datetime) -> Figures:
    """Return the figures of all workspaces.

    What waits for a receiver that fails, is off, or may not be told anything, is not late: it waits for somebody else.
    """
    failing = Q(state=EndpointState.ON, failing_since__isnull=False)
    endpoints = Endpoint.objects.aggregate(
        works=Count("pk", filter=Q(state=EndpointState.ON, failing_since__isnull=True)),
        failing=Count("pk", filter=failing),
        off=Count("pk", filter=Q(state=EndpointState.OFF)),
        stopped=Count("pk", filter=Q(state=EndpointState.STOPPED)),
    )
    is_late = Q(
        due_at__lte=now,
        endpoint__state=EndpointState.ON,
        endpoint__failing_since__isnull=True,
        workspace__sending_stopped_at__isnull=True,
        workspace__outbound_locked_at__isnull=True,
    )
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING).aggregate(
        count=Count("pk"), since=Min("due_at", filter=is_late)
    )
    since = waiting["since"]
    return Figures(
        endpoints,
        {"waiting": waiting["count"], "failed": Delivery.objects.filter(state=DeliveryState.FAILED).count()},
        (now - since).total_seconds() if since else 0.0,
    )
