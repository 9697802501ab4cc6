"""Answering: into the outbox, taking back, and what happens when the outcome is known."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from luister.accounts.models import Membership
from luister.base.errors import LuisterError
from luister.base.ids import new_uuid
from luister.base.posts import Author, Kind
from luister.channels.models import Channel
from luister.delivery import actions as delivery
from luister.delivery import queries as delivery_queries
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from luister.events.actions import record
from luister.inbox.actions import files
from luister.inbox.actions.changes import RefusedError, announce, apply, locked, notify
from luister.inbox.enums import CaseState, Mode, ReplyEffect
from luister.inbox.models import Case, CasePost, Draft, Reply
from luister.posts.enums import Direction
from luister.posts.models import Post

LONGEST_HESITATION = timedelta(minutes=2)  # between pressing send and leaving
MAX_REFERENCES = 20  # RFC 5322 sets no limit; long threads keep the first and the last ones


class ChangedMeanwhileError(LuisterError):
    """Something was said in the case since the writer last saw it; they decide whether to send anyway."""

    def __init__(self, *, since_version: int, case: Case) -> None:
        super().__init__(f"case {case.pk} changed since version {since_version}")
        self.since_version = since_version
        self.case = case


@dataclass(frozen=True, slots=True)
class Written:
    """What an agent wrote and where it should appear."""

    text: str
    is_public: bool
    effect: ReplyEffect
    client_id: UUID
    seen_version: int
    anyway: bool = False  # send although the case changed meanwhile


@transaction.atomic
def send_reply(case_id: int, written: Written, *, by: Membership, now: datetime) -> Reply:
    """Put a reply into the outbox; it leaves when the undo time is over, or once a colleague has approved it.

    The same `client_id` again (a double click, a slow line) returns the first reply.

    Raises:
        RefusedError: no text, too long, nothing to answer, closed, or not theirs.
        ChangedMeanwhileError: someone answered, or the customer wrote, since `seen_version`.
    """
    case = locked(case_id, by=by)
    earlier = Reply.objects.filter(workspace_id=case.workspace_id, client_id=written.client_id).first()
    if earlier is not None:
        return earlier
    if case.state == CaseState.CLOSED:
        raise RefusedError("case.closed")
    if case.version > written.seen_version and not written.anyway:
        raise ChangedMeanwhileError(since_version=written.seen_version, case=case)
    parent = reply_parent(case, is_public=written.is_public)
    if parent is None:
        raise RefusedError("reply.nothing_to_answer")
    text = signed(written.text, channel=case.channel, is_public=written.is_public, by=by)
    _check_limits(text, channel=case.channel, is_public=written.is_public)
    outgoing = delivery.queue_post(
        channel=case.channel,
        lane=case.pk,
        by=by.user,
        key=new_uuid(),
        text=text,
        is_public=written.is_public,
        recipient=_recipient(parent),
        parent=parent,
        subject=_reply_subject(parent),
        references=_references(parent),
        send_after=leaves_at(case, now=now),
        now=now,
        proposed=by.needs_approval,
    )
    limits = delivery_queries.limits(case.channel, is_public=written.is_public)
    files.send_along(case, outgoing, limits=limits, by=by)
    return _store(case, written, outgoing=outgoing, by=by, now=now)


def leaves_at(case: Case, *, now: datetime) -> datetime:
    """Return when a reply leaves that is queued now."""
    return now + timedelta(seconds=case.channel.undo_seconds)


def _store(case: Case, written: Written, *, outgoing: Outgoing, by: Membership, now: datetime) -> Reply:
    case.version += 1
    reply = Reply.objects.create(
        workspace_id=case.workspace_id,
        case=case,
        author=by.user,
        outgoing=outgoing,
        client_id=written.client_id,
        text=written.text.strip(),
        effect=written.effect,
        version=case.version,
        created_at=now,
    )
    case.save(update_fields=["version"])
    Draft.objects.filter(case=case, user=by.user, mode=Mode.REPLY).delete()
    if outgoing.state == SendState.PROPOSED:
        tell("reply.proposed", reply, by=by, now=now)
    else:
        take_effect(case, reply, by=by, now=now)
        tell("reply.queued", reply, by=by, now=now)
    return reply


def take_effect(case: Case, reply: Reply, *, by: Membership, now: datetime) -> None:
    """Do to the case what its writer wanted of the reply, now that it goes out, and keep what undo restores."""
    reply.state_before = {"state": case.state, "assignee_id": case.assignee_id, "snoozed_until": None}
    reply.save(update_fields=["state_before"])
    fields: dict[str, object] = {}
    if not wrote_since(case, reply):
        fields = {"state": CaseState(reply.effect), "snoozed_until": None}
    if case.assignee_id is None and reply.author_id is not None:
        fields["assignee_id"] = reply.author_id
    apply(case, name="case.answered", by=by.user, at=now, **fields)


def wrote_since(case: Case, reply: Reply) -> bool:
    """Whether the customer said something after the reply was written."""
    newer = CasePost.objects.filter(case=case, is_context=False, version__gt=reply.version)
    return newer.filter(post__direction=Direction.IN, post__automatic="").exists()


def tell(name: str, reply: Reply, *, by: Membership, now: datetime) -> None:
    """Record what happened to a reply, and tell open screens."""
    case = reply.case
    record(name, workspace=case.workspace, at=now, by=by.user, case_id=case.pk, data={"reply": reply.pk})
    announce(case)


@transaction.atomic
def take_back(reply_id: int, *, by: Membership, now: datetime) -> Reply:
    """Undo a reply before it leaves: the text goes back to the composer, the case to what it was.

    Raises:
        RefusedError: it is already on its way.
    """
    reply = locked_reply(reply_id, by=by)
    case = reply.case
    if delivery.cancel(reply.outgoing_id, by=by.user, now=now):
        if case.state == reply.effect:
            apply(case, name="case.undone", by=by.user, at=now, **reply.state_before)
    elif not delivery.withdraw(reply.outgoing_id, by=by.user, now=now):
        raise RefusedError("reply.already_leaving")
    files.bring_back(case, reply.outgoing, to=by.user, now=now)
    Draft.objects.update_or_create(
        case=case,
        user=by.user,
        mode=Mode.REPLY,
        defaults={"text": reply.text, "is_public": reply.outgoing.is_public, "saved_at": now},
    )
    tell("reply.taken_back", reply, by=by, now=now)
    return reply


@transaction.atomic
def hesitate(reply_id: int, *, by: Membership, now: datetime) -> Reply:
    """Give the writer of a reply their undo time anew while they hesitate, for two minutes at most.

    Raises:
        RefusedError: it is already on its way.
    """
    reply = locked_reply(reply_id, by=by)
    outgoing = reply.outgoing
    until = min(now + timedelta(seconds=reply.case.channel.undo_seconds), outgoing.created_at + LONGEST_HESITATION)
    if not delivery.postpone(outgoing.pk, until=until, now=now):
        raise RefusedError("reply.already_leaving")
    outgoing.refresh_from_db(fields=["send_after"])
    return reply


@transaction.atomic
def resolve(reply_id: int, *, decision: str, by: Membership, now: datetime) -> Reply:
    """Settle by hand a reply of which nobody knows whether it arrived, or that failed.

    Args:
        decision: "sent" (it did arrive), "again" (send it once more) or "give_up".

    Raises:
        RefusedError: someone settled it meanwhile.
    """
    reply = locked_reply(reply_id, by=by, own_only=False)
    verbs = {"sent": delivery.mark_sent, "again": delivery.send_again, "give_up": delivery.abandon}
    if decision not in verbs or not verbs[decision](reply.outgoing_id, by=by.user, now=now):
        raise RefusedError("reply.already_settled")
    case = reply.case
    data = {"reply": reply.pk, "decision": decision}
    record("reply.resolved", workspace=case.workspace, at=now, by=by.user, case_id=case.pk, data=data)
    announce(case)
    return reply


@transaction.atomic
def reply_settled(outgoing_id: int, *, now: datetime) -> None:
    """Take in what became of a reply: sent, or something that a person has to know of."""
    reply = Reply.objects.filter(outgoing_id=outgoing_id).select_related("outgoing__post", "author").first()
    if reply is None:
        return
    case = Case.objects.select_for_update().select_related("workspace").get(pk=reply.case_id)
    outgoing = reply.outgoing
    state = outgoing.state
    record(f"reply.{state}", workspace=case.workspace, at=now, case_id=case.pk, data={"reply": reply.pk})
    if state == SendState.SENT:
        _sent(case, reply)
    elif state in {SendState.FAILED, SendState.UNKNOWN, SendState.BOUNCED}:
        if case.state in {CaseState.WAITING, CaseState.COMPLETED}:
            apply(case, name="case.reopened", by=None, at=now, state=CaseState.OPEN, snoozed_until=None)
        if reply.author is not None:
            notify(case, user=reply.author, kind=state, by=None, now=now)
    announce(case)


def _sent(case: Case, reply: Reply) -> None:
    post = reply.outgoing.post
    if post is not None:
        CasePost.objects.get_or_create(case=case, post=post, defaults={"is_context": False, "version": reply.version})
        case.last_post, case.last_post_at = post, max(case.last_post_at, post.posted_at)
    if reply.effect != ReplyEffect.KEEP_OPEN and not wrote_since(case, reply):
        case.waiting_since = None
    case.save(update_fields=["last_post", "last_post_at", "waiting_since"])


def reply_parent(case: Case, *, is_public: bool) -> Post | None:
    """Return the post that a reply would answer: the customer's latest of that publicness.

    On a network that has both, a private message may also answer what was said in public.
    """
    theirs = CasePost.objects.filter(case=case, is_context=False, post__direction=Direction.IN, post__automatic="")
    link = (
        theirs.filter(post__is_public=is_public)
        .select_related("post__author")
        .order_by("-post__posted_at", "-id")
        .first()
    )
    if link is None and not is_public and case.channel.publicness == "both":
        link = theirs.select_related("post__author").order_by("-post__posted_at", "-id").first()
    return link.post if link else None


def signed(text: str, *, channel: Channel, is_public: bool, by: Membership) -> str:
    """Return the text as it will appear, with the caret signature where the channel asks for one."""
    plain = text.strip()
    if not plain:
        raise RefusedError("reply.empty")
    signature = by.user.caret_signature
    if channel.caret_signature and is_public and not plain.endswith(signature):
        return f"{plain} {signature}"
    return plain


def _check_limits(text: str, *, channel: Channel, is_public: bool) -> None:
    limits = delivery_queries.limits(channel, is_public=is_public)
    if not limits.can_send:
        raise RefusedError("reply.cannot_answer")
    limit = limits.max_length
    length = delivery_queries.length(channel, text)
    if limit is not None and length > limit:
        raise RefusedError("reply.too_long", length=str(length), limit=str(limit))


def _recipient(parent: Post) -> Author:
    if parent.reply_to:
        return Author(**parent.reply_to)
    author = parent.author
    if author is None:
        raise RefusedError("reply.nothing_to_answer")
    return Author(external_id=author.external_id, name=author.name, handle=author.handle, url=author.url)


def _reply_subject(parent: Post) -> str:
    if parent.kind != Kind.MAIL:
        return ""
    plain = " ".join(parent.subject.split())
    return plain if plain.lower().startswith(("re:", "antw:", "betr:")) else f"Re: {plain}"[:500]


def _references(parent: Post) -> tuple[str, ...]:
    """Return the ancestors, oldest first, ending in the parent; of a long thread the first and the latest."""
    line = [*reversed(parent.references), parent.external_id]
    return tuple(line if len(line) <= MAX_REFERENCES else [line[0], *line[-MAX_REFERENCES + 1 :]])


def locked_reply(reply_id: int, *, by: Membership, own_only: bool = True) -> Reply:
    """Return a reply with its case locked.

    Raises:
        RefusedError: it is not theirs, or of a case that is not for them.
    """
    reply = Reply.objects.filter(pk=reply_id, workspace_id=by.workspace_id).select_related("outgoing", "author").first()
    if reply is None or (own_only and reply.author_id != by.user_id):
        raise RefusedError("reply.not_found")
    reply.case = locked(reply.case_id, by=by)
    return reply
