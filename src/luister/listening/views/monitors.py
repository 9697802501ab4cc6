"""Monitors: the list, making and changing one with a preview, muting, deleting, looking back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.base.errors import Reason
from luister.listening import access
from luister.listening.actions import looking_back
from luister.listening.actions import monitors as actions
from luister.listening.forms import MonitorForm
from luister.listening.models import Monitor
from luister.listening.queries import mentions as mention_queries
from luister.listening.queries import monitors as queries
from luister.listening.queries.preview import preview as preview_of
from luister.listening.sentences import EXAMPLES, example, refusal, waits_at
from luister.listening.views.answers import refused
from luister.query import QueryError, anchor_words, explain, parse, sentence
from luister.ui.query_field import mistake_of


@member_view(Permission.SEE_LISTENING)
@require_safe
def monitors(request: WorkspaceRequest) -> HttpResponse:
    """List the monitors and what they found this week."""
    found = queries.monitors(request.member, now=utc_now())
    rows = [
        (monitor, _mistake_of(monitor.query), access.may_change(monitor, member=request.member)) for monitor in found
    ]
    return render(request, "listening/monitors/list.html", {"monitors": rows, "examples": EXAMPLES, "now": utc_now()})


@member_view(Permission.SEE_LISTENING)
@require_safe
def nav(request: WorkspaceRequest) -> HttpResponse:
    """Return the monitors for the sidebar, with what is unread."""
    found = queries.unread(request.member)
    total = sum(monitor.unread for monitor in found)  # type: ignore[attr-defined]  # annotated
    here = request.GET.get("here", "")
    context = {"monitors": found[:12], "more": len(found) > 12, "total": total, "here": here}
    return render(request, "listening/monitors/nav.html", context)


@member_view(Permission.SEE_LISTENING)
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: WorkspaceRequest) -> HttpResponse:
    """Make a monitor."""
    begun = example(request.GET.get("example", ""))
    initial = {"name": begun.name, "query": begun.query} if begun else {"query": request.GET.get("query", "")}
    form = _form(request, None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            monitor = actions.make(_wish(form), by=request.member, now=utc_now())
        except actions.RefusedError as error:
            form.add_error(None, refusal(error.reason))
        else:
            messages.success(request, _("“%(name)s” listens from now on.") % {"name": monitor.name})
            return HttpResponseRedirect(_stream(request, monitor.pk))
    return _form_page(request, form, None)


@member_view(Permission.SEE_LISTENING)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: WorkspaceRequest, monitor_id: int) -> HttpResponse:
    """Change a monitor: its name, its query, who sees it."""
    monitor = _seen(request, monitor_id)
    if answer := _not_theirs(request, monitor):
        return answer
    form = _form(request, monitor)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(monitor.pk, _wish(form), by=request.member, now=utc_now())
        except actions.RefusedError as error:
            form.add_error(None, refusal(error.reason))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(_stream(request, monitor.pk))
    return _form_page(request, form, monitor)


@member_view(Permission.SEE_LISTENING)
@require_POST
def preview(request: WorkspaceRequest) -> HttpResponse:
    """Show what a query says and would have found, or what is wrong with it."""
    # Posted rather than asked for in an address: a query may be long, and belongs in no log.
    query = request.POST.get("query", "").strip()
    return render(request, "listening/monitors/preview.html", _preview(request, query) if query else {"is_empty": True})


@member_view(Permission.SEE_LISTENING)
@require_POST
def mute(request: WorkspaceRequest, monitor_id: int) -> HttpResponse:
    """Have a monitor find in silence, or call again."""
    monitor = _seen(request, monitor_id)
    if answer := _not_theirs(request, monitor):
        return answer
    is_muted = request.POST.get("muted") == "1"
    try:
        actions.mute(monitor.pk, is_muted=is_muted, by=request.member, now=utc_now())
    except actions.RefusedError as error:
        return refused(request, refusal(error.reason), back=_stream(request, monitor.pk))
    done = (
        _("“%(name)s” is muted: it goes on finding, and counts nothing.") if is_muted else _("“%(name)s” counts again.")
    )
    messages.success(request, done % {"name": monitor.name})
    return HttpResponseRedirect(_stream(request, monitor.pk))


@member_view(Permission.SEE_LISTENING)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: WorkspaceRequest, monitor_id: int) -> HttpResponse:
    """Ask whether a monitor may go, saying what goes with it; POST deletes it."""
    monitor = _seen(request, monitor_id)
    if answer := _not_theirs(request, monitor):
        return answer
    if request.method != "POST":
        context = {"monitor": monitor, "mention_count": queries.mention_count(monitor)}
        return render(request, "listening/monitors/delete.html", context)
    try:
        name = actions.delete(monitor.pk, by=request.member, now=utc_now())
    except actions.RefusedError as error:
        return refused(request, refusal(error.reason), back=_list(request))
    messages.success(request, _("“%(name)s” was deleted. Posts and cases stayed.") % {"name": name})
    return HttpResponseRedirect(_list(request))


@member_view(Permission.SEE_LISTENING)
@require_safe
def progress(request: WorkspaceRequest, monitor_id: int) -> HttpResponse:
    """Return how far a monitor has looked back."""
    monitor = _seen(request, monitor_id)
    context = {"monitor": monitor, "may_change": access.may_change(monitor, member=request.member)}
    return render(request, "listening/monitors/progress.html", context | progress_of(monitor))


@member_view(Permission.SEE_LISTENING)
@require_POST
def stop(request: WorkspaceRequest, monitor_id: int) -> HttpResponse:
    """Stop looking back."""
    monitor = _seen(request, monitor_id)
    if answer := _not_theirs(request, monitor):
        return answer
    looking_back.cancel(monitor, by=request.member, now=utc_now())
    if request.htmx:
        return progress(request, request.member.workspace.slug, monitor_id=monitor_id)
    return HttpResponseRedirect(_stream(request, monitor.pk))


@member_view(Permission.SEE_CASES)
@require_safe
def of_case(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Return which monitors found what a case is about."""
    found = mention_queries.monitors_of_case(number, member=request.member)
    if found is None:
        raise Http404
    return render(request, "listening/monitors/of_case.html", {"monitors": found})


def progress_of(monitor: Monitor) -> dict[str, Any]:
    """Return how far looking back is, in the figures that its bar shows."""
    back = getattr(monitor, "look_back", None)
    if back is None:
        return {"back": None}
    left = None
    seconds = (utc_now() - back.started_at).total_seconds()
    if back.state == "running" and back.examined and seconds > 5:
        left = seconds * max(back.total - back.examined, 0) / back.examined
    share = 100 if back.state == "done" else round(100 * back.examined / back.total) if back.total else 0
    return {"back": back, "share": min(share, 100), "minutes_left": None if left is None else round(left / 60)}


def _preview(request: WorkspaceRequest, query: str) -> dict[str, Any]:
    try:
        node = parse(query, standing=True)
    except QueryError as error:
        return {"mistake": mistake_of(error, text=query)}
    found = preview_of(node, member=request.member, now=utc_now())
    words = anchor_words(node)
    told = "" if words else query
    return {"says": explain(node, translate=_), "waits_at": waits_at(words), "told": told, "preview": found}


def _mistake_of(query: str) -> str:
    try:
        parse(query, standing=True)
    except QueryError as error:
        return sentence(error.reason, translate=_)
    return ""


def _form(request: WorkspaceRequest, monitor: Monitor | None, initial: dict[str, Any] | None = None) -> MonitorForm:
    return MonitorForm(
        request.POST if request.method == "POST" else None,
        teams=queries.teams(request.member),
        may_share=access.may_share(request.member),
        monitor=monitor,
        initial=initial,
    )


def _wish(form: MonitorForm) -> actions.Wish:
    cleaned = form.cleaned_data
    return actions.Wish(
        cleaned["name"], cleaned["query"], sharing=form.chosen_sharing, team=form.chosen_team, days=form.days
    )


def _form_page(request: WorkspaceRequest, form: MonitorForm, monitor: Monitor | None) -> HttpResponse:
    query = str(form["query"].value() or "").strip()
    context = _preview(request, query) if query else {"is_empty": True}
    context |= {"form": form, "monitor": monitor, "examples": EXAMPLES}
    return render(request, "listening/monitors/form.html", context, status=422 if form.errors else 200)


def _seen(request: WorkspaceRequest, monitor_id: int) -> Monitor:
    monitor = queries.find_monitor(request.member, monitor_id=monitor_id)
    if monitor is None:
        raise Http404
    return monitor


def _not_theirs(request: WorkspaceRequest, monitor: Monitor) -> HttpResponse | None:
    """Say why somebody who sees a monitor may not change it; None where they may."""
    if access.may_change(monitor, member=request.member):
        return None
    return refused(request, refusal(Reason("monitor.not_yours")), back=_stream(request, monitor.pk))


def _stream(request: WorkspaceRequest, monitor_id: int) -> str:
    return reverse("listening:monitor", args=[request.member.workspace.slug, monitor_id])


def _list(request: WorkspaceRequest) -> str:
    return reverse("listening:monitors", args=[request.member.workspace.slug])
