"""Streams of mentions, and what is done with one."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.base.errors import SentenceError
from luister.inbox.actions.threading import TakenUp
from luister.listening import access
from luister.listening.actions import mentions as actions
from luister.listening.enums import MentionState
from luister.listening.forms import filters_of
from luister.listening.models import Monitor
from luister.listening.queries import mentions as queries
from luister.listening.queries import monitors as monitor_queries
from luister.listening.sentences import refusal, waits_at
from luister.listening.views.answers import refused, with_toast
from luister.posts.queries.marked import LONGEST
from luister.query import QueryError, anchor_words, parse

LANGUAGES = ("nl", "en", "de", "fr", "es")


@member_view(Permission.SEE_LISTENING)
@require_safe
def stream(request: WorkspaceRequest, monitor_id: int) -> HttpResponse:
    """Show what a monitor found; for htmx its rows alone."""
    monitor = monitor_queries.find_monitor(request.member, monitor_id=monitor_id)
    if monitor is None:
        raise Http404
    return _stream(request, monitor)


@member_view(Permission.SEE_LISTENING)
@require_safe
def every(request: WorkspaceRequest) -> HttpResponse:
    """Show what all monitors found, each post once."""
    return _stream(request, None)


@member_view(Permission.SEE_LISTENING)
@require_safe
def mention(request: WorkspaceRequest, mention_id: int) -> HttpResponse:
    """Show a mention among what was said in its thread."""
    row = queries.one(request.member, mention_id=mention_id, alone="everywhere" not in request.GET)
    if row is None:
        raise Http404
    posts = queries.around(row.mention, member=request.member)
    is_all_said = len(posts) == 1 and len(posts[0].text) <= LONGEST  # the row itself shows all of it
    context = {
        "row": row, "posts": posts, "is_all_said": is_all_said, "monitor": row.mention.monitor, "now": utc_now(),
    }  # fmt: skip
    whole = "listening/mentions/page.html"
    return render(request, "listening/mentions/around.html" if request.htmx else whole, context | _rights(request))


@member_view(Permission.WORK_CASES)
@require_POST
def make_case(request: WorkspaceRequest, mention_id: int) -> HttpResponse:
    """Make a case of a mention."""
    try:
        taken = actions.make_case(mention_id, by=request.member, now=utc_now())
    except SentenceError as error:
        return _refused(request, error)
    url, sentence = _said_of(request, taken)
    if not request.htmx:
        return HttpResponseRedirect(url or reverse("listening:mentions", args=[request.member.workspace.slug]))
    undo = None
    if taken.event_id is not None:
        kept = urlencode({"event": taken.event_id})
        undo = f"{_url(request, 'take_back', mention_id)}?{kept}"
    link = _("Open case #%(number)s") % {"number": taken.case.number} if url else None
    return with_toast(_row(request, mention_id), sentence, undo=undo, seconds=10, href=url, link=link)


@member_view(Permission.WORK_CASES)
@require_POST
def take_back(request: WorkspaceRequest, mention_id: int) -> HttpResponse:
    """Undo making a case."""
    event = request.GET.get("event", "")
    event_id = int(event) if event.isascii() and event.isdigit() and len(event) < 19 else 0
    try:
        actions.take_case_back(mention_id, event_id=event_id, by=request.member, now=utc_now())
    except SentenceError as error:
        return _refused(request, error)
    return with_toast(HttpResponse(status=204), _("Undone: it is a mention again."))


@member_view(Permission.WORK_CASES)
@require_POST
def dismiss(request: WorkspaceRequest, mention_id: int) -> HttpResponse:
    """Put a mention aside."""
    everywhere = "everywhere" in request.GET
    try:
        actions.dismiss(mention_id, everywhere=everywhere, by=request.member, now=utc_now())
    except SentenceError as error:
        return _refused(request, error)
    if not request.htmx:
        return HttpResponseRedirect(reverse("listening:mentions", args=[request.member.workspace.slug]))
    undo = _url(request, "restore", mention_id) + ("?everywhere" if everywhere else "")
    return with_toast(_row(request, mention_id), _("Dismissed."), undo=undo, seconds=10)


@member_view(Permission.WORK_CASES)
@require_POST
def restore(request: WorkspaceRequest, mention_id: int) -> HttpResponse:
    """Take back that a mention was put aside."""
    try:
        actions.restore(mention_id, everywhere="everywhere" in request.GET, by=request.member)
    except SentenceError as error:
        return _refused(request, error)
    if request.htmx and request.htmx.target == f"mention-{mention_id}":
        return _row(request, mention_id)
    return with_toast(HttpResponse(status=204), _("Undone: it is a mention again."))


def _stream(request: WorkspaceRequest, monitor: Monitor | None) -> HttpResponse:
    filters = filters_of(request.GET)
    member = request.member
    since = request.GET.get("since", "")
    if since.isascii() and since.isdigit() and len(since) < 19:
        return _news(request, queries.news(member, monitor=monitor, filters=filters, since=int(since)))
    rows = request.GET.get("rows", "")
    cursor = request.GET.get("after", "")
    limit = max(queries.PAGE, int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 5 else 0)
    page = queries.stream(member, monitor=monitor, filters=filters, cursor=cursor, limit=limit)
    context = {"page": page, "filters": filters, "monitor": monitor, "now": utc_now(), **_rights(request)}
    if not cursor:
        actions.mark_read(monitor, by=member)
    if request.htmx and request.htmx.target in {"mentions", "more"}:
        return render(request, "listening/mentions/rows.html", context)
    return render(request, "listening/mentions/stream.html", context | _around(request, monitor))


def _around(request: WorkspaceRequest, monitor: Monitor | None) -> dict[str, Any]:
    states = [("", _("All")), *MentionState.choices]
    languages = [(code, str(get_language_info(code)["name_translated"])) for code in LANGUAGES]
    return {
        "states": states,
        "networks": queries.networks(request.member),
        "languages": languages,
        **(_waits_at(monitor.query) if monitor else {}),
        "may_change": monitor is not None and access.may_change(monitor, member=request.member),
    }


def _waits_at(query: str) -> dict[str, Any]:
    try:
        words = anchor_words(parse(query, standing=True))
    except QueryError:  # the list of monitors says what is wrong with it
        return {}
    return {"waits_at": waits_at(words), "is_free": words is None}


def _news(request: WorkspaceRequest, count: int) -> HttpResponse:
    text = ngettext("%(count)d new mention: show it", "%(count)d new mentions: show them", count) % {"count": count}
    return HttpResponse(text if count else "", content_type="text/plain; charset=utf-8")


def _rights(request: WorkspaceRequest) -> dict[str, Any]:
    return {"may_handle": access.may_handle(request.member)}


def _row(request: WorkspaceRequest, mention_id: int) -> HttpResponse:
    everywhere = "everywhere" in request.GET
    row = queries.one(request.member, mention_id=mention_id, alone=not everywhere)
    if row is None:
        raise Http404
    context = {"row": row, "monitor": None if everywhere else row.mention.monitor, "now": utc_now()}
    return render(request, "listening/mentions/row.html", context | _rights(request))


def _said_of(request: WorkspaceRequest, taken: TakenUp) -> tuple[str | None, str]:
    number = {"number": taken.case.number}
    if not taken.is_visible:
        return None, _("The customer's case is with another team; this was added there.")
    url = reverse("inbox:permalink", args=[request.member.workspace.slug, taken.case.number])
    if taken.event_id is None:
        return url, _("This is in case #%(number)s already.") % number
    if taken.is_new:
        return url, _("Case #%(number)s is yours.") % number
    return url, _("Added to the customer's case #%(number)s.") % number


def _refused(request: WorkspaceRequest, error: SentenceError) -> HttpResponse:
    if error.reason.code == "mention.not_found":
        raise Http404
    back = reverse("listening:mentions", args=[request.member.workspace.slug])
    return refused(request, refusal(error.reason), back=back)


def _url(request: WorkspaceRequest, name: str, mention_id: int) -> str:
    return reverse(f"listening:{name}", args=[request.member.workspace.slug, mention_id])
