"""Puts the post into its case."""

from luister.inbox.actions import threading
from luister.pipeline.contract import Next, Passage


def thread(passage: Passage) -> Next:
    """Join the customer's case, or open one."""
    threaded = threading.thread(passage.post, now=passage.now)
    passage.case, passage.is_new_case = threaded.case, threaded.is_new
    return Next.GO_ON
