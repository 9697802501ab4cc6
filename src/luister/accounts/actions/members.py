"""Who is in a workspace, and as what."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from luister.accounts.actions.audit import write_audit
from luister.accounts.actions.links import INVITATION_LIFETIME, new_sign_in_link
from luister.accounts.actions.users import new_user
from luister.accounts.actions.workspaces import require
from luister.accounts.enums import Permission, Role
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership, Team, User, Workspace
from luister.fence.scope import as_person


@transaction.atomic
def add_member(  # noqa: PLR0913 - keyword-only, each something the caller decides
    *,
    workspace: Workspace,
    user: User,
    role: str,
    by: Membership | None,
    now: datetime,
    teams: Collection[Team] = (),
    sees_private: bool = False,
    needs_approval: bool = False,
) -> Membership:
    """Let a user into a workspace; one who was removed earlier comes back with what is given now.

    Raises:
        RefusedError: they are in it already.
    """
    require(by, Permission.MANAGE_PEOPLE, workspace=workspace)
    member, is_new = Membership.objects.select_for_update().get_or_create(
        workspace=workspace,
        user=user,
        defaults={"role": role, "sees_private": sees_private, "needs_approval": needs_approval},
    )
    if not is_new:
        if member.is_active:
            raise RefusedError(_("This person is in the workspace already."))
        member.role, member.sees_private, member.needs_approval = role, sees_private, needs_approval
        member.is_active = True
        member.save(update_fields=["role", "sees_private", "needs_approval", "is_active"])
    User.objects.filter(pk=user.pk, is_active=False).update(is_active=True)
    member.teams.set(_own_teams(teams, workspace=workspace))
    write_audit("member.added", workspace=workspace, by=by, target=member, now=now, detail=_rights(member))
    return member


@transaction.atomic
def invite(  # noqa: PLR0913 - keyword-only, each something the caller decides
    email: str,
    *,
    workspace: Workspace,
    name: str,
    role: str,
    by: Membership,
    now: datetime,
    teams: Collection[Team] = (),
    sees_private: bool = False,
    needs_approval: bool = False,
) -> tuple[Membership, str | None]:
    """Add a person by e-mail address; return the membership and the token of a link for their first visit.

    Who already has an account gets no link: it would let this administrator in under their name, also in
    workspaces that are none of this administrator's business.

    Raises:
        RefusedError: they are in it already.
    """
    require(by, Permission.MANAGE_PEOPLE, workspace=workspace)
    known = User.objects.filter(email=email.strip().lower()).first()
    user = known or new_user(email, name=name, language=workspace.language)
    member = add_member(
        workspace=workspace,
        user=user,
        role=role,
        by=by,
        now=now,
        teams=teams,
        sees_private=sees_private,
        needs_approval=needs_approval,
    )
    return member, None if known else new_sign_in_link(user, now=now, lifetime=INVITATION_LIFETIME)


@transaction.atomic
def link_for_member(member: Membership, *, by: Membership, now: datetime) -> str:
    """Return the token of a new sign-in link for a colleague who cannot enter; it does not replace their TOTP.

    Raises:
        RefusedError: they belong to another workspace too, where this administrator has no say.
    """
    require(by, Permission.MANAGE_PEOPLE, workspace=member.workspace)
    if _is_active(member, elsewhere=True):
        raise RefusedError(
            _("This person belongs to another workspace too: they have to reset their password themselves.")
        )
    write_audit("member.link_made", workspace=member.workspace, by=by, target=member, now=now)
    return new_sign_in_link(member.user, now=now, lifetime=INVITATION_LIFETIME)


@transaction.atomic
def change_member(  # noqa: PLR0913 - keyword-only, each something the caller decides
    member: Membership,
    *,
    role: str,
    teams: Collection[Team],
    sees_private: bool,
    by: Membership | None,
    now: datetime,
    needs_approval: bool = False,
) -> None:
    """Give a member another role, other teams, the sight of private posts, or someone who checks their replies.

    Raises:
        RefusedError: nobody would be administrator any more.
    """
    require(by, Permission.MANAGE_PEOPLE, workspace=member.workspace)
    if role != Role.ADMINISTRATOR:
        _keep_an_administrator(member)
    before = _rights(member)
    member.role, member.sees_private, member.needs_approval = role, sees_private, needs_approval
    member.save(update_fields=["role", "sees_private", "needs_approval"])
    member.teams.set(_own_teams(teams, workspace=member.workspace))
    detail = {"before": before, "after": _rights(member)}
    write_audit("member.changed", workspace=member.workspace, by=by, target=member, now=now, detail=detail)


@transaction.atomic
def remove_member(member: Membership, *, by: Membership | None, now: datetime) -> None:
    """Take a person out of a workspace; an account that is left without any can no longer sign in.

    Raises:
        RefusedError: nobody would be administrator any more.
    """
    require(by, Permission.MANAGE_PEOPLE, workspace=member.workspace)
    _keep_an_administrator(member)
    detail = _rights(member)
    member.is_active = False
    member.save(update_fields=["is_active"])
    member.teams.clear()
    if not _is_active(member):
        User.objects.filter(pk=member.user_id).update(is_active=False)
    write_audit("member.removed", workspace=member.workspace, by=by, target=member, now=now, detail=detail)


def _is_active(member: Membership, *, elsewhere: bool = False) -> bool:
    """Whether a person may enter some workspace, or some other one: of those nothing is told but that."""
    found = Membership.objects.filter(user_id=member.user_id, is_active=True)
    with as_person(member.user_id):
        return (found.exclude(pk=member.pk) if elsewhere else found).exists()


def _keep_an_administrator(leaving: Membership) -> None:
    """Refuse when nobody else is administrator; the lock makes two who leave at once wait for each other."""
    Workspace.objects.select_for_update().get(pk=leaving.workspace_id)
    others = Membership.objects.filter(
        workspace_id=leaving.workspace_id, role=Role.ADMINISTRATOR, is_active=True, user__is_active=True
    ).exclude(pk=leaving.pk)
    if leaving.role == Role.ADMINISTRATOR and not others.exists():
        raise RefusedError(_("A workspace needs an administrator: make someone else administrator first."))


def _own_teams(teams: Collection[Team], *, workspace: Workspace) -> list[Team]:
    if any(team.workspace_id != workspace.pk for team in teams):
        raise RefusedError(_("This team belongs to another workspace."))
    return list(teams)


def _rights(member: Membership) -> dict[str, object]:
    teams = list(member.teams.order_by("name", "id").values_list("name", flat=True))
    return {
        "user": member.user.email,
        "role": member.role,
        "teams": teams,
        "sees_private": member.sees_private,
        "needs_approval": member.needs_approval,
    }
