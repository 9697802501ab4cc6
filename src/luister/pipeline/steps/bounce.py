"""Matches bounces to the mail of ours that could not be delivered."""

from luister.base.posts import Automatic, Bounce
from luister.delivery import actions as delivery
from luister.pipeline.contract import Next, Passage


def bounce(passage: Passage) -> Next:
    """Tell the outbox; a bounce or a notice of delay never makes a case."""
    post = passage.post
    if post.automatic not in {Automatic.BOUNCE, Automatic.DELAY}:
        return Next.GO_ON
    found = Bounce(**post.bounce) if post.bounce else None
    if found is not None and found.permanent:
        delivery.bounced(found.message_id, channel=post.channel, bounce=found, now=passage.now)
    return Next.STOP
