"""Webhooks: who is told outside what happens."""

from typing import Annotated

from django.http import Http404, HttpResponse
from ninja import Header, Path

from luister.accounts.enums import Permission
from luister.api.actions import webhooks as actions
from luister.api.queries.versions import webhook_version
from luister.api.routes import pages
from luister.api.routes.cases import SEEN
from luister.api.routes.gate import ApiRequest
from luister.api.routes.offers import area
from luister.api.routes.pages import Asked
from luister.api.routes.shapes import webhooks as shapes
from luister.api.routes.shapes.base import MOST_ID, Page
from luister.base.clock import utc_now
from luister.webhooks.actions import endpoints
from luister.webhooks.actions.endpoints import Wish
from luister.webhooks.models import Endpoint
from luister.webhooks.queries import endpoints as queries

AREA = area("Webhooks")
WebhookId = Annotated[int, Path(ge=1, le=MOST_ID)]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=100, pattern=r'^"[0-9a-f]{16}"$', description=SEEN)]
MAY = Permission.MANAGE_WORKSPACE
READ, WRITE = "webhooks:read", "webhooks:write"
EXAMPLE = {
    "address": "https://example.org/luister",
    "kinds": ["case.opened", "reply.failed"],
    "description": "Our CRM",
}


@AREA.offers(
    "GET",
    "/webhooks",
    name="listWebhooks",
    summary="List webhooks",
    scope=READ,
    permission=MAY,
    answers=Page[shapes.WebhookOut],
    problems=("cursor_invalid",),
)
def list_webhooks(request: ApiRequest, asked: Asked) -> Page[shapes.WebhookOut]:
    """By name, with how they are doing; their secrets are never shown."""
    every = queries.endpoints(request.member, now=utc_now())
    rows, cursor = pages.cut(every, request=request, paging=asked, key=lambda one: (str(one.endpoint), one.endpoint.pk))
    return Page(rows=[_out(one) for one in rows], next_cursor=cursor)


@AREA.offers(
    "POST",
    "/webhooks",
    name="makeWebhook",
    summary="Make a webhook",
    scope=WRITE,
    permission=MAY,
    answers=shapes.WebhookMade,
    status=201,
    body=True,
    shown_once=("secret",),
    problems=("refused",),
    example=EXAMPLE,
)
def make_webhook(request: ApiRequest, response: HttpResponse, given: shapes.WebhookIn) -> shapes.WebhookMade:
    """It is told what happens from now on. `secret` is shown this once: keep it where the receiver keeps its own."""
    endpoint, secret = endpoints.make_endpoint(_wish(given), by=request.member, now=utc_now())
    response.headers["Location"] = f"{request.path}/{endpoint.pk}"
    return _with_secret(request, response, endpoint, secret)


@AREA.offers(
    "GET",
    "/webhooks/{webhook_id}",
    name="getWebhook",
    summary="Read a webhook",
    scope=READ,
    permission=MAY,
    answers=shapes.WebhookOut,
)
def get_webhook(request: ApiRequest, response: HttpResponse, webhook_id: WebhookId) -> shapes.WebhookOut:
    """Where it leads, what it is told, how it is doing, and its version."""
    return _shown(request, response, webhook_id)


@AREA.offers(
    "PUT",
    "/webhooks/{webhook_id}",
    name="changeWebhook",
    summary="Change a webhook",
    scope=WRITE,
    permission=MAY,
    answers=shapes.WebhookOut,
    body=True,
    versioned=True,
    problems=("version_conflict", "refused"),
    example=EXAMPLE,
)
def change_webhook(
    request: ApiRequest,
    response: HttpResponse,
    webhook_id: WebhookId,
    given: shapes.WebhookIn,
    if_match: IfMatch = None,
) -> shapes.WebhookOut:
    """Its secret stays; what still waits for it goes to the new address."""
    endpoint_of(request, webhook_id)
    actions.change(webhook_id, _wish(given), seen=_seen(if_match), by=request.member, now=utc_now())
    return _shown(request, response, webhook_id)


@AREA.offers(
    "DELETE",
    "/webhooks/{webhook_id}",
    name="deleteWebhook",
    summary="Delete a webhook",
    scope=WRITE,
    permission=MAY,
    status=204,
    versioned=True,
    problems=("version_conflict",),
)
def delete_webhook(request: ApiRequest, webhook_id: WebhookId, if_match: IfMatch = None) -> None:
    """With the list of its deliveries, and what still waits; to pause it, switch it off."""
    endpoint_of(request, webhook_id)
    actions.delete(webhook_id, seen=_seen(if_match), by=request.member, now=utc_now())


@AREA.offers(
    "POST",
    "/webhooks/{webhook_id}/on",
    name="switchWebhookOn",
    summary="Switch a webhook on",
    scope=WRITE,
    permission=MAY,
    answers=shapes.WebhookOut,
)
def switch_on(request: ApiRequest, response: HttpResponse, webhook_id: WebhookId) -> shapes.WebhookOut:
    """It is told what happens from now on, and what still waited for it; one that is on stays as it is."""
    endpoint_of(request, webhook_id)
    endpoints.switch_on(webhook_id, by=request.member, now=utc_now())
    return _shown(request, response, webhook_id)


@AREA.offers(
    "POST",
    "/webhooks/{webhook_id}/off",
    name="switchWebhookOff",
    summary="Switch a webhook off",
    scope=WRITE,
    permission=MAY,
    answers=shapes.WebhookOut,
)
def switch_off(request: ApiRequest, response: HttpResponse, webhook_id: WebhookId) -> shapes.WebhookOut:
    """It is told nothing more until it is switched on; what happens meanwhile is not kept for it."""
    endpoint_of(request, webhook_id)
    endpoints.switch_off(webhook_id, by=request.member, now=utc_now())
    return _shown(request, response, webhook_id)


@AREA.offers(
    "POST",
    "/webhooks/{webhook_id}/secret",
    name="newWebhookSecret",
    summary="Make a new secret",
    scope=WRITE,
    permission=MAY,
    answers=shapes.WebhookMade,
    shown_once=("secret",),
)
def new_secret(request: ApiRequest, response: HttpResponse, webhook_id: WebhookId) -> shapes.WebhookMade:
    """Shown this once. The one before it stays valid for 24 hours: each delivery is signed with both meanwhile."""
    endpoint_of(request, webhook_id)
    endpoint, secret = endpoints.rotate_secret(webhook_id, by=request.member, now=utc_now())
    return _with_secret(request, response, endpoint, secret)


@AREA.offers(
    "POST",
    "/webhooks/{webhook_id}/test",
    name="testWebhook",
    summary="Send a test event",
    scope=WRITE,
    permission=MAY,
    answers=shapes.DeliveryOut,
    status=202,
    problems=("refused",),
)
def send_test(request: ApiRequest, webhook_id: WebhookId) -> shapes.DeliveryOut:
    """Delivered at once, and only once; what was answered is in `getDelivery` a moment later."""
    endpoint_of(request, webhook_id)
    return shapes.delivery_out(endpoints.send_test(webhook_id, by=request.member, now=utc_now()))


def _wish(given: shapes.WebhookIn) -> Wish:
    return Wish(given.address.strip(), given.kinds, given.description.strip(), given.with_private)


def _seen(if_match: str | None) -> str | None:
    return if_match.strip('"') if if_match else None


def endpoint_of(request: ApiRequest, webhook_id: int) -> queries.Health:
    """Return a webhook that the token may reach, with how it is doing, or answer that there is none."""
    found = queries.find_endpoint(request.member, endpoint_id=webhook_id, now=utc_now())
    if found is None:
        raise Http404
    return found


def _out(health: queries.Health) -> shapes.WebhookOut:
    return shapes.webhook_out(health, version=webhook_version(health.endpoint))


def _shown(request: ApiRequest, response: HttpResponse, webhook_id: int) -> shapes.WebhookOut:
    shown = _out(endpoint_of(request, webhook_id))
    response.headers["ETag"] = f'"{shown.version}"'
    return shown


def _with_secret(request: ApiRequest, response: HttpResponse, endpoint: Endpoint, secret: str) -> shapes.WebhookMade:
    health = endpoint_of(request, endpoint.pk)
    made = shapes.webhook_made(health, version=webhook_version(health.endpoint), secret=secret)
    response.headers["ETag"] = f'"{made.version}"'
    return made
