"""Background entry points of posts."""

import time

from luister.base.clock import utc_now
from luister.fence.scope import of_all_workspaces
from luister.posts.index.backlog import index_existing
from luister.queue import periodic

MOST_SECONDS = 45.0  # of each minute


@periodic("posts.index_existing")
@of_all_workspaces("index what was stored before the index")
def index_missing() -> None:
    """Index posts that were stored before the index was."""
    ends = time.monotonic() + MOST_SECONDS
    index_existing(now=utc_now(), is_time_up=lambda: time.monotonic() > ends)
