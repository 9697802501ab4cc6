"""What standing queries find in posts, and by which words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from luister.accounts.models import Membership, Workspace
from luister.inbox.queries.labels import PostLabels
from luister.listening.queries.held import Held
from luister.listening.queries.standing import Standing
from luister.posts.enums import Direction
from luister.posts.index.documents import document, media_of, topics_of
from luister.posts.models import Post
from luister.query import Document, Mark, Moment, Node, marks, matches, prepare
from luister.query.tree import Part

MOST_WORDS = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A post that a standing query finds."""

    standing: Standing
    post: Post
    document: Document


def hits(
    posts: Sequence[Post], queries: Sequence[Standing], *, moment: Moment, matcher: Held | None = None
) -> Iterator[Hit]:
    """Yield what queries find among posts of a workspace, post by post; their author and channel are fetched along.

    What we wrote ourselves is found only by queries that speak of it, and labels are those that the monitor's owner
    sees. A `matcher` is brought up to date with the queries; without one they are held in one for this once.
    """
    media = media_of(posts)
    topics = topics_of(post.pk for post in posts) if any(query.asks_for_topics for query in queries) else {}
    seen = [document(post, media=media.get(post.pk, 0), topics=topics.get(post.pk, ())) for post in posts]
    common = [query for query in queries if not query.asks_for_labels]
    found = (matcher or Held()).find(seen, common, moment=moment)
    labels = [query for query in queries if query.asks_for_labels]
    by_owner = {owner: _labels_of(posts, owner) for owner in {query.owner_id for query in labels}}
    for post, plain, found_by in zip(posts, seen, found, strict=True):
        by_label = [Hit(query, post, _labelled(plain, by_owner[query.owner_id].get(post.pk, ()))) for query in labels]
        every = [
            *(Hit(query, post, plain) for query in found_by),
            *(hit for hit in by_label if matches(hit.standing.node, prepare(hit.document), moment=moment)),
        ]
        yield from (hit for hit in every if hit.standing.wants_ours or post.direction != Direction.OUT)


def _labelled(plain: Document, labels: Sequence[str]) -> Document:
    return replace(plain, labels=tuple(labels))


def _labels_of(posts: Sequence[Post], owner_id: int | None) -> Mapping[int, Sequence[str]]:
    if not posts or owner_id is None:
        return {}
    members = Membership.objects.filter(workspace_id=posts[0].workspace_id, is_active=True, user__is_active=True)
    owner = members.filter(user_id=owner_id).first()
    return PostLabels(owner).labels_of([post.pk for post in posts]) if owner else {}


def words_of(node: Node, seen: Document) -> list[str]:
    """Return the words that matched, as they were written, each once."""
    words: dict[str, None] = {}
    for mark in marks(node, seen):
        words.setdefault(_written(mark, seen)[:200])
    return list(words)[:MOST_WORDS]


def _written(mark: Mark, seen: Document) -> str:
    return (seen.title if mark.part is Part.TITLE else seen.text)[mark.start : mark.end]


def moment_of(workspace: Workspace, *, now: datetime) -> Moment:
    """Return from when ages count, and in whose days."""
    return Moment(now, ZoneInfo(workspace.time_zone))
