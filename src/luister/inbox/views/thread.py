"""A case's timeline as the thread shows it: days, posts of others folded, replies with what can be done about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils import timezone

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.base.errors import Reason
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing, OutgoingFile
from luister.inbox.actions.approval import may_approve
from luister.inbox.models import Note, Reply
from luister.inbox.queries.screens import CaseScreen
from luister.inbox.queries.timeline import Entry
from luister.inbox.views.sentences import happened
from luister.posts.models import Attachment, Post
from luister.understanding.queries.shown import Shown

FAILED = frozenset({SendState.FAILED, SendState.BOUNCED})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the thread; `kind` is day, context, post, ours, reply, note or event, and the rest follows it."""

    kind: str
    at: datetime
    key: str = ""  # its id on the page
    post: Post | None = None
    posts: Sequence["Item"] = ()
    attachments: tuple[Attachment, ...] = ()
    understood: Shown | None = None
    notices: tuple[Reason, ...] = ()
    reply: Reply | None = None
    state: str = ""
    reason: Reason | None = None
    can_undo: bool = False
    can_settle: bool = False
    can_approve: bool = False
    files: Sequence[OutgoingFile] = ()  # that went along
    where: str = ""  # where a person can look whether it arrived
    note: Note | None = None
    icon: str = ""
    text: str = ""


def items(screen: CaseScreen, *, member: Membership, now: datetime) -> list[Item]:
    """Return the thread from top to bottom."""
    taken_back = {entry.at for entry in screen.entries if entry.event and entry.event.name == "reply.taken_back"}
    shown = [entry for entry in screen.entries if not _goes_without_saying(entry, taken_back)]
    found: list[Item] = []
    day: date | None = None
    for is_context, entries in groupby(shown, key=lambda entry: entry.is_context):
        for item in _folded(list(entries)) if is_context else _plain(entries, screen, member, now):
            local = timezone.localdate(item.at)
            if local != day:
                found.append(Item("day", item.at))
                day = local
            found.append(item)
    return found


def _goes_without_saying(entry: Entry, taken_back: set[datetime]) -> bool:
    """Whether an event only says what the reply that was taken back at that moment says too."""
    return entry.event is not None and entry.event.name == "case.undone" and entry.at in taken_back


def entry_items(entries: Sequence[Entry], screen: CaseScreen, *, member: Membership, now: datetime) -> list[Item]:
    """Return a few entries as the thread shows them, without days."""
    return list(_plain(iter(entries), screen, member, now))


def _folded(entries: list[Entry]) -> list[Item]:
    posts = [_post(entry) for entry in entries]
    return [Item("context", entries[0].at, key=f"context-{posts[0].key}", posts=posts)]


def _plain(entries: Iterator[Entry], screen: CaseScreen, member: Membership, now: datetime) -> Iterator[Item]:
    for entry in entries:
        if entry.post is not None:
            yield _post(entry)
        elif entry.reply is not None:
            yield _reply(entry.reply, screen, member=member, now=now)
        elif entry.note is not None:
            yield Item("note", entry.at, key=f"note-{entry.note.pk}", note=entry.note)
        elif entry.event is not None:
            icon, text = happened(entry.event, screen.names)
            yield Item("event", entry.at, key=f"event-{entry.event.pk}", icon=icon, text=text)


def _post(entry: Entry) -> Item:
    post = entry.post
    if post is None:
        raise ValueError(entry)
    kind = "ours" if post.direction == "out" else "post"
    notices = tuple(Reason(notice["code"], notice.get("values", {})) for notice in post.notices)
    return Item(
        kind,
        entry.at,
        key=f"post-{post.pk}",
        post=post,
        attachments=entry.attachments,
        understood=entry.understood,
        notices=notices,
    )


def _reply(reply: Reply, screen: CaseScreen, *, member: Membership, now: datetime) -> Item:
    outgoing = reply.outgoing
    state = "failed" if outgoing.state in FAILED else str(outgoing.state)
    may_work = member.may(Permission.WORK_CASES)
    is_waiting = state == "proposed" or (state == "queued" and outgoing.send_after > now)
    can_undo = is_waiting and reply.author_id == member.user_id
    reason = Reason(outgoing.reason_code, outgoing.reason_values) if outgoing.reason_code else None
    return Item(
        "reply",
        reply.created_at,
        key=f"reply-{reply.pk}",
        reply=reply,
        state=state,
        reason=reason,
        can_undo=can_undo,
        can_approve=state == "proposed" and may_approve(reply, by=member),
        can_settle=may_work and _waits_for_a_person(outgoing),
        files=screen.sent_files.get(outgoing.pk, ()),
        where=outgoing.url or (outgoing.parent.url if outgoing.parent else ""),
    )


def _waits_for_a_person(outgoing: Outgoing) -> bool:
    """Whether the machine has done what it can; a mail that bounced is answered anew, not settled."""
    return outgoing.state == SendState.FAILED or (outgoing.state == SendState.UNKNOWN and outgoing.asked_at is not None)
