"""Indexing the posts that were stored before the index, or before its present form, little by little."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from luister.posts.index.store import CHUNK, FORM, index_posts
from luister.posts.models import Indexing, Post, SearchText

# A process of the version before may go on storing posts for a while after the upgrade.
FOLLOW = timedelta(days=1)


def index_existing(*, now: datetime, is_time_up: Callable[[], bool]) -> None:
    """Index stored posts, in the order of their ids, until all are or time is up; the next call goes on from there."""
    state, _ = Indexing.objects.get_or_create(form=FORM, defaults={"started_at": now})
    while state.finished_at is None and not is_time_up():
        ids = list(Post.objects.filter(pk__gt=state.done_to).order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not ids:
            if now - state.started_at >= FOLLOW:
                Indexing.objects.filter(pk=FORM).update(finished_at=now)
            return
        _index_missing(ids)
        state.done_to = ids[-1]
        Indexing.objects.filter(pk=FORM).update(done_to=state.done_to)


def progress() -> float | None:
    """Return which part of the posts is indexed, from 0 to 1; None once all are."""
    state = Indexing.objects.filter(form=FORM).first()
    waiting = Post.objects.filter(pk__gt=state.done_to if state else 0)
    if state:
        waiting = waiting.filter(received_at__lt=state.started_at)
    if (state and state.finished_at) or not waiting.exists():
        return None
    last = Post.objects.aggregate(last=Max("pk"))["last"]
    return state.done_to / last if state else 0.0


@transaction.atomic
def _index_missing(ids: list[int]) -> None:
    """Index those that are not, held so that nobody changes what they say meanwhile."""
    indexed = SearchText.objects.filter(post=OuterRef("pk"), form=FORM)
    posts = Post.objects.filter(~Exists(indexed), pk__in=ids).select_related("author", "channel")
    index_posts(posts.select_for_update(of=("self",)).order_by("pk"))
