"""One case from top to bottom: posts, replies, notes and what happened, in the order it happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.delivery.enums import SendState
from luister.events.models import Event
from luister.events.queries import events_of_case
from luister.inbox.models import Case, CasePost, Note, Reply
from luister.posts.access import visible_posts
from luister.posts.models import Attachment, Post
from luister.understanding.queries.shown import Shown, of_posts

LIMIT = 500  # the latest entries of each kind

SHOWN_EVENTS = frozenset(
    {
        "case.opened", "case.assigned", "case.moved", "case.state_changed", "case.snoozed", "case.woken",
        "case.reopened", "case.labelled", "case.unlabelled", "case.urgency_changed", "case.origin_changed",
        "case.handed_over", "case.taken_back", "case.undone", "case.answered_elsewhere", "reply.resolved",
        "reply.taken_back", "reply.approved", "reply.sent_back",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on the timeline; exactly one of post, reply, note and event is set."""

    at: datetime
    version: int
    post: Post | None = None
    is_context: bool = False
    attachments: tuple[Attachment, ...] = ()
    understood: Shown | None = None
    reply: Reply | None = None
    note: Note | None = None
    event: Event | None = None


def timeline(case: Case, *, member: Membership) -> Sequence[Entry]:
    """Return what a member may see of a case, oldest first.

    Analysts see what was said; notes and replies under way are for who works on cases.
    """
    entries = [*_posts(case, member), *_replies(case, member)]
    if member.may(Permission.WORK_CASES):
        entries += _notes(case)
    entries += _events(case)
    return sorted(entries, key=lambda entry: entry.at)


def said_since(case: Case, *, version: int, member: Membership) -> Sequence[Entry]:
    """Return what was said in a case after a version: the customer's posts and colleagues' replies."""
    entries = [*_posts(case, member), *_replies(case, member)]
    new = [entry for entry in entries if entry.version > version and not entry.is_context]
    return sorted(new, key=lambda entry: entry.at)


def _posts(case: Case, member: Membership) -> list[Entry]:
    links = CasePost.objects.filter(visible_posts(member, prefix="post__"), case=case)
    # What we sent from here is shown as a reply, with its state.
    ours = Reply.objects.filter(case=case, outgoing__post__isnull=False).values("outgoing__post")
    links = links.exclude(Q(is_context=False) & Q(post__in=ours)).select_related("post__author", "post__sent_by")
    # Oldest first: what was said in the same second keeps its order when all entries are sorted by their moment.
    rows = list(links.order_by("-post__posted_at", "-post_id")[:LIMIT])[::-1]
    files: dict[int, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(post__in=[row.post_id for row in rows]).order_by("id"):
        files.setdefault(attachment.post_id, []).append(attachment)
    understood = of_posts([row.post for row in rows], member=member)
    return [
        Entry(
            at=row.post.posted_at,
            version=row.version,
            post=row.post,
            is_context=row.is_context,
            attachments=tuple(files.get(row.post_id, ())),
            understood=understood.get(row.post_id),
        )
        for row in rows
    ]


def _replies(case: Case, member: Membership) -> list[Entry]:
    replies = Reply.objects.filter(case=case).select_related(
        "author", "outgoing__channel", "outgoing__parent", "outgoing__post"
    )
    if not member.may(Permission.WORK_CASES):
        replies = replies.filter(outgoing__state=SendState.SENT)
    if not member.may_see_private:
        replies = replies.filter(outgoing__is_public=True)
    replies = replies.exclude(outgoing__state=SendState.CANCELLED)
    rows = replies.order_by("-id")[:LIMIT]
    return [Entry(at=row.created_at, version=row.version, reply=row) for row in rows]


def _notes(case: Case) -> list[Entry]:
    notes = Note.objects.filter(case=case).select_related("author").prefetch_related("mentioned")
    return [Entry(at=note.created_at, version=0, note=note) for note in notes.order_by("-id")[:LIMIT]]


def _events(case: Case) -> list[Entry]:
    events = events_of_case(workspace_id=case.workspace_id, case_id=case.pk, limit=LIMIT)
    return [Entry(at=event.at, version=0, event=event) for event in events if event.name in SHOWN_EVENTS]
