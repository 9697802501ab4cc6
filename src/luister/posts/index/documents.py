"""A stored post, as queries see it."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.db.models import Count, Q

from luister.base.posts import Kind
from luister.posts.enums import Direction
from luister.posts.models import Attachment, Post, PostTopic
from luister.query.documents import Document

TYPES: Mapping[str, str] = {Kind.MAIL: "message"}  # the other kinds are types by the same name
MEDIA = ("image/", "audio/", "video/")


def document(post: Post, *, media: int, labels: Sequence[str] = (), topics: Sequence[str] = ()) -> Document:
    """Return a post as queries see it; its author and channel are read from it, so fetch them along.

    What we wrote ourselves has the channel's account for an author. `media` counts pictures, films and sounds,
    `labels` are those of the case that the post belongs to, and `topics` its own by name.
    """
    author, channel = post.author, post.channel
    return Document(
        id=str(post.pk),
        title=post.subject,
        text=post.text,
        author=author.handle if author else channel.handle,
        author_name=author.name if author else channel.name,
        network=channel.network,
        url=post.url,
        links=post.links,
        lang=post.language or None,
        sentiment=post.sentiment or None,
        type=TYPES.get(post.kind, post.kind),
        rating=post.rating,
        reach=_number(post.reach),
        followers=_number(post.followers),
        published_at=post.posted_at,
        public=post.is_public,
        inbound=post.direction == Direction.IN,
        edited=post.edited_at is not None,
        media=media,
        says=post.says,
        topics=topics,
        labels=labels,
    )


def media_of(posts: Iterable[Post]) -> Mapping[int, int]:
    """Return how many pictures, films and sounds posts carry, by the id of those that carry any."""
    is_media = Q()
    for start in MEDIA:
        is_media |= Q(content_type__startswith=start)
    found = Attachment.objects.filter(is_media, post_id__in=[post.pk for post in posts])
    return dict(found.values_list("post_id").annotate(Count("pk")).order_by())


def topics_of(post_ids: Iterable[int]) -> Mapping[int, Sequence[str]]:
    """Return the names of the topics of posts, by the id of those that have any."""
    given = PostTopic.objects.filter(post_id__in=list(post_ids), is_removed=False)
    names: dict[int, list[str]] = {}
    for post_id, name in given.order_by("topic__name").values_list("post_id", "topic__name"):
        names.setdefault(post_id, []).append(name)
    return names


def _number(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
