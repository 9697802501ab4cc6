"""Changes to people and walls, one function a verb; every change of a right leaves an audit entry."""

from luister.accounts.actions.audit import write_audit
from luister.accounts.actions.links import (
    INVITATION_LIFETIME,
    SIGN_IN_LIFETIME,
    new_setup_link,
    new_sign_in_link,
    set_up,
    use_link,
)
from luister.accounts.actions.mailing import may_mail, tell_administrator
from luister.accounts.actions.members import (
    add_member,
    change_member,
    invite,
    link_for_member,
    remove_member,
)
from luister.accounts.actions.teams import delete_team, new_team, rename_team
from luister.accounts.actions.users import change_preferences, new_user
from luister.accounts.actions.workspaces import change_workspace, new_workspace

__all__ = [
    "INVITATION_LIFETIME",
    "SIGN_IN_LIFETIME",
    "add_member",
    "change_member",
    "change_preferences",
    "change_workspace",
    "delete_team",
    "invite",
    "link_for_member",
    "may_mail",
    "new_setup_link",
    "new_sign_in_link",
    "new_team",
    "new_user",
    "new_workspace",
    "remove_member",
    "rename_team",
    "set_up",
    "tell_administrator",
    "use_link",
    "write_audit",
]
