"""Puts posts into their cases."""

from collections.abc import Sequence
from datetime import datetime

from luister.inbox.actions import threading
from luister.pipeline.contract import Passage


def thread(passages: Sequence[Passage], *, now: datetime) -> Sequence[Passage]:
    """Have each join the customer's case, or open one."""
    for passage in passages:
        threaded = threading.thread(passage.post, now=now)
        passage.case, passage.is_new_case = threaded.case, threaded.is_new
    return passages
