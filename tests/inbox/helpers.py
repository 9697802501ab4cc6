"""Posts as connectors hand them over, stored and threaded."""

from dataclasses import replace
from datetime import datetime, timedelta

from luister.base.posts import Author, InboundPost, Kind
from luister.channels.models import Channel
from luister.inbox.actions.threading import Threaded, thread
from luister.posts.actions import record
from luister.posts.models import Post
from tests.factories import NOW

ANNA = Author("anna", "Anna de Wit", "@anna")
BRAM = Author("bram", "Bram Bos", "@bram")


def said(external_id: str, *, by: Author = ANNA, at: datetime = NOW, **fields) -> InboundPost:
    """Return a public post that addresses us; `root` names its thread."""
    plain = InboundPost(
        external_id=external_id,
        kind=Kind.POST,
        public=True,
        author=by,
        text=f"Tekst van {external_id}",
        posted_at=at,
        thread_external_id=external_id,
    )
    return replace(plain, **fields)


def mailed(external_id: str, *, by: Author = ANNA, **fields) -> InboundPost:
    """Return a private mail; its thread follows from its references."""
    return said(external_id, by=by, kind=Kind.MAIL, public=False, thread_external_id="", **fields)


def take_in(inbound: InboundPost, *, channel: Channel, minutes: int = 0) -> tuple[Post, Threaded]:
    """Store a post and put it into its case."""
    now = NOW + timedelta(minutes=minutes)
    post, _ = record(inbound, channel=channel, now=now)
    return post, thread(post, now=now)
