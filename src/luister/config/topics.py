"""Who may listen to which live topic: one predicate a kind of topic."""

from collections.abc import Callable

from luister.accounts import access as accounts
from luister.accounts.enums import Permission
from luister.accounts.models import User
from luister.fence.scope import in_workspace, workspaces_of
from luister.inbox import access as inbox
from luister.inbox.models import Case
from luister.listening import access as listening


def _workspace(user: User, workspace_id: int) -> bool:
    member = accounts.membership_by_id(user, workspace_id=workspace_id)
    return member is not None and member.may(Permission.SEE_CASES)


def _case(user: User, case_id: int) -> bool:
    return any(_sees(user, case_id, workspace_id) for workspace_id in workspaces_of(Case, [case_id]))


def _sees(user: User, case_id: int, workspace_id: int) -> bool:
    with in_workspace(workspace_id):
        return inbox.may_see_case(user, case_id=case_id)


def _user(user: User, user_id: int) -> bool:
    return user.pk == user_id


def _listening(user: User, workspace_id: int) -> bool:
    return listening.may_listen_in(user, workspace_id=workspace_id)


TOPICS: dict[str, Callable[[User, int], bool]] = {
    "workspace": _workspace,
    "case": _case,
    "user": _user,
    "listening": _listening,
}


def may_listen(user: User, topic: str) -> bool:
    """Whether a user may hear of a topic; anything that is not `kind:number` is refused."""
    kind, _, number = topic.partition(":")
    predicate = TOPICS.get(kind)
    return (
        predicate is not None
        and number.isascii()
        and number.isdigit()
        and len(number) < 19
        and predicate(user, int(number))
    )
