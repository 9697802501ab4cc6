"""Correcting what the machine understood, and taking that back."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.base.errors import SentenceError
from luister.events.actions import record
from luister.posts.models import Post
from luister.queue import enqueue, without_waiting_job
from luister.understanding import aspects
from luister.understanding.actions.giving import give_topics
from luister.understanding.actions.understanding import UNREAD, understand_post, write_posts
from luister.understanding.aspects import Value
from luister.understanding.enums import Aspect
from luister.understanding.models import Correction, Understanding

LEARN_AFTER: Final = timedelta(minutes=1)  # several corrections in a row are learned from at once


class RefusedError(SentenceError):
    """A correction that the rights of who asks, or what is known of the post, do not allow."""


class GoneError(RefusedError):
    """What was to be corrected is not there, or not for who asks."""

    def __init__(self) -> None:
        super().__init__("correction.not_found")


@transaction.atomic
def correct(post: Post, *, aspect: str, word: str, by: Membership, now: datetime) -> Correction | None:
    """Say of a post what it really says: a word from the list of an aspect; None where that counts already.

    Of kinds, the word is added or taken away; what is true or not takes yes and no. Whether who asks may read the post
    is for the caller to know.

    Raises:
        RefusedError: who asks may not correct, or this cannot be said.
    """
    held, row = _held(post.pk, by=by)
    before = aspects.counting(held, row).get(aspect, "")
    value = aspects.value_of(aspect, word, present=before)
    if not aspects.is_value(aspect, value) or not (aspect == Aspect.LANG or aspects.is_of_a_person(held)):
        raise RefusedError("correction.no_such_value")
    if before == value:
        return None
    earlier = Correction.objects.filter(post=held, aspect=aspect, undone_at=None).first()
    if earlier is not None:
        Correction.objects.filter(pk=earlier.pk).update(undone_at=now)
    correction = Correction.objects.create(
        workspace_id=held.workspace_id,
        post=held,
        aspect=aspect,
        before=before,
        after=value,
        replaces=earlier,
        by=by.user,
        at=now,
    )
    _settle(held, row, aspect=aspect, value=value, now=now)
    _record("post.corrected", correction, by=by, now=now)
    return correction


@transaction.atomic
def undo_correction(correction: Correction, *, by: Membership, now: datetime) -> None:
    """Take a correction back: what counted before it counts again.

    Raises:
        RefusedError: who asks may not correct, or it is in force no longer.
    """
    held, row = _held(correction.post_id, by=by)
    found = Correction.objects.select_related("replaces").get(pk=correction.pk)
    if found.undone_at is not None:
        raise RefusedError("correction.not_in_force")
    Correction.objects.filter(pk=found.pk).update(undone_at=now)
    value = aspects.without_people(row).get(found.aspect, found.before)
    if found.replaces is not None:
        Correction.objects.filter(pk=found.replaces.pk).update(undone_at=None)
        value = found.replaces.after
    _settle(held, row, aspect=found.aspect, value=value, now=now)
    _record("post.correction_undone", found, by=by, now=now)


def _held(post_id: int, *, by: Membership) -> tuple[Post, Understanding]:
    """Return a post and what was understood of it, both locked."""
    if not by.may(Permission.CORRECT):
        raise RefusedError("correction.not_allowed")
    posts = Post.objects.filter(pk=post_id, workspace_id=by.workspace_id).defer(*UNREAD)
    post = posts.select_for_update(of=("self",)).select_related("author", "channel__workspace").first()
    row = Understanding.objects.select_for_update().filter(post_id=post_id).first()
    if post is None or row is None:
        raise GoneError
    return post, row


def _settle(post: Post, row: Understanding, *, aspect: str, value: Value, now: datetime) -> None:
    """Let a value count from now on: in searches, in monitors, and in what is learned."""
    if aspect == Aspect.LANG:
        understand_post(post, now=now)  # in another language all of it may mean something else
    else:
        aspects.put({aspect: value}, post=post, row=row)
        row.save(update_fields=["need", "urgency", "is_neglected", "wants_human"])
        write_posts([post])
        give_topics([post], found=None, now=now)
    pass_on(post, now=now)


def pass_on(post: Post, *, now: datetime) -> None:
    """Tell monitors that people say something else of a post, and have it learned from."""
    enqueue("listening.listen_again", post_id=post.pk)
    if without_waiting_job("understanding.learn", argument="workspace_id", values=[post.workspace_id]):
        enqueue("understanding.learn", at=now + LEARN_AFTER, workspace_id=post.workspace_id)


def _record(name: str, correction: Correction, *, by: Membership, now: datetime) -> None:
    data = {
        "post": correction.post_id,
        "correction": correction.pk,
        "aspect": correction.aspect,
        "before": correction.before,
        "after": correction.after,
    }
    record(name, workspace=by.workspace, at=now, by=by.user, data=data)
