"""Which monitors a member sees, and what they may do with them and with what they found."""

from django.db.models import Q, QuerySet

from luister.accounts import access as accounts
from luister.accounts.enums import Permission
from luister.accounts.models import Membership, User
from luister.listening.enums import Sharing
from luister.listening.models import Mention, Monitor


def visible_monitors(member: Membership) -> QuerySet[Monitor]:
    """Return the monitors that a member may see: their own and what is shared with them; leads see all."""
    monitors = Monitor.objects.filter(workspace_id=member.workspace_id)
    if not member.may(Permission.SEE_LISTENING):
        return monitors.none()
    if member.may(Permission.MANAGE_LISTENING):
        return monitors
    own_teams = member.teams.through.objects.filter(membership_id=member.pk).values("team_id")
    shared = Q(sharing=Sharing.ALL) | Q(sharing=Sharing.TEAM, team_id__in=own_teams)
    return monitors.filter(shared | Q(owner_id=member.user_id))


def visible_mentions(member: Membership) -> QuerySet[Mention]:
    """Return what the member's monitors found, as far as they may read it."""
    mentions = Mention.objects.filter(workspace_id=member.workspace_id, monitor__in=visible_monitors(member))
    return mentions if member.may_see_private else mentions.filter(is_public=True)


def may_change(monitor: Monitor, *, member: Membership) -> bool:
    """Whether a member may change and delete a monitor: its owner, and leads."""
    is_owner = monitor.owner_id == member.user_id and member.may(Permission.SEE_LISTENING)
    return monitor.workspace_id == member.workspace_id and (is_owner or member.may(Permission.MANAGE_LISTENING))


def may_share(member: Membership) -> bool:
    """Whether a member may show monitors of theirs to others: who works here."""
    return member.may(Permission.WORK_CASES) and member.may(Permission.SEE_LISTENING)


def may_handle(member: Membership) -> bool:
    """Whether a member may make cases of mentions and dismiss them."""
    return member.may(Permission.WORK_CASES) and member.may(Permission.SEE_LISTENING)


def may_listen_in(user: User, *, workspace_id: int) -> bool:
    """Whether a user may hear that something was found in a workspace."""
    member = accounts.membership_by_id(user, workspace_id=workspace_id)
    return member is not None and member.may(Permission.SEE_LISTENING)
