"""Sources: what is read, and how it is doing."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.listening.queries import sources as queries


@member_view(Permission.SEE_LISTENING)
@require_safe
def sources(request: WorkspaceRequest) -> HttpResponse:
    """List the sources and how they are doing."""
    return render(request, "listening/sources/list.html", {"sources": queries.sources(request.member)})
