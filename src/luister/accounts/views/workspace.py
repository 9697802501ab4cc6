"""Settings of the workspace itself, and its audit list."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luister.accounts import actions, queries
from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.accounts.forms import WorkspaceForm
from luister.base.clock import utc_now

AUDIT_PAGE = 50


@member_view(Permission.SEE_CASES)
@require_safe
def index(request: WorkspaceRequest) -> HttpResponse:
    """Lead to the settings that the reader has a say in."""
    if request.member.may(Permission.MANAGE_WORKSPACE):
        return redirect("accounts:general", request.member.workspace.slug)
    return redirect("accounts:profile")


@member_view(Permission.MANAGE_WORKSPACE)
@require_http_methods(["GET", "HEAD", "POST"])
def general(request: WorkspaceRequest) -> HttpResponse:
    """Show and change what the workspace is called, and its language and zone."""
    workspace = request.member.workspace
    now = {"name": workspace.name, "language": workspace.language, "time_zone": workspace.time_zone}
    form = WorkspaceForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        actions.change_workspace(workspace, **form.cleaned_data, by=request.member, now=utc_now())
        messages.success(request, _("Saved."))
        return redirect("accounts:general", workspace.slug)
    return render(request, "accounts/workspace/general.html", {"form": form})


@member_view(Permission.MANAGE_WORKSPACE)
@require_safe
def audit(request: WorkspaceRequest) -> HttpResponse:
    """List who changed a setting or a right, newest first."""
    before = request.GET.get("before", "")
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    entries = queries.audit_entries(request.member, before_id=before_id, limit=AUDIT_PAGE + 1)
    rest = entries[AUDIT_PAGE:]
    return render(
        request,
        "accounts/workspace/audit.html",
        {"entries": entries[:AUDIT_PAGE], "next_id": entries[AUDIT_PAGE - 1].pk if rest else None},
    )
