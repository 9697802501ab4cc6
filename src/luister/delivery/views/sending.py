"""Settings › Sending: stop everything that leaves the workspace, and what all pages say of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.delivery import actions, queries


@member_view(Permission.SEE_CASES)
@require_safe
def state(request: WorkspaceRequest) -> HttpResponse:
    """Say in the sidebar, and over narrow pages, whether sending is stopped."""
    return render(request, "ui/sending.html", {"is_update": True, **_said_of_lock(request)})


@member_view(Permission.STOP_SENDING)
@require_safe
def page(request: WorkspaceRequest) -> HttpResponse:
    """Say whether the workspace sends, and let it be changed."""
    waiting = queries.waiting_count(request.member)
    return render(request, "delivery/sending.html", {**_said_of_lock(request), "waiting": waiting})


def _said_of_lock(request: WorkspaceRequest) -> dict[str, object]:
    """Return what pages say of sending that is locked, and nothing while it is not."""
    workspace = request.member.workspace
    if workspace.outbound_locked_at is None:
        return {}
    return {
        "waiting": queries.waiting_count(request.member),
        "doubtful": len(queries.doubtful_since_restore(workspace)),
        "may_unlock": request.member.may(Permission.MANAGE_WORKSPACE),
    }


@member_view(Permission.STOP_SENDING)
@require_POST
def stop(request: WorkspaceRequest) -> HttpResponse:
    """Stop everything that leaves."""
    if actions.stop_sending(by=request.member, now=utc_now()):
        messages.success(request, _("Nothing is being sent any more."))
    return redirect("delivery:sending", request.member.workspace.slug)


@member_view(Permission.STOP_SENDING)
@require_POST
def resume(request: WorkspaceRequest) -> HttpResponse:
    """Send again, what waits first."""
    if actions.resume_sending(by=request.member, now=utc_now()):
        messages.success(request, _("Replies are being sent again."))
    return redirect("delivery:sending", request.member.workspace.slug)


@member_view(Permission.MANAGE_WORKSPACE)
@require_POST
def unlock(request: WorkspaceRequest) -> HttpResponse:
    """Confirm that replies may leave again after a backup was restored."""
    if actions.confirm_outbound(by=request.member, send_all=request.POST.get("waiting") == "send", now=utc_now()):
        messages.success(request, _("Replies are being sent again."))
    return redirect("delivery:sending", request.member.workspace.slug)
