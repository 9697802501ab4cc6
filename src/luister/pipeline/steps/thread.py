"""Puts posts into their cases."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from luister.inbox.actions import threading
from luister.pipeline.contract import Passage


def thread(passages: Sequence[Passage], *, now: datetime) -> Sequence[Passage]:
    """Have each join the customer's case, or open one."""
    for _, some in groupby(passages, key=lambda passage: passage.post.channel_id):
        together = list(some)
        for passage, threaded in zip(
            together, threading.thread_all([passage.post for passage in together], now=now), strict=True
        ):
            passage.case, passage.is_new_case = threaded.case, threaded.is_new
    return passages
