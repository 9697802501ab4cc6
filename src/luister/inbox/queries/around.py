"""What surrounds a case: the contact, drafts, colleagues, labels, what still has to be undone."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from luister.accounts.enums import PERMISSIONS, Permission, Role
from luister.accounts.models import Membership, Team
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.delivery.enums import SendState
from luister.delivery.models import OutgoingFile
from luister.delivery.queries import SOURCE_KINDS
from luister.events.models import Event
from luister.inbox.access import visible_cases
from luister.inbox.enums import Mode
from luister.inbox.models import Case, CasePost, Draft, DraftFile, Handover, Label, Notification, Presence, Reply
from luister.inbox.queries.cases import PRESENCE_SECONDS, concealed
from luister.people.models import Identity
from luister.posts.access import visible_posts
from luister.posts.models import Attachment, Post


def identities(case: Case) -> Sequence[Identity]:
    """Return the handles and addresses of the case's contact."""
    return list(Identity.objects.filter(contact_id=case.contact_id).order_by("kind", "id")[:50])


def other_cases(case: Case, *, member: Membership) -> Sequence[Case]:
    """Return the contact's other cases, latest first: was this handled before, and how?"""
    cases = visible_cases(member).filter(contact_id=case.contact_id).exclude(pk=case.pk)
    found = cases.select_related("channel", "assignee", "contact", "last_post").order_by("-last_post_at", "-id")[:10]
    return [concealed(other, member=member) for other in found]


def drafts(case: Case, *, member: Membership) -> dict[Mode, Draft]:
    """Return what the member was writing in a case, by mode."""
    found = Draft.objects.filter(case=case, user_id=member.user_id)
    return {Mode(draft.mode): draft for draft in found}


def people_here(case: Case, *, member: Membership, now: datetime) -> Sequence[Presence]:
    """Return which colleagues have the case on their screens, typing ones first."""
    recent = Presence.objects.filter(case=case, seen_at__gte=now - timedelta(seconds=PRESENCE_SECONDS))
    rows = recent.exclude(user_id=member.user_id).select_related("user").order_by("id")
    return sorted(rows, key=lambda row: row.activity != "typing")


def colleagues(case: Case, *, member: Membership) -> Sequence[Membership]:
    """Return who can be given a case, by name; of the partners those who were handed it."""
    working = [role for role, permissions in PERMISSIONS.items() if Permission.WORK_CASES in permissions]
    found = Membership.objects.filter(workspace_id=member.workspace_id, is_active=True, role__in=working)
    handed = Handover.objects.filter(case=case).values("member_id")
    found = found.filter(~Q(role=Role.PARTNER) | Q(pk__in=handed))
    return list(found.select_related("user").order_by("user__name", "id"))


def partners(*, member: Membership) -> Sequence[Membership]:
    """Return to whom a case can be handed, by name; for partners nobody."""
    if member.role == Role.PARTNER:
        return []
    found = Membership.objects.filter(workspace_id=member.workspace_id, is_active=True, role=Role.PARTNER)
    return list(found.select_related("user").order_by("user__name", "id"))


def partners_of(case: Case) -> Sequence[Handover]:
    """Return to which partners a case was handed."""
    return list(Handover.objects.filter(case=case).select_related("member__user").order_by("id"))


def teams(*, member: Membership) -> Sequence[Team]:
    """Return the workspace's teams, by name."""
    return list(Team.objects.filter(workspace_id=member.workspace_id).order_by("name", "id"))


def labels(*, member: Membership) -> Sequence[Label]:
    """Return the workspace's labels, by name."""
    return list(Label.objects.filter(workspace_id=member.workspace_id).order_by("name", "id"))


def channels(*, member: Membership) -> Sequence[Channel]:
    """Return the workspace's channels, by name."""
    found = Channel.objects.filter(workspace_id=member.workspace_id).exclude(state=ChannelState.REMOVED)
    return list(found.order_by("name", "id"))


def unread_notifications(*, member: Membership) -> Sequence[Notification]:
    """Return what the member should know, latest first, of cases they may still see."""
    unread = Notification.objects.filter(user_id=member.user_id, workspace_id=member.workspace_id, read_at__isnull=True)
    unread = unread.filter(case__in=visible_cases(member))
    found = list(unread.select_related("case__contact", "case__last_post", "by").order_by("-id")[:50])
    for notification in found:
        concealed(notification.case, member=member)
    return found


def reply_of(reply_id: int, *, member: Membership) -> Reply | None:
    """Return a reply of a case that the member may see."""
    found = Reply.objects.filter(pk=reply_id, case__in=visible_cases(member))
    return found.select_related("case", "outgoing", "author").first()


def post_of(post_id: int, *, member: Membership) -> Post | None:
    """Return a post that the member may read, in a case they may see."""
    seen = CasePost.objects.filter(case__in=visible_cases(member), post_id=post_id)
    found = Post.objects.filter(visible_posts(member), pk=post_id, pk__in=seen.values("post_id"))
    return found.select_related("author", "channel").first()


def attachment_of(attachment_id: int, *, member: Membership) -> Attachment | None:
    """Return a file of a post that the member may read."""
    attachment = Attachment.objects.filter(pk=attachment_id, workspace_id=member.workspace_id).first()
    if attachment is None or post_of(attachment.post_id, member=member) is None:
        return None
    return attachment


def sent_file_of(file_id: int, *, member: Membership) -> OutgoingFile | None:
    """Return a file that goes or went out with a reply that the member may read."""
    replies = Reply.objects.filter(case__in=visible_cases(member)).exclude(outgoing__state=SendState.CANCELLED)
    if not member.may(Permission.WORK_CASES):
        replies = replies.filter(outgoing__state=SendState.SENT)
    if not member.may_see_private:
        replies = replies.filter(outgoing__is_public=True)
    return OutgoingFile.objects.filter(pk=file_id, outgoing__in=replies.values("outgoing")).first()


def loose_posts(*, member: Membership, limit: int = 100) -> Sequence[Post]:
    """Return posts that made no case (automatic mail, context without a case), latest first."""
    posts = Post.objects.filter(visible_posts(member), direction="in").exclude(
        pk__in=CasePost.objects.filter(case__workspace_id=member.workspace_id).values("post_id")
    )
    posts = posts.exclude(channel__kind__in=SOURCE_KINDS)  # what is listened to has its own pages
    if member.role == Role.PARTNER:
        return []
    if not member.may(Permission.SEE_ALL_WORK):
        own = member.teams.through.objects.filter(membership_id=member.pk).values("team_id")
        posts = posts.filter(
            channel__in=Channel.objects.filter(team__isnull=True) | Channel.objects.filter(team_id__in=own)
        )
    return list(posts.select_related("author", "channel").order_by("-received_at", "-id")[:limit])


def draft_files(case: Case, *, member: Membership) -> Sequence[DraftFile]:
    """Return the files that the member wants to send with the reply they are writing."""
    return list(DraftFile.objects.filter(case=case, user_id=member.user_id).order_by("id"))


def people_on(number: int, *, member: Membership, now: datetime) -> Sequence[Presence] | None:
    """Return which colleagues have a case on their screens; None when it is not for this member."""
    case = visible_cases(member).filter(number=number).first()
    return None if case is None else people_here(case, member=member, now=now)


def case_id(number: int, *, member: Membership) -> int | None:
    """Return the id of a case by its number; None when it does not exist or is not for this member."""
    return visible_cases(member).filter(number=number).values_list("pk", flat=True).first()


def is_event_of_visible_case(event_id: int, *, member: Membership) -> bool:
    """Whether an event happened to a case that the member may see."""
    case = Event.objects.filter(pk=event_id, workspace_id=member.workspace_id).values("case_id")
    return visible_cases(member).filter(pk__in=case).exists()
