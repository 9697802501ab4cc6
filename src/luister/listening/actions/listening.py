"""Listening: matching what comes in against the monitors of its workspace."""

from datetime import datetime

from django.db import transaction

from luister.events import live
from luister.listening.actions.storing import store
from luister.listening.enums import MentionState
from luister.listening.models import Mention
from luister.listening.queries.found import hits, moment_of
from luister.listening.queries.standing import standing
from luister.posts.models import Post


def listen_again(post_id: int, *, now: datetime) -> None:
    """Match a stored post anew, since people say something else of it now; nobody is called for it."""
    posts = Post.objects.select_related("author", "channel", "workspace")
    post = posts.filter(pk=post_id).first()
    if post is not None:
        _listen(post, is_live=False, now=now)


def listen(post: Post, *, now: datetime) -> int:
    """Store which monitors find a post, tell open screens, and return how many did not know it yet.

    The same post again changes nothing. One that was edited is matched anew: a monitor that finds it no longer lets go
    of it, unless a person has done something with it.
    """
    return _listen(post, is_live=True, now=now)


@transaction.atomic
def _listen(post: Post, *, is_live: bool, now: datetime) -> int:
    queries = standing(post.workspace_id)
    found = list(hits([post], queries, moment=moment_of(post.workspace, now=now))) if queries else []
    gone = 0
    if post.edited_at is not None or not is_live:
        still = [hit.standing.monitor_id for hit in found]
        known = Mention.objects.filter(post=post, state=MentionState.NEW)
        gone, _ = known.exclude(monitor_id__in=still).delete()
    stored = store(found, is_live=is_live, now=now)
    if stored or gone:
        live.publish(live.listening_topic(post.workspace_id), "mentions-changed", post=post.pk)
    return sum(one.is_new for one in stored)
