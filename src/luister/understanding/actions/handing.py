"""What people do with the topics of a post: give one, take one off, and take that back."""

from datetime import datetime

from django.db import transaction

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.events.actions import record
from luister.posts.enums import GivenBy
from luister.posts.models import Post, PostTopic, Topic
from luister.query.prepared import normalize_name
from luister.understanding.actions.correcting import GoneError, RefusedError, pass_on
from luister.understanding.actions.topics import named


@transaction.atomic
def give_topic(post: Post, *, name: str, by: Membership, now: datetime) -> tuple[Topic, bool] | None:
    """Give a post a topic by name, made where it is missing; None where the post has it, else whether it was taken off.

    Whether who asks may read the post is for the caller to know.

    Raises:
        RefusedError: who asks may not, or this is no name.
    """
    held = _held(post.pk, by=by)
    if not normalize_name(name):
        raise RefusedError("topic.no_name")
    topic = named(name, workspace_id=by.workspace_id, now=now)
    known = PostTopic.objects.filter(post=held, topic=topic).first()
    if known is not None and not known.is_removed:
        return None
    given = {"posted_at": held.posted_at, "given_by": GivenBy.PERSON, "is_removed": False, "by": by.user, "at": now}
    PostTopic.objects.update_or_create(post=held, topic=topic, defaults=given)
    _record("post.topic_given", held, topic, by=by, now=now)
    return topic, known is not None


@transaction.atomic
def remove_topic(post: Post, *, topic_id: int, by: Membership, now: datetime) -> Topic:
    """Take a topic off a post; neither rule nor model gives it again.

    Raises:
        RefusedError: who asks may not, or the post has it no longer.
    """
    held, given = _given(post, topic_id=topic_id, is_removed=False, by=by)
    given.is_removed, given.by, given.at = True, by.user, now
    given.save(update_fields=["is_removed", "by", "at"])
    _record("post.topic_removed", held, given.topic, by=by, now=now)
    return given.topic


@transaction.atomic
def restore_topic(post: Post, *, topic_id: int, by: Membership, now: datetime) -> Topic:
    """Undo that a topic was taken off a post.

    Raises:
        RefusedError: who asks may not, or somebody did so already.
    """
    held, given = _given(post, topic_id=topic_id, is_removed=True, by=by)
    given.is_removed, given.at = False, now
    given.by = by.user if given.given_by == GivenBy.PERSON else None
    given.save(update_fields=["is_removed", "by", "at"])
    _record("post.topic_restored", held, given.topic, by=by, now=now)
    return given.topic


@transaction.atomic
def ungive_topic(post: Post, *, topic_id: int, by: Membership, now: datetime) -> Topic:
    """Undo that a person gave a post a topic it never had: as though nobody had spoken of it.

    Raises:
        RefusedError: who asks may not, or no person gave it.
    """
    held, given = _given(post, topic_id=topic_id, is_removed=False, by=by)
    if given.given_by != GivenBy.PERSON:
        raise RefusedError("topic.not_given")
    given.delete()
    _record("post.topic_ungiven", held, given.topic, by=by, now=now)
    return given.topic


def _given(post: Post, *, topic_id: int, is_removed: bool, by: Membership) -> tuple[Post, PostTopic]:
    held = _held(post.pk, by=by)
    found = PostTopic.objects.filter(post=held, topic_id=topic_id, is_removed=is_removed)
    given = found.select_related("topic").first()
    if given is None:
        raise RefusedError("topic.not_given")
    return held, given


def _held(post_id: int, *, by: Membership) -> Post:
    if not by.may(Permission.CORRECT):
        raise RefusedError("correction.not_allowed")
    posts = Post.objects.select_for_update(of=("self",)).only("pk", "workspace_id", "posted_at")
    post = posts.filter(pk=post_id, workspace_id=by.workspace_id).first()
    if post is None:
        raise GoneError
    return post


def _record(name: str, post: Post, topic: Topic, *, by: Membership, now: datetime) -> None:
    record(name, workspace=by.workspace, at=now, by=by.user, data={"post": post.pk, "topic": topic.pk})
    pass_on(post, now=now)
