"""What one member should know, and what came in without becoming a case."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.inbox.actions.notices import read_notices
from luister.inbox.queries.around import loose_posts, unread_notifications
from luister.inbox.queries.cases import View
from luister.inbox.views.desk import frame_context


@member_view(Permission.SEE_CASES)
@require_http_methods(["GET", "POST"])
def notices(request: WorkspaceRequest) -> HttpResponse:
    """Show what is new for this member; POST has read it all."""
    if request.method == "POST":
        read_notices(by=request.member, now=utc_now())
        return HttpResponseRedirect(reverse("inbox:notices", args=[request.member.workspace.slug]))
    context = {"notices": unread_notifications(member=request.member), "now": utc_now(), "view_of_case": View.ALL}
    return render(request, "inbox/notices.html", context | frame_context(request))


@member_view(Permission.SEE_CASES)
@require_GET
def loose(request: WorkspaceRequest) -> HttpResponse:
    """Show what came in without becoming a case: automatic mail, posts of others."""
    context = {"posts": loose_posts(member=request.member), "now": utc_now()}
    return render(request, "inbox/loose.html", context | frame_context(request))
