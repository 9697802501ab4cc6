"""Making, renaming and deleting teams."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from luister.accounts.actions.audit import write_audit
from luister.accounts.actions.workspaces import require
from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership, Team, Workspace

TAKEN = _("There is already a team with this name.")


@transaction.atomic
def new_team(*, workspace: Workspace, name: str, by: Membership | None, now: datetime) -> Team:
    """Make a team.

    Raises:
        RefusedError: the name is taken.
    """
    require(by, Permission.MANAGE_PEOPLE, workspace=workspace)
    try:
        with transaction.atomic():
            team = Team.objects.create(workspace=workspace, name=name.strip())
    except IntegrityError as error:
        raise RefusedError(TAKEN) from error
    write_audit("team.made", workspace=workspace, by=by, target=team, now=now, detail={"name": team.name})
    return team


@transaction.atomic
def rename_team(team: Team, *, name: str, by: Membership | None, now: datetime) -> None:
    """Give a team another name.

    Raises:
        RefusedError: the name is taken.
    """
    require(by, Permission.MANAGE_PEOPLE, workspace=team.workspace)
    before, team.name = team.name, name.strip()
    try:
        with transaction.atomic():
            team.save(update_fields=["name"])
    except IntegrityError as error:
        raise RefusedError(TAKEN) from error
    detail = {"before": before, "after": team.name}
    write_audit("team.renamed", workspace=team.workspace, by=by, target=team, now=now, detail=detail)


@transaction.atomic
def delete_team(team: Team, *, by: Membership | None, now: datetime) -> None:
    """Delete a team; its cases and channels then belong to no team, and are seen by every agent."""
    require(by, Permission.MANAGE_PEOPLE, workspace=team.workspace)
    write_audit("team.deleted", workspace=team.workspace, by=by, target=team, now=now, detail={"name": team.name})
    team.delete()
