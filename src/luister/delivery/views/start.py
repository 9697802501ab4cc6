"""What a newcomer does first in an empty workspace."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission


@member_view(Permission.MANAGE_CHANNELS)
@require_safe
def start(request: WorkspaceRequest) -> HttpResponse:
    """Offer the ways to a first case."""
    return render(request, "delivery/start.html", {"has_practice": settings.LUISTER_PRACTICE})
