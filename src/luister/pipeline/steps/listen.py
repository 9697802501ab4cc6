"""Matches the post against the monitors of its workspace."""

from luister.listening.actions import listening
from luister.pipeline.contract import Next, Passage


def listen(passage: Passage) -> Next:
    """Store which monitors find it, whether or not it was said to us."""
    listening.listen(passage.post, now=passage.now)
    return Next.GO_ON
