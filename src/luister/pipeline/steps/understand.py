"""Finds out what the post says."""

from luister.pipeline.contract import Next, Passage
from luister.understanding import actions


def understand(passage: Passage) -> Next:
    """Write it down before monitors are asked, which may listen for it."""
    actions.understand_post(passage.post, now=passage.now)
    return Next.GO_ON
