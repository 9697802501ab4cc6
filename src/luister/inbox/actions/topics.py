"""Giving topics to posts that one may read, and taking them off."""

from datetime import datetime

from django.db import transaction

from luister.accounts.models import Membership
from luister.inbox.actions.corrections import announce, readable
from luister.posts.models import Topic
from luister.understanding.actions import handing


@transaction.atomic
def give_topic(post_id: int, *, name: str, by: Membership, now: datetime) -> tuple[Topic, bool] | None:
    """Give a post a topic by name; None where it has that, else the topic and whether somebody had taken it off.

    Raises:
        RefusedError: it is not theirs to read or to correct, or this is no name.
    """
    post = readable(post_id, by=by)
    given = handing.give_topic(post, name=name, by=by, now=now)
    announce(post)
    return given


@transaction.atomic
def remove_topic(post_id: int, *, topic_id: int, by: Membership, now: datetime) -> Topic:
    """Take a topic off a post.

    Raises:
        RefusedError: it is not theirs to read or to correct, or the post has it no longer.
    """
    post = readable(post_id, by=by)
    topic = handing.remove_topic(post, topic_id=topic_id, by=by, now=now)
    announce(post)
    return topic


@transaction.atomic
def undo_topic(post_id: int, *, topic_id: int, was_new: bool, by: Membership, now: datetime) -> Topic:
    """Undo that a topic was taken off a post; or, where `was_new`, that it was given to one that never had it.

    Raises:
        RefusedError: it is not theirs to read or to correct, or somebody changed it since.
    """
    post = readable(post_id, by=by)
    undo = handing.ungive_topic if was_new else handing.restore_topic
    topic = undo(post, topic_id=topic_id, by=by, now=now)
    announce(post)
    return topic
