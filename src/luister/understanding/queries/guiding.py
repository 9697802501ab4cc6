"""What the machine is told beside the text: the language of a channel, and what a workspace taught it."""

from collections import Counter
from datetime import datetime
from typing import Final

from luister.channels.models import Channel
from luister.posts.models import Post
from luister.text.lessons import Lessons
from luister.understanding.models import LearnedModel

LATEST: Final = 50  # posts of a channel that tell its language
FEWEST: Final = 5  # of them whose language is known

_read: dict[int, tuple[datetime, Lessons]] = {}  # by workspace, with the moment at which they were learned


def language_of(channel: Channel) -> str:
    """Return the language that a channel is mostly written in; of one that says too little the workspace's own."""
    latest = Post.objects.filter(channel=channel).order_by("-pk").values_list("language", flat=True)[:LATEST]
    known = Counter(language for language in latest if language)
    if known.total() < FEWEST:
        return channel.workspace.language
    return known.most_common(1)[0][0]


def lessons_of(workspace_id: int) -> Lessons | None:
    """Return what a workspace taught, read once in a process; None for nothing, and where it was switched off."""
    learned = LearnedModel.objects.filter(workspace_id=workspace_id, is_on=True)
    learned_at = learned.values_list("learned_at", flat=True).first()
    if learned_at is None:
        return None
    known = _read.get(workspace_id)
    if known is None or known[0] != learned_at:
        data = learned.values_list("data", flat=True).first()
        known = _read[workspace_id] = learned_at, Lessons(data or {})
    return known[1]
