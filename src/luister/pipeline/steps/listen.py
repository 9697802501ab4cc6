"""Matches posts against the monitors of their workspace."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from luister.listening.actions import listening
from luister.pipeline.contract import Passage


def listen(passages: Sequence[Passage], *, now: datetime) -> Sequence[Passage]:
    """Store which monitors find them, whether or not they were said to us."""
    for _, some in groupby(passages, key=lambda passage: passage.post.workspace_id):
        listening.listen_all([passage.post for passage in some], now=now)
    return passages
