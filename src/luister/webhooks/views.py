"""Settings › Webhooks: endpoints, what they were told, and telling them again."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.base.clock import utc_now
from luister.webhooks.actions import endpoints as actions
from luister.webhooks.actions.endpoints import Wish
from luister.webhooks.enums import TEST, DeliveryState, Kind
from luister.webhooks.forms import EndpointForm, ReplayForm
from luister.webhooks.models import Endpoint
from luister.webhooks.queries import endpoints as queries
from luister.webhooks.sentences import kind_text


@member_view(Permission.MANAGE_WORKSPACE)
@require_safe
def webhooks(request: WorkspaceRequest) -> HttpResponse:
    """List the endpoints and how they are doing."""
    found = queries.endpoints(request.member, now=utc_now())
    return render(request, "webhooks/list.html", {"endpoints": found})


@member_view(Permission.MANAGE_WORKSPACE)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("secret")
def add(request: WorkspaceRequest) -> HttpResponse:
    """Make an endpoint, and show its secret, once."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            endpoint, secret = actions.make_endpoint(_wish(form), by=request.member, now=utc_now())
        except RefusedError as error:
            form.add_error("address", str(error))
        else:
            return _show_secret(request, endpoint, secret, is_new=True)
    return render(request, "webhooks/add.html", {"form": form}, status=422 if form.errors else 200)


@member_view(Permission.MANAGE_WORKSPACE)
@require_safe
def webhook(request: WorkspaceRequest, webhook_id: int) -> HttpResponse:
    """Show how an endpoint is doing, and what it was told."""
    health = _health(request, webhook_id)
    before, state, kind = (request.GET.get(name, "") for name in ("before", "state", "kind"))
    state = state if state in DeliveryState.values else ""
    kind = kind if kind in [*Kind.values, TEST] else ""
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    rows = queries.deliveries(
        request.member, endpoint_id=webhook_id, state=state, kind=kind, before_id=before_id, limit=queries.PAGE + 1
    )
    shown = rows[: queries.PAGE]
    context = {
        "health": health,
        "endpoint": health.endpoint,
        "kinds": [kind_text(one) for one in health.endpoint.kinds],
        "rows": shown,
        "next_id": shown[-1].delivery.pk if len(rows) > len(shown) else None,
        "state": state,
        "kind": kind,
        "states": DeliveryState.choices,
        "kind_choices": [*Kind.choices, (TEST, kind_text(TEST))],
        "failed_count": queries.failed_count(request.member, endpoint_id=webhook_id),
        "replay_form": ReplayForm(initial={"since": timezone.localtime(utc_now() - timedelta(days=1))}),
    }
    return render(request, "webhooks/webhook.html", context)


@member_view(Permission.MANAGE_WORKSPACE)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: WorkspaceRequest, webhook_id: int) -> HttpResponse:
    """Change where an endpoint is and what it is told."""
    endpoint = _health(request, webhook_id).endpoint
    form = EndpointForm(request.POST) if request.method == "POST" else EndpointForm.of(endpoint)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_endpoint(webhook_id, _wish(form), by=request.member, now=utc_now())
        except RefusedError as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("webhooks:webhook", request.member.workspace.slug, webhook_id)
    context = {"form": form, "endpoint": endpoint}
    return render(request, "webhooks/change.html", context, status=422 if form.errors else 200)


@member_view(Permission.MANAGE_WORKSPACE)
@require_POST
@never_cache
@sensitive_variables("secret")
def rotate(request: WorkspaceRequest, webhook_id: int) -> HttpResponse:
    """Make a new secret, and show it, once."""
    _health(request, webhook_id)
    endpoint, secret = actions.rotate_secret(webhook_id, by=request.member, now=utc_now())
    return _show_secret(request, endpoint, secret, is_new=False)


@member_view(Permission.MANAGE_WORKSPACE)
@require_POST
def switch_on(request: WorkspaceRequest, webhook_id: int) -> HttpResponse:
    """Switch an endpoint on."""
    return _done(request, webhook_id, actions.switch_on, _("It is told again what happens from now on."))


@member_view(Permission.MANAGE_WORKSPACE)
@require_POST
def switch_off(request: WorkspaceRequest, webhook_id: int) -> HttpResponse:
    """Switch an endpoint off."""
    return _done(request, webhook_id, actions.switch_off, _("It is told nothing more until you switch it on."))


@member_view(Permission.MANAGE_WORKSPACE)
@require_POST
def send_test(request: WorkspaceRequest, webhook_id: int) -> HttpResponse:
    """Send a test event."""
    return _done(request, webhook_id, actions.send_test, _("A test event is on its way: see below what is answered."))


@member_view(Permission.MANAGE_WORKSPACE)
@require_POST
def delete(request: WorkspaceRequest, webhook_id: int) -> HttpResponse:
    """Remove an endpoint."""
    endpoint = _health(request, webhook_id).endpoint
    actions.delete_endpoint(webhook_id, by=request.member, now=utc_now())
    messages.success(request, _("The webhook %(name)s is gone.") % {"name": endpoint})
    return redirect("webhooks:webhooks", request.member.workspace.slug)


@member_view(Permission.MANAGE_WORKSPACE)
@require_POST
def replay_failed(request: WorkspaceRequest, webhook_id: int) -> HttpResponse:
    """Have everything delivered again that failed since a moment."""
    _health(request, webhook_id)
    form = ReplayForm(request.POST)
    if form.is_valid():
        count = actions.replay_failed(webhook_id, since=form.moment, by=request.member, now=utc_now())
        told = ngettext("%(count)d delivery is made again.", "%(count)d deliveries are made again.", count)
        messages.success(request, told % {"count": count})
    else:
        messages.error(request, " ".join(map(str, form.errors["since"])))
    return redirect("webhooks:webhook", request.member.workspace.slug, webhook_id)


@member_view(Permission.MANAGE_WORKSPACE)
@require_safe
def delivery(request: WorkspaceRequest, delivery_id: int) -> HttpResponse:
    """Show what was sent, what was answered, and each attempt."""
    found = queries.find_delivery(request.member, delivery_id=delivery_id)
    if found is None:
        raise Http404
    context = {
        "delivery": found,
        "endpoint": found.endpoint,
        "kind": kind_text(found.kind),
        "payload": queries.readable_payload(found),
        "attempts": queries.attempts_of(found),
    }
    return render(request, "webhooks/delivery.html", context)


@member_view(Permission.MANAGE_WORKSPACE)
@require_POST
def replay(request: WorkspaceRequest, delivery_id: int) -> HttpResponse:
    """Have a delivery made again."""
    found = queries.find_delivery(request.member, delivery_id=delivery_id)
    if found is None:
        raise Http404
    if actions.replay(delivery_id, by=request.member, now=utc_now()):
        messages.success(request, _("It is delivered again, under the same id."))
    else:
        messages.info(request, _("It is being delivered right now."))
    return redirect("webhooks:delivery", request.member.workspace.slug, delivery_id)


def _wish(form: EndpointForm) -> Wish:
    values = form.cleaned_data
    return Wish(values["address"], values["kinds"], values["description"], values["with_private"])


def _done(request: WorkspaceRequest, webhook_id: int, action: Callable[..., object], told: str) -> HttpResponse:
    _health(request, webhook_id)
    try:
        action(webhook_id, by=request.member, now=utc_now())
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told)
    return redirect("webhooks:webhook", request.member.workspace.slug, webhook_id)


def _show_secret(request: WorkspaceRequest, endpoint: Endpoint, secret: str, *, is_new: bool) -> HttpResponse:
    return render(request, "webhooks/secret.html", {"endpoint": endpoint, "secret": secret, "is_new": is_new})


def _health(request: WorkspaceRequest, webhook_id: int) -> queries.Health:
    found = queries.find_endpoint(request.member, endpoint_id=webhook_id, now=utc_now())
    if found is None:
        raise Http404
    return found
