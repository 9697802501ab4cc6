"""Making and changing workspaces."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from luister.accounts.actions.audit import write_audit
from luister.accounts.enums import Permission, Role
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership, User, Workspace
from luister.fence.scope import of_all_workspaces


@of_all_workspaces("make a workspace")
@transaction.atomic
def new_workspace(  # noqa: PLR0913 - keyword-only, each something the caller decides
    *,
    name: str,
    slug: str,
    language: str,
    time_zone: str,
    by_user: User,
    now: datetime,
    is_demo: bool = False,
) -> Membership:
    """Make a workspace and return its creator's membership, as administrator.

    Raises:
        RefusedError: the address (slug) is taken.
    """
    try:
        with transaction.atomic():
            workspace = Workspace.objects.create(
                name=name, slug=slug, language=language, time_zone=time_zone, is_demo=is_demo
            )
    except IntegrityError as error:
        raise RefusedError(_("There is already a workspace with this address.")) from error
    write_audit("workspace.made", workspace=workspace, by=by_user, target=workspace, now=now, detail={"name": name})
    return Membership.objects.create(workspace=workspace, user=by_user, role=Role.ADMINISTRATOR)


@transaction.atomic
def change_workspace(
    workspace: Workspace, *, name: str, language: str, time_zone: str, by: Membership | None, now: datetime
) -> None:
    """Rename a workspace, or change the language and time zone of its screens and times."""
    require(by, Permission.MANAGE_WORKSPACE, workspace=workspace)
    after = {"name": name, "language": language, "time_zone": time_zone}
    before = {field: getattr(workspace, field) for field in after}
    for field, value in after.items():
        setattr(workspace, field, value)
    workspace.save(update_fields=list(after))
    write_audit(
        "workspace.changed",
        workspace=workspace,
        by=by,
        target=workspace,
        now=now,
        detail={"before": before, "after": after},
    )


def require(by: Membership | None, permission: Permission, *, workspace: Workspace) -> None:
    """Refuse an actor without this permission in this very workspace; None is the command line, which may all.

    Raises:
        RefusedError: they may not.
    """
    if by is not None and not (by.workspace_id == workspace.pk and by.may(permission)):
        raise RefusedError(_("You may not do this."))
