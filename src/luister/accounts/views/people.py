"""Settings › People and Teams."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luister.accounts import actions, queries
from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.accounts.forms import ROLE_MEANINGS, InviteForm, RightsForm, TeamForm
from luister.accounts.models import Membership, Team
from luister.base.clock import utc_now

ROLES = [(role.label, meaning) for role, meaning in ROLE_MEANINGS.items()]


@member_view(Permission.MANAGE_PEOPLE)
@require_safe
def people(request: WorkspaceRequest) -> HttpResponse:
    """List who is in the workspace."""
    return render(request, "accounts/people/list.html", {"members": queries.members(request.member), "roles": ROLES})


@member_view(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: WorkspaceRequest) -> HttpResponse:
    """Add a colleague, and show the link for their first visit, once."""
    form = InviteForm(request.POST or None, teams=list(queries.teams(request.member)))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            member, token = actions.invite(
                values["email"],
                workspace=request.member.workspace,
                name=values["name"],
                role=values["role"],
                teams=form.chosen_teams(),
                sees_private=values["sees_private"],
                needs_approval=values["needs_approval"],
                by=request.member,
                now=utc_now(),
            )
        except RefusedError as error:
            form.add_error("email", str(error))
        else:
            return _show_link(request, member, token)
    return render(request, "accounts/people/invite.html", {"form": form})


@member_view(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: WorkspaceRequest, member_id: int) -> HttpResponse:
    """Show and change what a colleague may do."""
    found = _member(request, member_id)
    teams = list(queries.teams(request.member))
    now = {
        "role": found.role,
        "teams": [str(pk) for pk in queries.team_ids(found)],
        "sees_private": found.sees_private,
        "needs_approval": found.needs_approval,
    }
    form = RightsForm(request.POST or None, teams=teams, initial=now)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.change_member(
                found,
                role=values["role"],
                teams=form.chosen_teams(),
                sees_private=values["sees_private"],
                needs_approval=values["needs_approval"],
                by=request.member,
                now=utc_now(),
            )
        except RefusedError as error:
            form.add_error("role", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:people", request.member.workspace.slug)
    return render(request, "accounts/people/member.html", {"form": form, "colleague": found})


@member_view(Permission.MANAGE_PEOPLE)
@require_POST
def remove(request: WorkspaceRequest, member_id: int) -> HttpResponse:
    """Take a colleague out of the workspace."""
    found = _member(request, member_id)
    try:
        actions.remove_member(found, by=request.member, now=utc_now())
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s is no longer in this workspace.") % {"name": found.user.name})
    return redirect("accounts:people", request.member.workspace.slug)


@member_view(Permission.MANAGE_PEOPLE)
@require_POST
def link(request: WorkspaceRequest, member_id: int) -> HttpResponse:
    """Show a new sign-in link for a colleague who cannot enter, once."""
    found = _member(request, member_id)
    try:
        token = actions.link_for_member(found, by=request.member, now=utc_now())
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("accounts:member", request.member.workspace.slug, member_id)
    return _show_link(request, found, token)


@member_view(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def teams(request: WorkspaceRequest) -> HttpResponse:
    """List the teams, and make one."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.new_team(
                workspace=request.member.workspace, name=form.cleaned_data["name"], by=request.member, now=utc_now()
            )
        except RefusedError as error:
            form.add_error("name", str(error))
        else:
            return redirect("accounts:teams", request.member.workspace.slug)
    return render(request, "accounts/people/teams.html", {"form": form, "teams": queries.teams(request.member)})


@member_view(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: WorkspaceRequest, team_id: int) -> HttpResponse:
    """Rename a team."""
    found = _team(request, team_id)
    form = TeamForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.rename_team(found, name=form.cleaned_data["name"], by=request.member, now=utc_now())
        except RefusedError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:teams", request.member.workspace.slug)
    return render(request, "accounts/people/team.html", {"form": form, "team": found})


@member_view(Permission.MANAGE_PEOPLE)
@require_POST
def delete_team(request: WorkspaceRequest, team_id: int) -> HttpResponse:
    """Delete a team."""
    found = _team(request, team_id)
    actions.delete_team(found, by=request.member, now=utc_now())
    messages.success(request, _("The team %(name)s is gone.") % {"name": found.name})
    return redirect("accounts:teams", request.member.workspace.slug)


def _show_link(request: WorkspaceRequest, member: Membership, token: str | None) -> HttpResponse:
    address = request.build_absolute_uri(reverse("accounts:enter", args=[token])) if token else ""
    return render(request, "accounts/people/link.html", {"colleague": member, "address": address})


def _member(request: WorkspaceRequest, member_id: int) -> Membership:
    found = queries.find_member(request.member, member_id=member_id)
    if found is None:
        raise Http404
    return found


def _team(request: WorkspaceRequest, team_id: int) -> Team:
    found = queries.find_team(request.member, team_id=team_id)
    if found is None:
        raise Http404
    return found
