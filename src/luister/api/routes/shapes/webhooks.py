"""Webhooks, and what they were told."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from luister.api.routes.shapes.base import Flag, In, Moment, Named, Out, text
from luister.api.routes.shapes.cases import named
from luister.webhooks.enums import DeliveryState, EndpointState, Kind
from luister.webhooks.models import Delivery
from luister.webhooks.queries.endpoints import Health, Row, Tried

MOST_KINDS = 100


class WebhookIn(In):
    """What a webhook is to be. With `with_private`, whom the token acts as answers for private content going there."""

    address: Annotated[str, text(2000, least=1, description="With https, and of a host that everybody can reach.")]
    kinds: Annotated[list[Kind], Field(min_length=1, max_length=MOST_KINDS)]
    description: Annotated[str, text(200)] = ""
    with_private: Flag = False


class ReplayIn(In):
    """Since when what failed is delivered again."""

    since: Moment


class FiguresOut(Out):
    """What became of its deliveries in the last seven days, and how many wait."""

    delivered: int
    failed: int
    waiting: int


class WebhookOut(Out):
    """A webhook. `version` goes into If-Match; `stopped_because` says why it switched itself off, or is empty."""

    id: int
    address: str
    description: str
    kinds: list[str]
    private_by: Annotated[Named | None, Field(description="Who answers for private content; null: it is left out.")]
    sends_private: Annotated[bool, Field(description="false also once that colleague may no longer see it.")]
    state: EndpointState
    state_since: datetime
    stopped_because: str
    failing_since: datetime | None
    last_tried_at: datetime | None
    last_delivered_at: datetime | None
    figures: FiguresOut
    created_at: datetime
    version: str


class WebhookMade(WebhookOut):
    """A webhook with its secret, which is shown this once: by it a receiver knows that it was us."""

    secret: Annotated[str | None, Field(description="null where an answer with an Idempotency-Key is given again.")]


class AttemptOut(Out):
    """One try. `status` is that of the answer, null where there was none; `says` is for people."""

    at: datetime
    milliseconds: int
    status: int | None
    reason: str
    says: str
    arrived: bool


class WholeAttempt(AttemptOut):
    """One try, with the first 64 kB of what was answered."""

    answer: str
    is_cut: bool


class DeliveryOut(Out):
    """One thing that a webhook was told; `message_id` is its webhook-id, the same on each try."""

    id: int
    message_id: str
    kind: str
    state: DeliveryState
    due_at: Annotated[datetime | None, Field(description="When it is tried; null once it is settled.")]
    created_at: datetime
    settled_at: datetime | None


class DeliveryRow(DeliveryOut):
    """A delivery in a list, with its last try."""

    attempts: int
    last: AttemptOut | None


class WholeDelivery(DeliveryOut):
    """A delivery with what is sent, and every try, newest first."""

    payload: dict[str, Any]
    tried: list[WholeAttempt]


class Replayed(Out):
    """How many deliveries are made again."""

    count: int


def webhook_out(health: Health, *, version: str) -> WebhookOut:
    """Return a webhook as it is shown."""
    return WebhookOut(**_webhook(health, version))


def webhook_made(health: Health, *, version: str, secret: str) -> WebhookMade:
    """Return a webhook with its new secret."""
    return WebhookMade(**_webhook(health, version), secret=secret)


def delivery_out(delivery: Delivery) -> DeliveryOut:
    """Return a delivery as it is shown."""
    return DeliveryOut(**_delivery(delivery))


def delivery_row(row: Row) -> DeliveryRow:
    """Return a delivery of a list."""
    last = AttemptOut(**_attempt(row.last)) if row.last else None
    return DeliveryRow(**_delivery(row.delivery), attempts=row.attempts, last=last)


def whole_delivery(delivery: Delivery, attempts: Sequence[Tried]) -> WholeDelivery:
    """Return a delivery with what is sent and what was answered."""
    tried = [WholeAttempt(**_attempt(one), answer=one.attempt.answer, is_cut=one.attempt.is_cut) for one in attempts]
    return WholeDelivery(**_delivery(delivery), payload=json.loads(delivery.payload), tried=tried)


def _webhook(health: Health, version: str) -> dict[str, Any]:
    endpoint = health.endpoint
    return {
        "id": endpoint.pk,
        "address": endpoint.address,
        "description": endpoint.description,
        "kinds": endpoint.kinds,
        "private_by": named(endpoint.private_by.user) if endpoint.private_by else None,
        "sends_private": health.sends_private,
        "state": EndpointState(endpoint.state),
        "state_since": endpoint.state_since,
        "stopped_because": endpoint.stopped_because,
        "failing_since": endpoint.failing_since,
        "last_tried_at": endpoint.last_tried_at,
        "last_delivered_at": endpoint.last_delivered_at,
        "figures": FiguresOut(delivered=health.delivered, failed=health.failed, waiting=health.waiting),
        "created_at": endpoint.created_at,
        "version": version,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    waits = delivery.state == DeliveryState.WAITING
    return {
        "id": delivery.pk,
        "message_id": delivery.message_id,
        "kind": delivery.kind,
        "state": DeliveryState(delivery.state),
        "due_at": delivery.due_at if waits else None,
        "created_at": delivery.created_at,
        "settled_at": delivery.settled_at,
    }


def _attempt(tried: Tried) -> dict[str, Any]:
    attempt = tried.attempt
    return {
        "at": attempt.at,
        "milliseconds": attempt.milliseconds,
        "status": attempt.status,
        "reason": attempt.reason_code,
        "says": tried.sentence,
        "arrived": tried.arrived,
    }
