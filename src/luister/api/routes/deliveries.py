"""What webhooks were told, and telling them again."""

from typing import Annotated

from django.http import Http404
from django.utils.translation import gettext as _
from ninja import Path, Query
from pydantic import Field

from luister.api.routes import pages
from luister.api.routes.gate import ApiRequest
from luister.api.routes.pages import Paging
from luister.api.routes.problems import ProblemError
from luister.api.routes.shapes import webhooks as shapes
from luister.api.routes.shapes.base import MOST_ID, Page
from luister.api.routes.webhooks import AREA, MAY, READ, WRITE, WebhookId, endpoint_of
from luister.base.clock import utc_now
from luister.webhooks.actions import endpoints
from luister.webhooks.enums import DeliveryState
from luister.webhooks.models import Delivery
from luister.webhooks.queries import endpoints as queries

DeliveryId = Annotated[int, Path(ge=1, le=MOST_ID)]


class Filters(Paging):
    """What narrows the list of deliveries."""

    state: DeliveryState | None = None
    kind: str = Field("", max_length=40, pattern=r"^[a-z_.]*$", description="As `type` of what is sent.")


@AREA.offers(
    "POST",
    "/webhooks/{webhook_id}/replay",
    name="replayFailed",
    summary="Deliver again what failed",
    scope=WRITE,
    permission=MAY,
    answers=shapes.Replayed,
    body=True,
    example={"since": "2026-03-02T09:00:00Z"},
)
def replay_failed(request: ApiRequest, webhook_id: WebhookId, given: shapes.ReplayIn) -> shapes.Replayed:
    """Everything that failed since a moment, each under its own id; of one that is off, once it is switched on."""
    endpoint_of(request, webhook_id)
    count = endpoints.replay_failed(webhook_id, since=given.since, by=request.member, now=utc_now())
    return shapes.Replayed(count=count)


@AREA.offers(
    "GET",
    "/webhooks/{webhook_id}/deliveries",
    name="listDeliveries",
    summary="List what a webhook was told",
    scope=READ,
    permission=MAY,
    answers=Page[shapes.DeliveryRow],
    problems=("cursor_invalid",),
)
def list_deliveries(
    request: ApiRequest, webhook_id: WebhookId, asked: Annotated[Filters, Query()]
) -> Page[shapes.DeliveryRow]:
    """Newest first, each with its last try; they are kept for 30 days."""
    endpoint_of(request, webhook_id)
    at = pages.place(request, asked)
    found = queries.deliveries(
        request.member,
        endpoint_id=webhook_id,
        state=asked.state or "",
        kind=asked.kind,
        before_id=int(at) if at else None,
        limit=asked.limit + 1,
    )
    page = found[: asked.limit]
    following = str(page[-1].delivery.pk) if len(found) > asked.limit else ""
    return Page(rows=[shapes.delivery_row(row) for row in page], next_cursor=pages.cursor(request, following))


@AREA.offers(
    "GET",
    "/webhooks/{webhook_id}/deliveries/{delivery_id}",
    name="getDelivery",
    summary="Read a delivery",
    scope=READ,
    permission=MAY,
    answers=shapes.WholeDelivery,
)
def get_delivery(request: ApiRequest, webhook_id: WebhookId, delivery_id: DeliveryId) -> shapes.WholeDelivery:
    """What is sent, every try, and what was answered."""
    found = _delivery(request, webhook_id, delivery_id)
    return shapes.whole_delivery(found, queries.attempts_of(found))


@AREA.offers(
    "POST",
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    name="replayDelivery",
    summary="Deliver again",
    scope=WRITE,
    permission=MAY,
    answers=shapes.DeliveryOut,
    status=202,
    problems=("conflict",),
)
def replay_delivery(request: ApiRequest, webhook_id: WebhookId, delivery_id: DeliveryId) -> shapes.DeliveryOut:
    """Under the same id; refused while it is being delivered."""
    _delivery(request, webhook_id, delivery_id)
    if not endpoints.replay(delivery_id, by=request.member, now=utc_now(), endpoint_id=webhook_id):
        raise ProblemError("conflict", detail=_("It is being delivered right now."))
    return shapes.delivery_out(_delivery(request, webhook_id, delivery_id))


def _delivery(request: ApiRequest, webhook_id: int, delivery_id: int) -> Delivery:
    found = queries.find_delivery(request.member, delivery_id=delivery_id)
    if found is None or found.endpoint_id != webhook_id:
        raise Http404
    return found
