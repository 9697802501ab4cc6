"""Correcting what was understood of a post that one may read."""

from datetime import datetime

from django.db import transaction

from luister.accounts.models import Membership
from luister.events import live
from luister.inbox.access import readable_posts
from luister.inbox.models import CasePost
from luister.posts.models import Post
from luister.understanding import actions as understanding
from luister.understanding.actions.correcting import GoneError
from luister.understanding.models import Correction


@transaction.atomic
def correct(post_id: int, *, aspect: str, word: str, by: Membership, now: datetime) -> Correction | None:
    """Say what a post really says: a word from the list of an aspect; None where that counts already.

    Raises:
        RefusedError: it is not theirs to read or to correct, or the word is on no list.
    """
    post = readable(post_id, by=by)
    correction = understanding.correct(post, aspect=aspect, word=word, by=by, now=now)
    if correction is not None:
        announce(post)
    return correction


@transaction.atomic
def undo_correction(post_id: int, *, correction_id: int, by: Membership, now: datetime) -> Post:
    """Take a correction of a post back, whoever made it.

    Raises:
        RefusedError: it is not theirs to read or to correct, or is in force no longer.
    """
    post = readable(post_id, by=by)
    correction = Correction.objects.filter(pk=correction_id, post=post).first()
    if correction is None:
        raise GoneError
    understanding.undo_correction(correction, by=by, now=now)
    announce(post)
    return post


def readable(post_id: int, *, by: Membership) -> Post:
    """Return a post that a member may read.

    Raises:
        GoneError: there is none, or not for them.
    """
    post = readable_posts(by).filter(pk=post_id).first()
    if post is None:
        raise GoneError
    return post


def announce(post: Post) -> None:
    """Tell the screens on which it stands in a case."""
    links = CasePost.objects.filter(post=post).values_list("case_id", flat=True)
    for case_id in links:
        live.publish(live.case_topic(case_id), "case-changed", case=case_id)
