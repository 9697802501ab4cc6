"""Listening: matching what comes in against the monitors of its workspace."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from luister.events import live
from luister.listening.actions.storing import store
from luister.listening.enums import MentionState
from luister.listening.models import Mention
from luister.listening.queries.found import Hit, hits, moment_of
from luister.listening.queries.held import held
from luister.listening.queries.standing import standing
from luister.posts.models import Post


def listen_again(post_id: int, *, now: datetime) -> None:
    """Match a stored post anew, since people say something else of it now; nobody is called for it."""
    posts = Post.objects.select_related("author", "channel", "workspace")
    post = posts.filter(pk=post_id).first()
    if post is not None:
        _listen([post], is_live=False, now=now)


def listen(post: Post, *, now: datetime) -> int:
    """Store which monitors find a post; see `listen_all`."""
    return listen_all([post], now=now)


def listen_all(posts: Sequence[Post], *, now: datetime) -> int:
    """Store which monitors find posts of a workspace, tell open screens, and return how much of it was new.

    The same post again changes nothing. One that was edited is matched anew: a monitor that finds it no longer lets go
    of it, unless a person has done something with it.
    """
    return _listen(posts, is_live=True, now=now)


@transaction.atomic
def _listen(posts: Sequence[Post], *, is_live: bool, now: datetime) -> int:
    workspace = posts[0].workspace
    queries = standing(workspace.pk)
    moment = moment_of(workspace, now=now)
    found = list(hits(posts, queries, moment=moment, matcher=held(workspace.pk))) if queries else []
    changed = [post for post in posts if post.edited_at is not None or not is_live]
    gone = sum(_let_go(post, found) for post in changed)
    stored = store(found, is_live=is_live, now=now)
    if stored or gone:
        live.publish(live.listening_topic(workspace.pk), "mentions-changed", post=posts[-1].pk)
    return sum(one.is_new for one in stored)


def _let_go(post: Post, found: Sequence[Hit]) -> int:
    still = [hit.standing.monitor_id for hit in found if hit.post == post]
    known = Mention.objects.filter(post=post, state=MentionState.NEW)
    return known.exclude(monitor_id__in=still).delete()[0]
