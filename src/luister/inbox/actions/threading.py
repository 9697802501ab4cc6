"""Putting a post that came in into the right case."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from luister.accounts.enums import Permission
from luister.accounts.models import Membership, Workspace
from luister.base.ids import lock_key
from luister.delivery.models import Outgoing
from luister.events.actions import record
from luister.inbox.access import visible_cases
from luister.inbox.actions.changes import RefusedError, announce, apply, plain
from luister.inbox.enums import CaseState, Origin
from luister.inbox.models import Case, CasePost
from luister.posts.enums import Direction
from luister.posts.models import Post

CONTEXT_LIMIT = 200  # posts of others kept around a case
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Threaded:
    """Where a post went: into `case`, or into none; `is_new` when the case was opened for it."""

    case: Case | None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class TakenUp:
    """The case of a post that a person took up; `event_id` is what undoes it, None where it had a case already.

    `is_visible` is False where the customer's case is with another team: the post was added there.
    """

    case: Case
    is_new: bool
    is_visible: bool
    event_id: int | None


@transaction.atomic
def thread(post: Post, *, now: datetime) -> Threaded:
    """Put a post into its case, opening one when it addresses us; the same post again changes nothing.

    One case per thread and customer: another customer's post in the thread is context. A post that only claims
    to answer someone else's case (a forged In-Reply-To) gets a case of its own and a warning.
    """
    _lock(post)
    known = CasePost.objects.filter(post=post, is_context=False).select_related("case").first()
    if known is not None:
        return Threaded(known.case)
    if post.direction == Direction.OUT:
        return _thread_ours(post, now=now)
    case = _case_of(post)
    if case is None and (post.automatic or not post.is_addressed):
        _add_as_context(post)
        return Threaded(None)
    is_new = case is None
    if case is None:
        _warn_of_foreign_reference(post)
        case = _open(post, now=now)
    _join(case, post, now=now)
    _add_as_context(post)
    return Threaded(case, is_new)


@transaction.atomic
def take_up(post: Post, *, by: Membership, now: datetime) -> TakenUp:
    """Make a case of a post that nobody sent us, for who asks; the customer's open case in that thread is joined.

    Raises:
        RefusedError: they may not work on cases, or it is a post of ours.
    """
    if not by.may(Permission.WORK_CASES) or post.workspace_id != by.workspace_id:
        raise RefusedError("case.not_found")
    if post.direction == Direction.OUT or post.author is None:
        raise RefusedError("case.of_our_own_post")
    _lock(post)
    known = CasePost.objects.filter(post=post, is_context=False).select_related("case").first()
    if known is not None:
        return TakenUp(known.case, is_new=False, is_visible=_sees(by, known.case), event_id=None)
    case = _case_of(post)
    is_new = case is None
    if case is None:
        case = _open(post, now=now, by=by)
    was = {name: getattr(case, name) for name in ("state", "snoozed_until", "waiting_since", "is_public")}
    was |= {"last_post_id": case.last_post_id, "last_post_at": case.last_post_at}
    case = _join(case, post, now=now, waits=not is_new)
    _add_as_context(post)
    data = {"post": post.pk, "is_new": is_new, "version": case.version, "was": plain(was)}
    event = record("case.taken_up", workspace=case.workspace, at=now, by=by.user, case_id=case.pk, data=data)
    return TakenUp(case, is_new=is_new, is_visible=_sees(by, case), event_id=event.pk)


def _sees(member: Membership, case: Case) -> bool:
    return visible_cases(member).filter(pk=case.pk).exists()


def _lock(post: Post) -> None:
    """Take turns with other workers on the same customer and the same thread."""
    names = {f"thread:{post.channel_id}:{post.thread_external_id}", f"author:{post.channel_id}:{post.author_id}"}
    with connection.cursor() as cursor:
        for key in sorted(lock_key("threading", name) for name in names):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _case_of(post: Post) -> Case | None:
    """Find the customer's case that the post belongs to; a closed one is final."""
    referred = _referred_case(post)
    if referred is not None and referred.state != CaseState.CLOSED and _is_theirs(referred, post):
        return referred
    theirs = Case.objects.filter(
        channel_id=post.channel_id, identity=post.author, thread_external_id=post.thread_external_id
    )
    return theirs.exclude(state=CaseState.CLOSED).order_by("-id").first()


def _is_theirs(case: Case, post: Post) -> bool:
    return post.author is not None and case.contact_id == post.author.contact_id


def _referred_case(post: Post) -> Case | None:
    """Return the case of the nearest post that this one answers, whoever's it is."""
    by_reference = {
        link.post.external_id: link.case_id
        for link in CasePost.objects.filter(
            post__channel_id=post.channel_id, post__external_id__in=post.references, is_context=False
        ).select_related("post")
    }
    case_id = next((by_reference[reference] for reference in post.references if reference in by_reference), None)
    if case_id is None:
        case_id = _case_of_our_send(post)
    return Case.objects.filter(pk=case_id).first() if case_id else None


def _case_of_our_send(post: Post) -> int | None:
    """An answer can be faster than the news that our reply went out: our sends are known by their key."""
    keys = [match[0] for reference in post.references if (match := _UUID.search(reference))]
    sends = Outgoing.objects.filter(channel_id=post.channel_id)
    sent = sends.filter(key__in=keys).first() or sends.filter(external_id__in=post.references).first()
    return sent.lane if sent else None


def _warn_of_foreign_reference(post: Post) -> None:
    referred = _referred_case(post)
    if referred is None or _is_theirs(referred, post) or post.is_public:
        return
    post.notices = [*post.notices, {"code": "case.refers_to_other", "values": {"number": str(referred.number)}}]
    post.save(update_fields=["notices"])


def _open(post: Post, *, now: datetime, by: Membership | None = None) -> Case:
    """Open a case; where a person does so nobody asked us anything, and it is theirs."""
    identity = post.author
    if identity is None:
        raise ValueError(post)
    case = Case.objects.create(
        workspace_id=post.workspace_id,
        number=_next_number(post.workspace_id),
        channel=post.channel,
        contact_id=identity.contact_id,
        identity=identity,
        thread_external_id=post.thread_external_id,
        subject=subject_of(post),
        origin=Origin.PROACTIVE if by else Origin.REACTIVE,
        assignee=by.user if by else None,
        is_public=post.is_public,
        team_id=post.channel.team_id,
        last_post_at=post.posted_at,
        opened_at=now,
        state_since=now,
    )
    opener = by.user if by else None
    record("case.opened", workspace=case.workspace, at=now, by=opener, case_id=case.pk, data={"post": post.pk})
    _add_thread_as_context(case, post)
    return case


def _next_number(workspace_id: int) -> int:
    Workspace.objects.filter(pk=workspace_id).update(next_case_number=F("next_case_number") + 1)
    number: int = Workspace.objects.values_list("next_case_number", flat=True).get(pk=workspace_id)
    return number - 1


def subject_of(post: Post) -> str:
    """Return what a case is called in lists: its first line, shortened."""
    line = " ".join((post.subject or post.text or post.quoted_text).split())
    return line if len(line) <= 120 else f"{line[:119].rstrip()}…"


def _join(case: Case, post: Post, *, now: datetime, waits: bool = True) -> Case:
    """Add the customer's post: the case is open again, unless a machine wrote it.

    `waits` is False where the customer asked us nothing, and so waits for nothing.
    """
    case = Case.objects.select_for_update().get(pk=case.pk)
    case.version += 1
    _link(case, post)
    fields: dict[str, object] = {"version": case.version, "is_public": case.is_public or post.is_public}
    if post.posted_at >= case.last_post_at or case.last_post_id is None:
        fields |= {"last_post_id": post.pk, "last_post_at": post.posted_at}
    if waits and not post.automatic and case.waiting_since is None:
        fields["waiting_since"] = post.received_at
    for name, value in fields.items():
        setattr(case, name, value)
    case.save(update_fields=list(fields))
    record("case.post_received", workspace=case.workspace, at=now, case_id=case.pk, data={"post": post.pk})
    if not post.automatic and case.state in {CaseState.WAITING, CaseState.COMPLETED}:
        apply(case, name="case.reopened", by=None, at=now, state=CaseState.OPEN, snoozed_until=None)
    announce(case)
    return case


def _link(case: Case, post: Post) -> None:
    link, is_new = CasePost.objects.get_or_create(
        case=case, post=post, defaults={"is_context": False, "version": case.version}
    )
    if not is_new and link.is_context:
        link.is_context, link.version = False, case.version
        link.save(update_fields=["is_context", "version"])


def _thread_ours(post: Post, *, now: datetime) -> Threaded:
    """A post of our own account, sent from here or written on the network itself."""
    case = _referred_case(post)
    own_send = Outgoing.objects.filter(channel_id=post.channel_id, external_id=post.external_id).first()
    if own_send is not None:
        case = Case.objects.filter(pk=own_send.lane).first()
    if case is None:
        _add_as_context(post)
        return Threaded(None)
    case = Case.objects.select_for_update().get(pk=case.pk)
    if own_send is None:  # a colleague answered on the network itself
        case.version += 1
        record("case.answered_elsewhere", workspace=case.workspace, at=now, case_id=case.pk, data={"post": post.pk})
    _link(case, post)
    case.last_post_id, case.last_post_at = post.pk, max(case.last_post_at, post.posted_at)
    case.save(update_fields=["version", "last_post_id", "last_post_at"])
    _add_as_context(post)
    announce(case)
    return Threaded(case)


def _add_as_context(post: Post) -> None:
    """Show a public post in the other cases of its thread."""
    if not post.is_public:
        return
    others = Case.objects.filter(channel_id=post.channel_id, thread_external_id=post.thread_external_id)
    others = others.exclude(state=CaseState.CLOSED).exclude(pk__in=CasePost.objects.filter(post=post).values("case_id"))
    for case in others.order_by("-id")[:CONTEXT_LIMIT]:
        CasePost.objects.get_or_create(case=case, post=post, defaults={"is_context": True, "version": case.version})
        announce(case)


def _add_thread_as_context(case: Case, post: Post) -> None:
    """Show what was said in the thread before the case was opened."""
    if not post.is_public:
        return
    earlier = Post.objects.filter(
        channel_id=post.channel_id, thread_external_id=post.thread_external_id, is_public=True
    ).exclude(pk=post.pk)
    CasePost.objects.bulk_create(
        [
            CasePost(case=case, post=other, is_context=True, version=0)
            for other in earlier.order_by("-posted_at", "-id")[:CONTEXT_LIMIT]
        ],
        ignore_conflicts=True,
    )
