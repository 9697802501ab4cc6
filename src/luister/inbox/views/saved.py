"""Saved views: their list with counts, keeping one, and what can be done with it."""

from collections.abc import Callable

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.base.errors import SentenceError
from luister.inbox.access import may_change_view, may_share_with_all
from luister.inbox.actions import saved as actions
from luister.inbox.enums import Audience
from luister.inbox.forms.saved import SavedViewForm
from luister.inbox.models import SavedView
from luister.inbox.queries.cases import Filters, View
from luister.inbox.queries.saved import counted, knows_view, saved_view, teams_to_share_with
from luister.inbox.queries.screens import filter_names
from luister.inbox.sentences import refusal
from luister.inbox.views.answers import refused
from luister.inbox.views.places import Place, place_or_all
from luister.query import QueryError, as_value
from luister.ui.query_field import mistake_of


@member_view(Permission.SEE_CASES)
@require_GET
def saved_views(request: WorkspaceRequest) -> HttpResponse:
    """Return the saved views as the sidebar shows them, with how much each holds."""
    context = {
        "saved_views": counted(member=request.member, now=utc_now()),
        "view": request.GET.get("view", ""),
    }
    return render(request, "inbox/saved_views.html", context)


@member_view(Permission.SEE_CASES)
@require_http_methods(["GET", "POST"])
def save_view(request: WorkspaceRequest) -> HttpResponse:
    """Offer to keep what is searched for under a name, or keep it."""
    place = place_or_all(request.POST.get("view") or request.GET.get("view") or "", member=request.member)
    return _keep(request, place) if request.method == "POST" else _menu(request, place)


@member_view(Permission.SEE_CASES)
@require_http_methods(["GET", "POST"])
def change_view(request: WorkspaceRequest, saved_id: int) -> HttpResponse:
    """Offer what can be done with a saved view, or do it."""
    saved = saved_view(saved_id, member=request.member)
    if saved is None:
        raise Http404
    place = Place(saved.address, saved.name, View(saved.view), saved)
    if request.method == "GET":
        return _menu(request, place)
    what = request.POST.get("do", "")
    if what in ("up", "down"):
        return _try(request, lambda: _moved(request, saved, -1 if what == "up" else 1))
    if what == "delete":
        return _try(request, lambda: _deleted(request, saved))
    return _keep(request, place)


@member_view(Permission.SEE_CASES)
@require_POST
def restore_view(request: WorkspaceRequest, saved_id: int) -> HttpResponse:
    """Bring back a view that was deleted a moment ago."""
    if not knows_view(saved_id, member=request.member):
        raise Http404

    def restored() -> str:
        return actions.restore_view(saved_id, by=request.member).address

    return _try(request, restored)


def _menu(request: WorkspaceRequest, place: Place, *, mistake: str = "") -> HttpResponse:
    """Offer the form: as it was filled in where that was a mistake, else with what is known."""
    saved, typed = place.saved, request.POST
    context = {
        "view": place.name,
        "saved": saved,
        "text": typed.get("query", "") if mistake else _whole(request, place.filters(request.GET)),
        "name": typed.get("name", "") if mistake else saved.name if saved else "",
        "audience": typed.get("audience", "") if mistake else _audience_of(saved),
        "mistake": mistake,
        "may_change": saved is not None and may_change_view(saved, member=request.member),
        "may_share": may_share_with_all(request.member),
        "teams": teams_to_share_with(member=request.member),
        "part": "inbox/save_view.html",
    }
    template = "inbox/save_view.html" if request.htmx else "inbox/save_page.html"
    return render(request, template, context, status=422 if mistake else 200)


def _audience_of(saved: SavedView | None) -> str:
    if saved is None:
        return Audience.ME
    return f"team-{saved.team_id}" if saved.audience == Audience.TEAM else saved.audience


def _whole(request: WorkspaceRequest, filters: Filters) -> str:
    """Return the search with what menus narrow by written behind it."""
    names = filter_names(filters, member=request.member)
    fields = [f"{field}:{as_value(names[field])}" for field in ("label", "channel", "team") if field in names]
    if filters.origin:
        fields.append(f"kind:{filters.origin}")
    text = f"({filters.text})" if fields and " OR " in filters.text else filters.text
    return " ".join([text, *fields]).strip()


def _keep(request: WorkspaceRequest, place: Place) -> HttpResponse:
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        return _menu(request, place, mistake=_("Give the view a name of at most 60 characters."))

    audience, team_id = form.shared_with()
    found = form.cleaned_data
    draft = actions.Draft(found["name"], found["query"], audience, team_id)

    try:
        if place.saved is not None and "as_new" not in request.POST:
            kept = actions.change_view(place.saved.pk, draft, by=request.member)
        else:
            kept = actions.save_view(draft, view=place.view, by=request.member)
    except QueryError as error:
        return _menu(request, place, mistake=mistake_of(error, text=found["query"]).sentence)
    except SentenceError as error:
        return _menu(request, place, mistake=refusal(error.reason))
    return _to(request, kept.address)


def _moved(request: WorkspaceRequest, saved: SavedView, step: int) -> str:
    actions.move_view(saved.pk, step=step, by=request.member)
    return saved.address


def _deleted(request: WorkspaceRequest, saved: SavedView) -> str:
    actions.delete_view(saved.pk, by=request.member, at=utc_now())
    return f"{View(saved.view)}?deleted={saved.pk}"


def _try(request: WorkspaceRequest, change: Callable[[], str]) -> HttpResponse:
    """Do it and go to the view that it names, or say why not."""
    try:
        return _to(request, change())
    except SentenceError as error:
        return refused(request, refusal(error.reason))


def _to(request: WorkspaceRequest, address: str) -> HttpResponse:
    name, _mark, query = address.partition("?")
    url = reverse("inbox:desk", args=[request.member.workspace.slug, name]) + (f"?{query}" if query else "")
    if not request.htmx:
        return HttpResponseRedirect(url)
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = url
    return response
