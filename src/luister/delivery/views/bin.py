"""What came in and could not be processed: look, try again, throw away."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.delivery import actions, queries


@member_view(Permission.SEE_RAW)
@require_safe
def unprocessable(request: WorkspaceRequest) -> HttpResponse:
    """List what could not be processed, and why."""
    return render(request, "delivery/bin.html", {"items": queries.unprocessable(request.member)})


@member_view(Permission.SEE_RAW)
@require_safe
def raw(request: WorkspaceRequest, raw_id: int) -> HttpResponse:
    """Hand out a payload exactly as it came in, as plain text that no browser runs."""
    found = queries.raw_item(raw_id, by=request.member)
    if found is None:
        raise Http404
    return HttpResponse(
        bytes(found.content),
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="raw-{found.pk}.txt"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-store",
        },
    )


@member_view(Permission.SEE_RAW)
@require_POST
def reprocess(request: WorkspaceRequest, raw_id: int) -> HttpResponse:
    """Try a payload again."""
    if not actions.reprocess(raw_id, by=request.member, now=utc_now()):
        raise Http404
    messages.success(request, _("It is tried again. What works becomes a post, what does not comes back here."))
    return redirect("delivery:bin", request.member.workspace.slug)


@member_view(Permission.SEE_RAW)
@require_POST
def discard(request: WorkspaceRequest, raw_id: int) -> HttpResponse:
    """Take a payload out of the bin."""
    if not actions.discard(raw_id, by=request.member, now=utc_now()):
        raise Http404
    messages.success(request, _("Thrown away."))
    return redirect("delivery:bin", request.member.workspace.slug)
