"""The command palette: cases that hold the words, and places to go."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.inbox.queries.cases import View
from luister.inbox.queries.people import people_called
from luister.inbox.queries.screens import found_by
from luister.inbox.views.places import view_name

FOUND = 8  # cases in the palette


@member_view(Permission.SEE_CASES)
@require_GET
def palette(request: WorkspaceRequest) -> HttpResponse:
    """Return what can be jumped to for the words that were typed."""
    words = request.GET.get("q", "").replace("\x00", " ").strip()
    found = found_by(words, member=request.member, now=utc_now(), limit=FOUND) if words else []
    people = people_called(words, member=request.member) if words else []
    views = [(view, view_name(view)) for view in View]
    context = {"words": words, "cases": found, "people": people, "views": views, "now": utc_now(), "View": View}
    return render(request, "inbox/palette.html", context)
