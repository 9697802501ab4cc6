"""Running posts through the steps."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import InterfaceError, OperationalError

from luister.pipeline.contract import Passage
from luister.pipeline.order import STEPS
from luister.posts.models import Post
from luister.queue import enqueue

logger = logging.getLogger("luister.pipeline")


def run(post_id: int, *, now: datetime) -> Passage | None:
    """Take a stored post through every step; safe to repeat, because each step is."""
    return next(iter(_pass([post_id], now=now)), None)


def run_all(post_ids: Sequence[int], *, now: datetime) -> None:
    """Take stored posts through every step together, in the order in which they were stored.

    When a step stumbles each goes by itself, and the one that made it stumble waits for another try.
    """
    try:
        _pass(post_ids, now=now)
    except Exception:
        logger.exception("pipeline.not_together", extra={"count": len(post_ids)})
        for post_id in post_ids:
            _run_or_defer(post_id, now=now)


def _run_or_defer(post_id: int, *, now: datetime) -> None:
    try:
        run(post_id, now=now)
    except (OperationalError, InterfaceError):
        raise  # no fault of the post's: the job comes back
    except Exception:
        logger.exception("pipeline.stumbled", extra={"object_kind": "post", "object_id": post_id})
        enqueue("pipeline.run", post_id=post_id)


def _pass(post_ids: Sequence[int], *, now: datetime) -> Sequence[Passage]:
    posts = Post.objects.select_related("channel__workspace", "author", "workspace").filter(pk__in=post_ids)
    passages = [Passage(post) for post in posts.defer("html").order_by("pk")]
    on_their_way: Sequence[Passage] = passages
    for step in STEPS:
        on_their_way = step(on_their_way, now=now)
    return passages
