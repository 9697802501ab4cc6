"""Finds out what posts say."""

from collections.abc import Sequence
from datetime import datetime

from luister.pipeline.contract import Passage
from luister.understanding import actions


def understand(passages: Sequence[Passage], *, now: datetime) -> Sequence[Passage]:
    """Write it down, also for searches, before monitors are asked, which may listen for it."""
    actions.understand_posts([passage.post for passage in passages], now=now)
    return passages
