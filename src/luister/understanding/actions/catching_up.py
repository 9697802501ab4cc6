"""Understanding the posts that were stored before the machine, or before its present version, little by little."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef

from luister.base.posts import Automatic
from luister.posts.models import Post
from luister.text.understanding import VERSION
from luister.understanding.actions.understanding import UNREAD, understand_posts
from luister.understanding.models import Backlog, Understanding

STEP: Final = 200  # posts a transaction
# A process of the version before may go on storing posts for a while after the upgrade.
FOLLOW: Final = timedelta(days=1)
NEVER: Final = (Automatic.LOOP, Automatic.BOUNCE, Automatic.DELAY)  # what the pipeline stops


def understand_existing(*, now: datetime, is_time_up: Callable[[], bool]) -> None:
    """Understand stored posts, in the order of their ids, until all are or time is up; the next call goes on there."""
    state, _ = Backlog.objects.get_or_create(version=VERSION, defaults={"started_at": now})
    while state.finished_at is None and not is_time_up():
        ids = list(Post.objects.filter(pk__gt=state.done_to).order_by("pk").values_list("pk", flat=True)[:STEP])
        if not ids:
            if now - state.started_at >= FOLLOW:
                Backlog.objects.filter(pk=VERSION).update(finished_at=now)
            return
        understood = Understanding.objects.filter(post=OuterRef("pk"), version=VERSION)
        missing = Post.objects.filter(~Exists(understood), pk__in=ids).exclude(automatic__in=NEVER).defer(*UNREAD)
        understand_posts(list(missing), now=now)
        state.done_to = ids[-1]
        Backlog.objects.filter(pk=VERSION).update(done_to=state.done_to)
