"""Matches bounces to the mail of ours that could not be delivered."""

from collections.abc import Sequence
from datetime import datetime

from luister.base.posts import Automatic, Bounce
from luister.delivery import actions as delivery
from luister.pipeline.contract import Passage
from luister.posts.index.store import index_posts
from luister.posts.models import Post


def bounce(passages: Sequence[Passage], *, now: datetime) -> Sequence[Passage]:
    """Tell the outbox; a bounce or a notice of delay never makes a case, and is only searched for."""
    returned = [passage.post for passage in passages if _came_back(passage)]
    index_posts(returned)
    for post in returned:
        _tell(post, now=now)
    return [passage for passage in passages if not _came_back(passage)]


def _came_back(passage: Passage) -> bool:
    return passage.post.automatic in {Automatic.BOUNCE, Automatic.DELAY}


def _tell(post: Post, *, now: datetime) -> None:
    found = Bounce(**post.bounce) if post.bounce else None
    if found is not None and found.permanent:
        delivery.bounced(found.message_id, channel=post.channel, bounce=found, now=now)
