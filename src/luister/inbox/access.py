"""Which cases a member may see and work on."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from luister.accounts import access as accounts
from luister.accounts.enums import Permission, Role
from luister.accounts.models import Membership, User
from luister.inbox.enums import Audience
from luister.inbox.models import Case, CasePost, Handover, SavedView
from luister.posts.access import visible_posts
from luister.posts.models import Post


def visible_cases(member: Membership) -> QuerySet[Case]:
    """Return the cases that a member may see.

    Administrators and leads: all. Agents: those of their teams, of no team, and those assigned to them.
    Analysts: those with a public post, or all where private posts are granted. Partners: those handed to them.
    """
    cases = Case.objects.filter(workspace_id=member.workspace_id)
    if not member.may(Permission.SEE_CASES):
        return cases.none()
    if member.role == Role.PARTNER:
        return cases.filter(Exists(Handover.objects.filter(case=OuterRef("pk"), member=member)))
    if not member.may_see_private:
        cases = cases.filter(is_public=True)
    if member.may(Permission.SEE_ALL_WORK):
        return cases
    own_teams = member.teams.through.objects.filter(membership_id=member.pk).values("team_id")
    return cases.filter(Q(team__isnull=True) | Q(team_id__in=own_teams) | Q(assignee_id=member.user_id))


def readable_posts(member: Membership) -> QuerySet[Post]:
    """Return the posts that a member may read: all of the archive, or for a partner those of the cases they see."""
    posts = Post.objects.filter(visible_posts(member))
    if member.may(Permission.SEE_LISTENING):
        return posts
    return posts.filter(Exists(CasePost.objects.filter(post=OuterRef("pk"), case__in=visible_cases(member))))


def may_see_case(user: User, *, case_id: int) -> bool:
    """Whether a user may see a case, through whichever membership."""
    workspace_id = Case.objects.filter(pk=case_id).values_list("workspace_id", flat=True).first()
    if workspace_id is None:
        return False
    member = accounts.membership_by_id(user, workspace_id=workspace_id)
    return member is not None and visible_cases(member).filter(pk=case_id).exists()


def saved_views(member: Membership) -> QuerySet[SavedView]:
    """Return the saved views in a member's sidebar: shared ones, and their own."""
    own_teams = member.teams.through.objects.filter(membership_id=member.pk).values("team_id")
    of_teams = Q(audience=Audience.TEAM)
    if not member.may(Permission.SEE_ALL_WORK):
        of_teams &= Q(team_id__in=own_teams)
    own = Q(audience=Audience.ME, owner_id=member.user_id)
    return SavedView.objects.filter(own | of_teams | Q(audience=Audience.ALL), workspace_id=member.workspace_id)


def may_share_with_all(member: Membership) -> bool:
    """Whether a member may put views into everyone's sidebar."""
    return member.may(Permission.SEE_ALL_WORK) and member.may(Permission.WORK_CASES)


def may_change_view(saved: SavedView, *, member: Membership) -> bool:
    """Whether a member may change or delete a saved view: their own, and as a lead those that are shared."""
    if saved.audience == Audience.ALL:
        return may_share_with_all(member)
    return saved.owner_id == member.user_id or (saved.audience == Audience.TEAM and may_share_with_all(member))
