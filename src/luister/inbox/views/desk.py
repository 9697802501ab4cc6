"""The desk: a list of cases, a case beside it, and what keeps both up to date."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.inbox.actions.writing import mark_seen
from luister.inbox.enums import Origin
from luister.inbox.forms.filters import query_string
from luister.inbox.queries import around
from luister.inbox.queries.cases import Filters, Page, View
from luister.inbox.queries.people import people_called
from luister.inbox.queries.saved import broken_condition, deleted_view
from luister.inbox.queries.screens import CaseScreen, Frame, case_screen, cases_or_mistake, filter_names, frame, node_of
from luister.inbox.views.answers import is_for
from luister.inbox.views.composer import composer_context
from luister.inbox.views.places import Place, place_of, place_or_all, view_name
from luister.inbox.views.rows import rows as drawn_rows
from luister.inbox.views.sentences import missing
from luister.inbox.views.thread import items
from luister.ui.query_field import Mistake, mistake, mistake_of


@member_view(Permission.SEE_CASES)
@require_GET
def home(request: WorkspaceRequest) -> HttpResponse:
    """Go to the open cases."""
    return HttpResponseRedirect(reverse("inbox:desk", args=[request.member.workspace.slug, View.INBOX]))


@member_view(Permission.SEE_CASES)
@require_GET
def list_of_cases(request: WorkspaceRequest, view: str) -> HttpResponse:
    """Show a view of the work queue; for htmx its rows alone."""
    is_refresh = is_for(request, "cases")
    is_page = not is_refresh and not is_for(request, "more")
    context = _list_context(request, place_of(view, member=request.member), is_page=is_page)
    if is_page:
        return render(request, "inbox/desk.html", context | {"showing": "list"})
    return render(request, "inbox/rows.html", context | {"is_refresh": is_refresh})


@member_view(Permission.SEE_CASES)
@require_GET
def narrow(request: WorkspaceRequest, view: str) -> HttpResponse:
    """Offer what a view can be narrowed by."""
    place = place_of(view, member=request.member)
    context = {
        "view": place.name,
        "filters": place.filters(request.GET),
        "labels": around.labels(member=request.member),
        "channels": around.channels(member=request.member),
        "teams": around.teams(member=request.member),
        "origins": Origin.choices,
        "part": "inbox/narrow.html",
    }
    return render(request, "inbox/narrow.html" if request.htmx else "inbox/narrow_page.html", context)


@member_view(Permission.SEE_CASES)
@require_GET
def case(request: WorkspaceRequest, within: str, number: int) -> HttpResponse:
    """Show a case beside the list; for htmx the case alone."""
    screen = case_screen(number, member=request.member, now=utc_now())
    if screen is None:
        raise Http404
    mark_seen(screen.case, by=request.member, now=utc_now())
    place = place_of(within, member=request.member)
    context = case_context(request, screen, place.name)
    if is_for(request, "case"):
        return render(request, "inbox/case.html", context)
    context |= _list_context(request, place, open_case=screen.case.pk)
    return render(request, "inbox/desk.html", context | {"showing": "case"})


@member_view(Permission.SEE_CASES)
@require_GET
def refresh(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Return what changed around the composer: header, thread and card, never what is being written."""
    screen = case_screen(number, member=request.member, now=utc_now())
    if screen is None:
        raise Http404
    if request.GET.get("seen"):
        mark_seen(screen.case, by=request.member, now=utc_now())
    context = case_context(request, screen, request.GET.get("view", ""))
    return render(request, "inbox/case_parts.html", context)


@member_view(Permission.SEE_CASES)
@require_GET
def permalink(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Go to a case by its number alone."""
    if around.case_id(number, member=request.member) is None:
        raise Http404
    return HttpResponseRedirect(reverse("inbox:case", args=[request.member.workspace.slug, View.ALL, number]))


@member_view(Permission.SEE_CASES)
@require_GET
def presence(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Return which colleagues have the case on their screens."""
    people = around.people_on(number, member=request.member, now=utc_now())
    if people is None:
        raise Http404
    return render(request, "inbox/presence.html", {"people_here": people})


def case_context(request: WorkspaceRequest, screen: CaseScreen, view: str) -> dict[str, Any]:
    """Return what a case's templates show; `view` is where the reader came from."""
    now = utc_now()
    place = place_or_all(view, member=request.member)
    filters = place.filters(request.GET)
    asked = request.GET.get("mode", "")
    return {
        "now": now,
        "view": place.name,
        "heading": place.heading,
        "query": place.query(filters),
        "searched": node_of(filters.text),
        "screen": screen,
        "case": screen.case,
        "items": items(screen, member=request.member, now=now),
        "may_work": request.member.may(Permission.WORK_CASES),
        **composer_context(request, screen, asked=asked, client_id=uuid4()),
    }


def _list_context(
    request: WorkspaceRequest, place: Place, *, open_case: int | None = None, is_page: bool = True
) -> dict[str, Any]:
    now = utc_now()
    filters = place.filters(request.GET)
    query = place.query(filters)
    count = request.GET.get("rows", "")
    cursor = request.GET.get("after", "")
    page = cases_or_mistake(
        place.view,
        member=request.member,
        filters=filters,
        now=now,
        cursor=cursor,
        rows=int(count) if count.isascii() and count.isdigit() and len(count) < 5 else 0,
    )
    around_page = frame(member=request.member, is_whole=is_page)
    return {
        "now": now,
        "view": place.name,
        "heading": place.heading,
        "saved": place.saved,
        "is_changed": place.saved is not None and filters.text != place.saved.query,
        "page": page,
        "rows": drawn_rows(
            page.cases, member=request.member, view=place.name, query=query, now=now, open_case=open_case
        ),
        "filters": filters,
        "is_narrowed": bool(filters.text or query),
        "mistake": _mistake(request, filters, page),
        "people": people_called(filters.text, member=request.member) if filters.text and not cursor else [],
        "narrowed_by": _narrowed_by(request, place, filters),
        "query": query,
        "save_query": query_string(filters, view=place.view),
        "may_save": bool(filters.text or query) and not filters.contact_id and not page.mistake,
        "saves_anew": request.htmx.trigger == "list-search",
        "deleted_view": deleted_view(request.GET.get("deleted", ""), member=request.member),
        "count": "" if filters.text or query else around_page.counts[place.view],
        **_frame_words(around_page),
    }


def _mistake(request: WorkspaceRequest, filters: Filters, page: Page) -> Mistake | None:
    """Return what is wrong with the search, or which of its conditions names what is not there."""
    if page.mistake:
        return mistake_of(page.mistake, text=filters.text)
    broken = broken_condition(filters.text, member=request.member) if filters.text else None
    if broken is None:
        return None
    said = missing(broken.field, broken.value)
    return mistake(filters.text, start=broken.start, length=broken.length, sentence=said)


def _narrowed_by(request: WorkspaceRequest, place: Place, filters: Filters) -> list[tuple[str, str]]:
    """Return what narrows the list: its name, and the address without it."""
    names = filter_names(filters, member=request.member)
    if filters.origin:
        names["origin"] = str(Origin(filters.origin).label)
    return [(text, place.query(filters, **{name: None}) or "?") for name, text in names.items()]


def frame_context(request: WorkspaceRequest) -> dict[str, Any]:
    """Return what the sidebar shows on pages beside the desk."""
    return _frame_words(frame(member=request.member))


def _frame_words(found: Frame) -> dict[str, Any]:
    rows = [(view, view_name(view), found.counts[view], _ICONS[view], _KEYS.get(view, "")) for view in _SHOWN]
    return {
        "views": rows,
        "to_approve": found.counts[View.APPROVE],
        "troubles": found.counts[View.TROUBLE],
        "unread": found.unread,
        "notice_count": found.notices,
        "workspaces": found.workspaces,
        "saved_views": [(saved, "") for saved in found.saved],
        "practice_is_open": settings.LUISTER_PRACTICE,
    }


_SHOWN = (View.INBOX, View.MINE, View.UNASSIGNED, View.WAITING, View.COMPLETED, View.CLOSED, View.ALL)
_ICONS = {
    View.INBOX: "inbox",
    View.MINE: "user",
    View.UNASSIGNED: "user-off",
    View.WAITING: "clock",
    View.COMPLETED: "check-circle",
    View.CLOSED: "archive",
    View.ALL: "case",
}
_KEYS = {View.INBOX: "go-open", View.MINE: "go-mine", View.UNASSIGNED: "go-unassigned", View.ALL: "go-all"}
