"""Working on a case without writing: assign, label, put off, complete, mark, and undo."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.base.errors import Reason, SentenceError
from luister.events.models import Event
from luister.inbox.actions import changes
from luister.inbox.enums import CaseState, Origin
from luister.inbox.forms.when import presets
from luister.inbox.forms.work import (
    AssignForm,
    HandOverForm,
    LabelForm,
    OriginForm,
    SnoozeForm,
    StateForm,
    TeamForm,
    UrgentForm,
)
from luister.inbox.models import Case
from luister.inbox.queries import around
from luister.inbox.queries.cases import case_by_number
from luister.inbox.sentences import refusal
from luister.inbox.views.answers import back, case_url, refused, view_of, with_event, with_toast
from luister.ui.times import full_moment


@member_view(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def assign(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Give a case to someone; GET shows to whom."""
    case = _case(request, number)
    if request.method == "GET":
        handed = {row.member_id for row in around.partners_of(case)}
        lists = {
            "colleagues": around.colleagues(case, member=request.member),
            "teams": around.teams(member=request.member),
            "partners": [(partner, partner.pk in handed) for partner in around.partners(member=request.member)],
        }
        return _menu(request, case, "inbox/assign.html", lists)
    form = AssignForm(request.POST)
    form.is_valid()
    wanted = form.cleaned_data.get("to")
    colleagues = {member.user_id: member.user for member in around.colleagues(case, member=request.member)}
    if wanted is not None and wanted not in colleagues:
        raise Http404
    to = colleagues[wanted] if wanted is not None else None
    if to is None:
        done = _("Assigned to nobody.")
    elif to.pk == request.user.pk:
        done = _("Assigned to you.")
    else:
        done = _("Assigned to %(name)s.") % {"name": to}
    return _do(request, case, lambda: changes.assign(case.pk, to=to, by=request.member, now=utc_now()), done)


@member_view(Permission.WORK_CASES)
@require_POST
def team(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Give a case to a team."""
    case = _case(request, number)
    form = TeamForm(request.POST)
    form.is_valid()
    wanted = form.cleaned_data.get("team")
    teams = {found.pk: found for found in around.teams(member=request.member)}
    if wanted is not None and wanted not in teams:
        raise Http404
    to = teams[wanted] if wanted is not None else None
    done = _("Moved to %(team)s.") % {"team": to} if to else _("Taken away from its team.")
    return _do(request, case, lambda: changes.move_to_team(case.pk, team=to, by=request.member, now=utc_now()), done)


@member_view(Permission.WORK_CASES)
@require_POST
def hand_over(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Hand a case to a partner, or take it back."""
    case = _case(request, number)
    form = HandOverForm(request.POST)
    form.is_valid()
    to, back_from = form.cleaned_data.get("to"), form.cleaned_data.get("back")
    partners = {partner.pk: partner for partner in around.partners(member=request.member)}
    partners |= {row.member_id: row.member for row in around.partners_of(case)}
    partner = partners.get(to or back_from or 0)
    if partner is None:
        return refused(request, refusal(Reason("handover.not_a_partner")), case=case)

    def change() -> None:
        if to:
            changes.hand_over(case.pk, to=partner, by=request.member, now=utc_now())
        else:
            changes.take_back(case.pk, member=partner, by=request.member, now=utc_now())

    done = _("Handed to %(name)s.") if to else _("Taken back from %(name)s.")
    return _do(request, case, change, done % {"name": partner.user})


@member_view(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def label(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Put a label on a case or take one off; GET shows which there are."""
    case = _case(request, number)
    if request.method == "GET":
        on = {row.label_id for row in case.labels_shown}  # type: ignore[attr-defined] # prefetched with the case
        found = [(label, label.pk in on) for label in around.labels(member=request.member)]
        return _menu(request, case, "inbox/label.html", {"labels": found})
    form = LabelForm(request.POST)
    form.is_valid()
    gone, name = form.cleaned_data.get("remove"), form.cleaned_data.get("name", "")

    def change() -> None:
        if gone:
            changes.remove_label(case.pk, label_id=gone, by=request.member, now=utc_now())
        else:
            changes.add_label(case.pk, name=name, by=request.member, now=utc_now())

    return _do(request, case, change, "")


@member_view(Permission.WORK_CASES)
@require_http_methods(["GET", "POST"])
def snooze(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Have a case wait until a moment; GET offers some."""
    case = _case(request, number)
    now, zone = utc_now(), ZoneInfo(request.member.workspace.time_zone)
    if request.method == "GET":
        return _menu(request, case, "inbox/snooze.html", {"presets": presets(now=now, zone=zone)})
    form = SnoozeForm(request.POST, now=now, zone=zone)
    if not form.is_valid():
        return refused(request, " ".join(str(error) for error in form.errors["until"]), case=case)
    until = form.cleaned_data["until"]
    done = _("Put off until %(moment)s.") % {"moment": full_moment(until)}
    return _do(request, case, lambda: changes.snooze(case.pk, until=until, by=request.member, now=now), done, on=True)


@member_view(Permission.WORK_CASES)
@require_POST
def state(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Open, complete or close a case, or have it wait."""
    case = _case(request, number)
    form = StateForm(request.POST)
    if not form.is_valid():
        raise Http404
    to = CaseState(form.cleaned_data["state"])
    done = {
        CaseState.OPEN: _("Open again."),
        CaseState.WAITING: _("Waiting for the customer."),
        CaseState.COMPLETED: _("Completed. The case opens again when the customer writes."),
        CaseState.CLOSED: _("Closed for good. What the customer writes next is a new case."),
    }[to]
    on = form.cleaned_data["on"]
    return _do(
        request, case, lambda: changes.change_state(case.pk, state=to, by=request.member, now=utc_now()), done, on=on
    )


@member_view(Permission.WORK_CASES)
@require_POST
def urgent(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Put a case before others, or not any more."""
    case = _case(request, number)
    form = UrgentForm(request.POST)
    form.is_valid()
    is_urgent = form.cleaned_data["urgent"]
    done = _("Marked urgent.") if is_urgent else _("No longer urgent.")
    return _do(
        request, case, lambda: changes.mark_urgent(case.pk, is_urgent=is_urgent, by=request.member, now=utc_now()), done
    )


@member_view(Permission.WORK_CASES)
@require_POST
def origin(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Mark who began."""
    case = _case(request, number)
    form = OriginForm(request.POST)
    if not form.is_valid():
        raise Http404
    began = Origin(form.cleaned_data["origin"])
    done = _("Marked as begun by us.") if began == Origin.PROACTIVE else _("Marked as begun by the customer.")
    return _do(
        request, case, lambda: changes.mark_origin(case.pk, origin=began, by=request.member, now=utc_now()), done
    )


@member_view(Permission.WORK_CASES)
@require_POST
def undo(request: WorkspaceRequest, event_id: int) -> HttpResponse:
    """Put back what was just changed."""
    if not around.is_event_of_visible_case(event_id, member=request.member):
        raise Http404
    try:
        case = changes.undo(event_id, by=request.member, now=utc_now())
    except SentenceError as error:
        return refused(request, refusal(error.reason))
    if not request.htmx:
        return back(request, case=case)
    return with_toast(_changed(case), _("Undone."), seconds=4, href=case_url(request, case.number), link=_("Show"))


def _case(request: WorkspaceRequest, number: int) -> Case:
    case = case_by_number(number, member=request.member, now=utc_now())
    if case is None:
        raise Http404
    return case


def _menu(request: WorkspaceRequest, case: Case, template: str, context: Mapping[str, object]) -> HttpResponse:
    """Draw a menu: inside the page for htmx, and as a page of its own without scripts."""
    shared = {"case": case, "view": view_of(request), "now": utc_now(), "part": template}
    return render(request, template if request.htmx else "inbox/menu_page.html", {**context, **shared})


def _do(
    request: WorkspaceRequest, case: Case, change: Callable[[], Event | None], done: str, *, on: bool = False
) -> HttpResponse:
    """Do it, say so, and offer to undo it; `on` goes to the next case."""
    try:
        event = change()
    except SentenceError as error:
        return refused(request, refusal(error.reason), case=case)
    if not request.htmx:
        return back(request, case=case)
    response = _changed(case)
    if on:
        with_event(response, "luister:go-on", number=case.number)
    if not done:
        return response
    undo_url = reverse("inbox:undo", args=[request.member.workspace.slug, event.pk]) if event else None
    return with_toast(response, done, seconds=10 if undo_url else 5, undo=undo_url)


def _changed(case: Case) -> HttpResponse:
    """Tell the page at once; other screens hear of it by live event."""
    response = HttpResponse(status=204)
    with_event(response, "luister:case-changed", case=case.pk)
    return with_event(response, "luister:cases-changed", case=case.pk)
