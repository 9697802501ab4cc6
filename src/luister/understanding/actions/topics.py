"""Making, changing and deleting topics, and having a rule go through the stored posts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from luister.accounts.actions.audit import write_audit
from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.posts.enums import Direction, GivenBy, RunState
from luister.posts.models import Post, PostTopic, Topic, TopicRun
from luister.query import parse
from luister.query.prepared import normalize_name
from luister.queue import enqueue, enqueue_all, without_job
from luister.understanding.actions.correcting import RefusedError
from luister.understanding.actions.giving import found_by_rule, settle
from luister.understanding.actions.understanding import UNREAD
from luister.understanding.queries.rules import Rule, forbidden_in, node_of

CHUNK: Final = 500  # posts a transaction
TURN: Final = timedelta(seconds=5)  # then other jobs get theirs
LONGEST_NAME: Final = 80


@transaction.atomic
def make_topic(name: str, *, query: str, by: Membership, now: datetime) -> Topic:
    """Make a topic; with a rule it goes through what is stored.

    Raises:
        QueryError: the rule cannot be read.
        RefusedError: who asks may not, the name is taken, or the rule asks for what a post has only later.
    """
    if not by.may(Permission.TEACH):
        raise RefusedError("topic.not_allowed")
    topic = _new(name, query=query, by=by, now=now)
    write_audit("topic.made", workspace=by.workspace, by=by, target=topic, now=now, detail={"name": topic.name})
    _begin(topic, now=now)
    return topic


@transaction.atomic
def change_topic(topic_id: int, *, name: str, query: str, by: Membership, now: datetime) -> Topic:
    """Call a topic something else, or give it another rule, which then goes through what is stored.

    Raises:
        QueryError: the rule cannot be read.
        RefusedError: who asks may not, the name is taken, or the rule asks for what a post has only later.
    """
    topic = _locked(topic_id, by=by)
    is_other_rule = query != topic.query
    if is_other_rule:
        _check_rule(query)
    _check_name(name, besides=topic, workspace_id=by.workspace_id)
    topic.name, topic.key, topic.query = name, normalize_name(name), query
    topic.version += is_other_rule
    topic.save(update_fields=["name", "key", "query", "version"])
    write_audit("topic.changed", workspace=by.workspace, by=by, target=topic, now=now, detail={"name": name})
    if is_other_rule:
        _begin(topic, now=now)
    return topic


@transaction.atomic
def delete_topic(topic_id: int, *, by: Membership, now: datetime) -> str:
    """Take a topic off every post and away, and return its name.

    Raises:
        RefusedError: it is not theirs to delete.
    """
    topic = _locked(topic_id, by=by)
    write_audit("topic.deleted", workspace=by.workspace, by=by, target=topic, now=now, detail={"name": topic.name})
    topic.delete()
    return topic.name


def named(name: str, *, workspace_id: int, now: datetime) -> Topic:
    """Return the topic of this name, made where there is none."""
    name = " ".join(name.split())[:LONGEST_NAME]
    topic, _ = Topic.objects.get_or_create(
        workspace_id=workspace_id, key=normalize_name(name), defaults={"name": name, "created_at": now}
    )
    return topic


@transaction.atomic
def give_from_file(given: Mapping[int, Collection[str]], *, posts: Sequence[Post], now: datetime) -> None:
    """Give posts the topics, by name, that a file has beside them; those that are missing are made."""
    rows = []
    topics: dict[str, Topic] = {}
    for post in posts:
        for name in given.get(post.pk, ()):
            key = normalize_name(name)
            if key and key not in topics:
                topics[key] = named(name, workspace_id=post.workspace_id, now=now)
            if key:
                rows.append(
                    PostTopic(post=post, topic=topics[key], posted_at=post.posted_at, given_by=GivenBy.FILE, at=now)
                )
    PostTopic.objects.bulk_create(rows, ignore_conflicts=True)


def run_rule(topic_id: int, *, version: int, clock: Callable[[], datetime]) -> None:
    """Have a rule look at stored posts for a few seconds, newest first, and leave the rest to a job that follows."""
    began = clock()
    while look_at_some(topic_id, version=version, now=clock()):
        if clock() - began > TURN:
            enqueue("understanding.run_rule", topic_id=topic_id, version=version)
            return


def take_up_again() -> int:
    """Go on with what no job is left for, such as after one was given up; return how many."""
    running = dict(TopicRun.objects.filter(state=RunState.RUNNING).values_list("pk", "version"))
    lost = without_job("understanding.run_rule", argument="topic_id", values=running) if running else set()
    enqueue_all("understanding.run_rule", [{"topic_id": pk, "version": running[pk]} for pk in sorted(lost)])
    return len(lost)


@transaction.atomic
def look_at_some(topic_id: int, *, version: int, now: datetime) -> bool:
    """Look at one chunk of stored posts; return whether there is more to look at."""
    running = TopicRun.objects.select_for_update(of=("self",)).filter(version=version, state=RunState.RUNNING)
    run = running.select_related("topic").filter(pk=topic_id).first()
    if run is None:
        return False
    posts = _next_posts(run)
    rule = Rule(topic_id, version, node_of(run.topic.query))
    wanted = dict.fromkeys(found_by_rule(posts, [rule], now=now), GivenBy.RULE)
    run.given += settle(posts, wanted, rules=[rule], givers=[GivenBy.RULE], now=now)
    run.examined += len(posts)
    if posts:
        run.reached_at, run.reached_id = posts[-1].received_at, posts[-1].pk
    if len(posts) < CHUNK:
        run.state, run.ended_at = RunState.DONE, now
        enqueue("listening.look_back_for_topic", topic_id=topic_id)
    run.save(update_fields=["given", "examined", "reached_at", "reached_id", "state", "ended_at"])
    return run.state == RunState.RUNNING


def _new(name: str, *, query: str, by: Membership, now: datetime) -> Topic:
    _check_rule(query)
    _check_name(name, besides=None, workspace_id=by.workspace_id)
    return Topic.objects.create(
        workspace_id=by.workspace_id, name=name, key=normalize_name(name), query=query, created_at=now
    )


def _check_rule(query: str) -> None:
    if query and (field := forbidden_in(parse(query, standing=True))):
        raise RefusedError("topic.rule_asks_for", field=field)


def _check_name(name: str, *, besides: Topic | None, workspace_id: int) -> None:
    if not normalize_name(name):
        raise RefusedError("topic.no_name")
    taken = Topic.objects.filter(workspace_id=workspace_id, key=normalize_name(name)).first()
    if taken is not None and taken != besides:
        raise RefusedError("topic.name_taken", name=name)


def _locked(topic_id: int, *, by: Membership) -> Topic:
    if not by.may(Permission.TEACH):
        raise RefusedError("topic.not_allowed")
    topic = Topic.objects.select_for_update().filter(pk=topic_id, workspace_id=by.workspace_id).first()
    if topic is None:
        raise RefusedError("topic.not_found")
    return topic


def _begin(topic: Topic, *, now: datetime) -> None:
    """Have the rule go through what is stored; without one, take off at once what an earlier rule gave."""
    if not topic.query:
        PostTopic.objects.filter(topic=topic, given_by=GivenBy.RULE, is_removed=False).delete()
        TopicRun.objects.filter(topic=topic).delete()
        return
    begun = {
        "version": topic.version,
        "total": _to_look_at(topic).count(),
        "examined": 0,
        "given": 0,
        "reached_at": None,
        "reached_id": None,
        "state": RunState.RUNNING,
        "started_at": now,
        "ended_at": None,
    }
    TopicRun.objects.update_or_create(topic=topic, defaults=begun)
    enqueue("understanding.run_rule", topic_id=topic.pk, version=topic.version)


def _to_look_at(topic: Topic) -> QuerySet[Post]:
    return Post.objects.filter(workspace_id=topic.workspace_id, direction=Direction.IN, automatic="")


def _next_posts(run: TopicRun) -> Sequence[Post]:
    posts = _to_look_at(run.topic)
    if run.reached_at is not None:
        earlier = Q(received_at__lt=run.reached_at) | Q(received_at=run.reached_at, pk__lt=run.reached_id)
        posts = posts.filter(earlier, received_at__lte=run.reached_at)
    posts = posts.select_related("author", "channel__workspace").defer(*UNREAD)
    return list(posts.order_by("-received_at", "-id")[:CHUNK])
