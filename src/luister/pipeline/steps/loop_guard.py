"""Stops our own mail that comes back to us."""

from luister.base.posts import Automatic
from luister.pipeline.contract import Next, Passage


def loop_guard(passage: Passage) -> Next:
    """Keep a looping post as it is: it opens nothing and answers nothing."""
    return Next.STOP if passage.post.automatic == Automatic.LOOP else Next.GO_ON
