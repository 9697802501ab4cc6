"""Putting posts that were said long ago into cases: the rules of `threading`, many threads at once.

One case per thread and customer; what others said in the thread is context. Events carry the moments at which things
happened, and nobody is told. Unlike live posts, a case that is completed or closed takes what belongs to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from luister.accounts.models import Workspace
from luister.base.ids import lock_key
from luister.channels.models import Channel
from luister.events import live
from luister.events.actions import Happened, record_all
from luister.inbox.actions.casewriting import CONTEXT_LIMIT
from luister.inbox.actions.threading import subject_of
from luister.inbox.enums import CaseState
from luister.inbox.models import Case, CaseLabel, CasePost, Label
from luister.people.models import Identity
from luister.posts.enums import Direction
from luister.posts.models import Post


@dataclass(frozen=True, slots=True)
class Turn:
    """A stored post, and for one of ours the external id of the customer whom it answers, where that is known.

    `labels` are words for the case that the post is in.
    """

    post: Post
    to: str = ""
    labels: tuple[str, ...] = ()


@dataclass(slots=True)
class _Matter:
    """A case in the making, or one that grows: the posts that are new in it, oldest first."""

    case: Case
    is_new: bool
    posts: list[Post] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)


@transaction.atomic
def keep(turns: Sequence[Turn], *, channel: Channel, as_open: bool, now: datetime) -> int:
    """Put posts into their cases and return how many cases are new; the same posts again change nothing.

    All that is new of a thread comes in one call. Cases are completed as of their last post; with `as_open` those
    whose last word is the customer's are open.
    """
    _lock(channel)
    turns = _without_known(turns)
    if not turns:
        return 0
    threads = {turn.post.thread_external_id for turn in turns}
    matters = _matters(turns, _known_cases(channel, threads), channel=channel)
    new = [matter for matter in matters if matter.is_new]
    _number(new, channel.workspace)
    for matter in matters:
        _settle(matter, as_open=as_open)
    Case.objects.bulk_create(matter.case for matter in new)
    Case.objects.bulk_update(
        [matter.case for matter in matters if not matter.is_new],
        ["version", "is_public", "last_post", "last_post_at", "opened_at", "state", "state_since", "waiting_since"],
    )
    _link(matters, threads, channel=channel)
    record_all((event for matter in matters for event in _events(matter)), workspace=channel.workspace)
    _label(matters, channel.workspace)
    live.publish(live.workspace_topic(channel.workspace_id), "cases-changed", at=now.isoformat())
    return len(new)


def _lock(channel: Channel) -> None:
    """Take turns with others who bring posts of this channel."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key("history", str(channel.pk))])


def _without_known(turns: Sequence[Turn]) -> list[Turn]:
    posts = [turn.post.pk for turn in turns]
    known = set(CasePost.objects.filter(post__in=posts).values_list("post_id", flat=True))
    left = [turn for turn in turns if turn.post.pk not in known]
    return sorted(left, key=lambda turn: (turn.post.posted_at, turn.post.pk))


def _known_cases(channel: Channel, threads: set[str]) -> dict[tuple[str, int], Case]:
    found = Case.objects.filter(channel=channel, thread_external_id__in=threads).order_by("id")
    return {(case.thread_external_id, case.identity_id): case for case in found}


def _matters(turns: Sequence[Turn], known: Mapping[tuple[str, int], Case], *, channel: Channel) -> list[_Matter]:
    """Open a case for each customer of each thread who addresses us, and give our posts to whom they answer."""
    matters = {key: _Matter(case, is_new=False) for key, case in known.items()}
    for turn in turns:
        post = turn.post
        key = (post.thread_external_id, post.author_id or 0)
        if post.direction == Direction.IN and post.is_addressed and not post.automatic and key not in matters:
            matters[key] = _Matter(_new_case(post, channel=channel), is_new=True)
    identities = _identities(turns, channel)
    for turn in turns:
        post = turn.post
        who = post.author_id if post.direction == Direction.IN else identities.get(turn.to)
        matter = matters.get((post.thread_external_id, who or 0))
        if matter is not None:
            matter.posts.append(post)
            matter.labels.update(turn.labels)
    return [matter for matter in matters.values() if matter.posts]


def _identities(turns: Sequence[Turn], channel: Channel) -> dict[str, int]:
    wanted = {turn.to for turn in turns if turn.to}
    found = Identity.objects.filter(workspace=channel.workspace_id, kind=channel.network, external_id__in=wanted)
    return dict(found.values_list("external_id", "id"))


def _new_case(post: Post, *, channel: Channel) -> Case:
    identity = post.author
    assert identity is not None
    return Case(
        workspace_id=post.workspace_id,
        channel=channel,
        contact_id=identity.contact_id,
        identity=identity,
        thread_external_id=post.thread_external_id,
        subject=subject_of(post),
        is_public=post.is_public,
        team_id=channel.team_id,
        opened_at=post.posted_at,
        state_since=post.posted_at,
        last_post_at=post.posted_at,
    )


def _number(matters: Sequence[_Matter], workspace: Workspace) -> None:
    """Number new cases in the order in which they began."""
    if not matters:
        return
    Workspace.objects.filter(pk=workspace.pk).update(next_case_number=F("next_case_number") + len(matters))
    after = Workspace.objects.values_list("next_case_number", flat=True).get(pk=workspace.pk)
    ordered = sorted(matters, key=lambda matter: matter.case.opened_at)
    for number, matter in enumerate(ordered, after - len(matters)):
        matter.case.number = number


def _settle(matter: _Matter, *, as_open: bool) -> None:
    case, posts = matter.case, matter.posts
    theirs = [post for post in posts if post.direction == Direction.IN]
    case.version += len(posts)
    case.is_public = case.is_public or any(post.is_public for post in posts)
    if theirs:
        case.opened_at = min(case.opened_at, theirs[0].posted_at)
    last = posts[-1]
    if case.last_post_id is not None and last.posted_at < case.last_post_at:
        return
    case.last_post, case.last_post_at = last, last.posted_at
    waits = as_open and last.direction == Direction.IN
    if case.state == CaseState.CLOSED and not matter.is_new:
        return
    case.waiting_since = _waiting_since(case, posts) if waits else None
    state = CaseState.OPEN if waits else CaseState.COMPLETED
    if state != case.state:
        case.state, case.state_since = state, last.posted_at


def _waiting_since(case: Case, posts: Sequence[Post]) -> datetime | None:
    """Return the moment of the customer's oldest post that nobody answered."""
    answered = max((at for at, post in enumerate(posts) if post.direction == Direction.OUT), default=-1)
    if answered == -1 and case.waiting_since is not None:
        return case.waiting_since
    return posts[answered + 1].posted_at


def _link(matters: Sequence[_Matter], threads: set[str], *, channel: Channel) -> None:
    links = []
    for matter in matters:
        first = matter.case.version - len(matter.posts) + 1
        links += [CasePost(case=matter.case, post=post, version=first + at) for at, post in enumerate(matter.posts)]
    CasePost.objects.bulk_create(links, batch_size=2000)
    _link_context(channel, threads)


def _link_context(channel: Channel, threads: set[str]) -> None:
    """Show in each case of a thread what others said in public there."""
    said: dict[str, list[int]] = {}
    public = Post.objects.filter(channel=channel, thread_external_id__in=threads, is_public=True)
    for thread, post_id in public.order_by("-posted_at", "-id").values_list("thread_external_id", "id"):
        said.setdefault(thread, []).append(post_id)
    context = []
    for case in Case.objects.filter(channel=channel, thread_external_id__in=threads).only("id", "thread_external_id"):
        posts = said.get(case.thread_external_id, [])[:CONTEXT_LIMIT]
        if len(posts) > 1:
            context += [CasePost(case=case, post_id=post_id, is_context=True, version=0) for post_id in posts]
    CasePost.objects.bulk_create(context, batch_size=2000, ignore_conflicts=True)


def _events(matter: _Matter) -> list[Happened]:
    case, events = matter.case, []
    theirs = [post for post in matter.posts if post.direction == Direction.IN]
    if matter.is_new:
        events.append(Happened("case.opened", theirs[0].posted_at, case.pk, {"post": theirs[0].pk}))
    for post in matter.posts:
        name = "case.post_received" if post.direction == Direction.IN else "case.answered_elsewhere"
        events.append(Happened(name, post.posted_at, case.pk, {"post": post.pk}))
    if matter.is_new and case.state == CaseState.COMPLETED:
        change = {"before": {"state": CaseState.OPEN.value}, "after": {"state": CaseState.COMPLETED.value}}
        events.append(Happened("case.state_changed", case.state_since, case.pk, change))
    return events


def _label(matters: Sequence[_Matter], workspace: Workspace) -> None:
    words = {word.lower(): word for matter in matters for word in matter.labels}
    if not words:
        return
    known = {label.name.lower(): label for label in Label.objects.filter(workspace=workspace)}
    new = Label.objects.bulk_create(
        Label(workspace=workspace, name=word) for low, word in words.items() if low not in known
    )
    known |= {label.name.lower(): label for label in new}
    CaseLabel.objects.bulk_create(
        [CaseLabel(case=matter.case, label=known[word.lower()]) for matter in matters for word in matter.labels],
        ignore_conflicts=True,
    )
