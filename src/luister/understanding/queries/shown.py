"""What screens show of what was understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.posts.models import Post, PostTopic
from luister.understanding import aspects
from luister.understanding.aspects import Value
from luister.understanding.models import Correction, Understanding


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction that is in force; `is_own` where the reader made it."""

    correction_id: int
    by: str  # "" for somebody who is gone
    is_own: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class GivenTopic:
    """A topic that a post has; `by` is the name of a person who gave it, "" for none and for somebody who is gone."""

    topic_id: int
    name: str
    given_by: str  # GivenBy
    by: str
    is_own: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """What counts of a post, with who corrected it; `copy_of` is an earlier post that the reader may see."""

    post: Post
    values: Mapping[str, Value]
    personal_data: Sequence[str]  # kinds
    copy_of: int | None
    corrected: Mapping[str, Corrected]
    why: Mapping[str, Sequence[Mapping[str, str | float]]]
    inferred: Mapping[str, Value]
    topics: Sequence[GivenTopic]


def of_posts(posts: Sequence[Post], *, member: Membership) -> Mapping[int, Shown]:
    """Return what lists show of posts that a member sees, in one query; without the reasons, which are many."""
    rows = _rows([post.pk for post in posts]).defer("why", "inferred", "given", "bands", "key_phrases")
    by_post = {post.pk: post for post in posts}
    return {row.post_id: _shown(row, by_post[row.post_id], member, is_whole=False) for row in rows}


def of_post(post: Post, *, member: Membership) -> Shown | None:
    """Return all that is shown of a post that a member sees; None while it was not understood."""
    row = _rows([post.pk]).first()
    return None if row is None else _shown(row, post, member, is_whole=True)


def _rows(post_ids: Sequence[int]) -> QuerySet[Understanding]:
    in_force = Correction.objects.filter(post=OuterRef("post_id"), undone_at=None)
    told = JSONObject(id=F("pk"), aspect=F("aspect"), at=F("at"), by=F("by_id"), name=F("by__name"))
    topics = PostTopic.objects.filter(post=OuterRef("post_id"), is_removed=False).order_by("topic__name", "pk")
    given = JSONObject(
        id=F("topic"), called=F("topic__name"), giver=F("given_by"), at=F("at"), by=F("by_id"), name=F("by__name")
    )
    rows = Understanding.objects.filter(post_id__in=post_ids).annotate(copies_public=F("copy_of__is_public"))
    return rows.annotate(
        corrections=ArraySubquery(in_force.order_by("pk").values(told=told)),
        given_topics=ArraySubquery(topics.values(told=given)),
    )


def _shown(row: Understanding, post: Post, member: Membership, *, is_whole: bool) -> Shown:
    corrections, copies_public = row.corrections, row.copies_public  # type: ignore[attr-defined] # annotated
    return Shown(
        post=post,
        values=aspects.counting(post, row) if aspects.is_of_a_person(post) else {},
        personal_data=list(dict.fromkeys(one["kind"] for one in row.personal_data)),
        copy_of=row.copy_of_id if _may_see(member, is_public=copies_public) else None,
        corrected={told["aspect"]: _corrected(told, member) for told in corrections},
        why=row.why if is_whole else {},
        inferred=row.inferred if is_whole else {},
        topics=[_topic(told, member) for told in row.given_topics],  # type: ignore[attr-defined] # annotated
    )


def _corrected(told: Mapping[str, str | int | None], member: Membership) -> Corrected:
    return Corrected(
        correction_id=int(told["id"] or 0),
        by=str(told["name"] or ""),
        is_own=told["by"] == member.user_id,
        at=datetime.fromisoformat(str(told["at"])),
    )


def _topic(told: Mapping[str, str | int | None], member: Membership) -> GivenTopic:
    return GivenTopic(
        topic_id=int(told["id"] or 0),
        name=str(told["called"]),
        given_by=str(told["giver"]),
        by=str(told["name"] or ""),
        is_own=told["by"] == member.user_id,
        at=datetime.fromisoformat(str(told["at"])),
    )


def _may_see(member: Membership, *, is_public: bool | None) -> bool:
    """Whether a member may know of the earlier post; partners know what was handed to them alone."""
    return member.may(Permission.SEE_LISTENING) and (bool(is_public) or member.may_see_private)
