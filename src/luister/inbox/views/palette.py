"""The command palette: cases that hold the words, and places to go."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.inbox.queries.cases import Filters, View, cases_in
from luister.inbox.views.desk import view_name

FOUND = 8  # cases in the palette


@member_view(Permission.SEE_CASES)
@require_GET
def palette(request: WorkspaceRequest) -> HttpResponse:
    """Return what can be jumped to for the words that were typed."""
    words = request.GET.get("q", "").strip()[:200]
    found = []
    if words:
        page = cases_in(View.ALL, member=request.member, filters=Filters(text=words), now=utc_now(), limit=FOUND)
        found = list(page.cases)
    views = [(view, view_name(view)) for view in View]
    context = {"words": words, "cases": found, "views": views, "now": utc_now(), "View": View}
    return render(request, "inbox/palette.html", context)
