"""Stops our own mail that comes back to us."""

from collections.abc import Sequence
from datetime import datetime

from luister.base.posts import Automatic
from luister.pipeline.contract import Passage
from luister.posts.index.store import index_posts


def loop_guard(passages: Sequence[Passage], *, now: datetime) -> Sequence[Passage]:
    """Keep a looping post as it is, to be searched for: it opens nothing and answers nothing."""
    index_posts(passage.post for passage in passages if _loops(passage))
    return [passage for passage in passages if not _loops(passage)]


def _loops(passage: Passage) -> bool:
    return passage.post.automatic == Automatic.LOOP
