"""Putting a post that came in into the right case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.events.actions import record
from luister.inbox.access import visible_cases
from luister.inbox.actions.casebook import Casebook
from luister.inbox.actions.casewriting import Entry
from luister.inbox.actions.changes import RefusedError, plain
from luister.inbox.enums import CaseState, Origin
from luister.inbox.models import Case
from luister.posts.enums import Direction
from luister.posts.models import Post


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


def thread(post: Post, *, now: datetime) -> Threaded:
    """Put a post into its case; see `thread_all`."""
    return thread_all([post], now=now)[0]


@transaction.atomic
def thread_all(posts: Sequence[Post], *, now: datetime) -> list[Threaded]:
    """Put posts of one channel, in this order, into their cases; the same posts again change nothing.

    A post that addresses us opens a case, one per thread and customer: another customer's post in the thread is
    context. A post that only claims to answer someone else's case (a forged In-Reply-To) gets a case of its own and a
    warning.
    """
    book = Casebook(posts)
    threaded = [_thread(post, book, now=now) for post in posts]
    book.write()
    return threaded


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
    book = Casebook([post])
    known = book.joined(post)
    if known is not None:
        return TakenUp(known.case, is_new=False, is_visible=_sees(by, known.case), event_id=None)
    joined = _case_of(post, book)
    entry = joined or _open(post, book, now=now, by=by)
    case = entry.case
    was = {name: getattr(case, name) for name in ("state", "snoozed_until", "waiting_since", "is_public")}
    was |= {"last_post_id": case.last_post_id, "last_post_at": case.last_post_at}
    _join(entry, post, book, now=now, waits=joined is not None)
    _add_as_context(post, book)
    book.write()
    data = {"post": post.pk, "is_new": joined is None, "version": case.version, "was": plain(was)}
    event = record("case.taken_up", workspace=case.workspace, at=now, by=by.user, case_id=case.pk, data=data)
    return TakenUp(case, is_new=joined is None, is_visible=_sees(by, case), event_id=event.pk)


def _sees(member: Membership, case: Case) -> bool:
    return visible_cases(member).filter(pk=case.pk).exists()


def _thread(post: Post, book: Casebook, *, now: datetime) -> Threaded:
    known = book.joined(post)
    if known is not None:
        return Threaded(known.case)
    if post.direction == Direction.OUT:
        return _thread_ours(post, book, now=now)
    joined = _case_of(post, book)
    if joined is None and (post.automatic or not post.is_addressed):
        _add_as_context(post, book)
        return Threaded(None)
    if joined is None:
        _warn_of_foreign_reference(post, book)
    entry = joined or _open(post, book, now=now)
    _join(entry, post, book, now=now)
    _add_as_context(post, book)
    return Threaded(entry.case, is_new=joined is None)


def _case_of(post: Post, book: Casebook) -> Entry | None:
    """Find the customer's case that the post belongs to; a closed one is final."""
    referred = book.referred(post)
    if referred is not None and referred.case.state != CaseState.CLOSED and _is_theirs(referred.case, post):
        return referred
    return book.open_case(post)


def _is_theirs(case: Case, post: Post) -> bool:
    return post.author is not None and case.contact_id == post.author.contact_id


def _warn_of_foreign_reference(post: Post, book: Casebook) -> None:
    referred = book.referred(post)
    if referred is not None and not _is_theirs(referred.case, post) and not post.is_public:
        book.warn(post, referred)


def _open(post: Post, book: Casebook, *, now: datetime, by: Membership | None = None) -> Entry:
    """Open a case; where a person does so nobody asked us anything, and it is theirs."""
    identity = post.author
    if identity is None:
        raise ValueError(post)
    case = Case(
        workspace_id=post.workspace_id,
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
    entry = book.open(case, post)
    book.happened("case.opened", entry, at=now, by=by.user if by else None, post=post.pk)
    return entry


def subject_of(post: Post) -> str:
    """Return what a case is called in lists: its first line, shortened."""
    line = " ".join((post.subject or post.text or post.quoted_text).split())
    return line if len(line) <= 120 else f"{line[:119].rstrip()}…"


def _join(entry: Entry, post: Post, book: Casebook, *, now: datetime, waits: bool = True) -> None:
    """Add the customer's post: the case is open again, unless a machine wrote it.

    `waits` is False where the customer asked us nothing, and so waits for nothing.
    """
    case = entry.case
    case.version += 1
    book.link(entry, post)
    case.is_public = case.is_public or post.is_public
    if post.posted_at >= case.last_post_at or case.last_post_id is None:
        case.last_post_id, case.last_post_at = post.pk, post.posted_at
    if waits and not post.automatic and case.waiting_since is None:
        case.waiting_since = post.received_at
    entry.is_changed = True
    book.happened("case.post_received", entry, at=now, post=post.pk)
    if not post.automatic and case.state in {CaseState.WAITING, CaseState.COMPLETED}:
        _reopen(entry, book, now=now)


def _reopen(entry: Entry, book: Casebook, *, now: datetime) -> None:
    case = entry.case
    before = {"state": case.state, "snoozed_until": case.snoozed_until}
    case.state, case.snoozed_until, case.state_since = CaseState.OPEN, None, now
    after = {"state": case.state, "snoozed_until": case.snoozed_until}
    book.happened("case.reopened", entry, at=now, before=plain(before), after=plain(after))


def _thread_ours(post: Post, book: Casebook, *, now: datetime) -> Threaded:
    """A post of our own account, sent from here or written on the network itself."""
    is_sent_from_here, entry = book.own_send(post)
    if not is_sent_from_here:
        entry = book.referred(post)
    if entry is None:
        _add_as_context(post, book)
        return Threaded(None)
    case = entry.case
    if not is_sent_from_here:  # a colleague answered on the network itself
        case.version += 1
        book.happened("case.answered_elsewhere", entry, at=now, post=post.pk)
    book.link(entry, post)
    case.last_post_id, case.last_post_at = post.pk, max(case.last_post_at, post.posted_at)
    entry.is_changed = True
    _add_as_context(post, book)
    return Threaded(case)


def _add_as_context(post: Post, book: Casebook) -> None:
    """Show a public post in the other cases of its thread."""
    if post.is_public:
        for entry in book.around(post):
            book.link(entry, post, is_context=True)
