"""Looking back: what a monitor would have found in what was stored before it listened."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from luister.accounts.models import Membership
from luister.events import live
from luister.listening.access import may_change
from luister.listening.actions.storing import store
from luister.listening.enums import LookBackState
from luister.listening.models import LookBack, Monitor
from luister.listening.queries.found import hits, moment_of
from luister.listening.queries.standing import read, standing
from luister.posts.enums import Direction
from luister.posts.models import Post, Topic
from luister.posts.queries.archive import UNREAD
from luister.query.tree import Is, leaves
from luister.queue import enqueue, enqueue_all, without_job

CHUNK = 500  # posts a transaction
TURN = timedelta(seconds=5)  # then other jobs get theirs


def begin(monitor: Monitor, *, since: datetime | None, now: datetime) -> LookBack:
    """Have a monitor look back over what is stored, in the background; an earlier run is given up."""
    known = LookBack.objects.filter(monitor=monitor).first()
    fields = {
        "run": known.run + 1 if known else 1,
        "since": since,
        "total": _to_look_at(monitor, since).count(),
        "examined": 0,
        "found": 0,
        "reached_at": None,
        "reached_id": None,
        "state": LookBackState.RUNNING,
        "started_at": now,
        "ended_at": None,
    }
    back, _ = LookBack.objects.update_or_create(monitor=monitor, defaults=fields)
    enqueue("listening.look_back", monitor_id=monitor.pk, run=back.run)
    _announce(monitor)
    return back


@transaction.atomic
def cancel(monitor: Monitor, *, by: Membership, now: datetime) -> bool:
    """Stop looking back; what was found stays. False when nothing is running, or it is not theirs."""
    if not may_change(monitor, member=by):
        return False
    running = LookBack.objects.filter(monitor=monitor, state=LookBackState.RUNNING)
    stopped = running.update(state=LookBackState.CANCELLED, ended_at=now)
    _announce(monitor)
    return bool(stopped)


def look_back(monitor_id: int, *, run: int, clock: Callable[[], datetime]) -> None:
    """Look at stored posts for a few seconds, newest first, and leave the rest to a job that follows.

    Each chunk is a transaction with how far it got, so that a worker that dies costs one chunk and finds nothing twice.
    """
    began = clock()
    while look_at_some(monitor_id, run=run, now=clock()):
        if clock() - began > TURN:
            enqueue("listening.look_back", monitor_id=monitor_id, run=run)
            return


def look_back_for_topic(topic_id: int, *, now: datetime) -> int:
    """Have the monitors that ask for a topic look back as far as they did before; return how many."""
    topic = Topic.objects.filter(pk=topic_id).first()
    if topic is None:
        return 0
    asked = Is("topic", topic.key)
    asking = [one.monitor_id for one in standing(topic.workspace_id) if asked in leaves(one.node)]
    backs = LookBack.objects.filter(monitor_id__in=asking).select_related("monitor__workspace")
    for back in backs:
        begin(back.monitor, since=back.since, now=now)
    return len(backs)


def take_up_again() -> int:
    """Go on with what no job is left for, such as after one was given up; return how many."""
    running = dict(LookBack.objects.filter(state=LookBackState.RUNNING).values_list("pk", "run"))
    lost = without_job("listening.look_back", argument="monitor_id", values=running) if running else set()
    enqueue_all("listening.look_back", [{"monitor_id": pk, "run": running[pk]} for pk in sorted(lost)])
    return len(lost)


@transaction.atomic
def look_at_some(monitor_id: int, *, run: int, now: datetime) -> bool:
    """Look at one chunk of stored posts; return whether there is more to look at."""
    running = LookBack.objects.select_for_update(of=("self",)).filter(run=run, state=LookBackState.RUNNING)
    back = running.select_related("monitor__workspace").filter(pk=monitor_id).first()
    if back is None:
        return False
    query = read(back.monitor)
    posts = _next_posts(back) if query else []
    if query:
        moment = moment_of(back.monitor.workspace, now=now)
        stored = store(hits(posts, [query], moment=moment), is_live=False, now=now)
        back.found += sum(one.is_new for one in stored)
        if stored:
            live.publish(live.listening_topic(back.monitor.workspace_id), "mentions-changed", monitor=monitor_id)
    back.examined += len(posts)
    if posts:
        back.reached_at, back.reached_id = posts[-1].received_at, posts[-1].pk
    if len(posts) < CHUNK:
        back.state, back.ended_at = LookBackState.DONE, now
    back.save(update_fields=["found", "examined", "reached_at", "reached_id", "state", "ended_at"])
    _announce(back.monitor)
    return back.state == LookBackState.RUNNING


def _to_look_at(monitor: Monitor, since: datetime | None) -> QuerySet[Post]:
    posts = Post.objects.filter(workspace_id=monitor.workspace_id)
    query = read(monitor)
    if query is None or not query.wants_ours:
        posts = posts.filter(direction=Direction.IN)
    # A post never comes in before it was written, so that the index on when it came in serves here too.
    return posts if since is None else posts.filter(received_at__gte=since, posted_at__gte=since)


def _next_posts(back: LookBack) -> Sequence[Post]:
    posts = _to_look_at(back.monitor, back.since)
    if back.reached_at is not None:
        earlier = Q(received_at__lt=back.reached_at) | Q(received_at=back.reached_at, pk__lt=back.reached_id)
        posts = posts.filter(earlier, received_at__lte=back.reached_at)
    posts = posts.select_related("author", "channel").defer(*UNREAD)
    return list(posts.order_by("-received_at", "-id")[:CHUNK])


def _announce(monitor: Monitor) -> None:
    live.publish(live.listening_topic(monitor.workspace_id), "monitor-changed", monitor=monitor.pk)
