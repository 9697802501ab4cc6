"""What standing queries find in posts, and by which words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from luister.accounts.models import Workspace
from luister.inbox.models import CaseLabel, CasePost
from luister.listening.queries.standing import Standing
from luister.posts.enums import Direction
from luister.posts.index.documents import document, media_of
from luister.posts.models import Post
from luister.query import Document, Mark, Moment, Node, marks, matches, prepare
from luister.query.tree import Part

MOST_WORDS = 20
# Columns that no query and no list of posts asks for.
UNREAD = ("html", "quoted_text", "references", "bounce", "reply_to", "recipients", "notices")


@dataclass(frozen=True, slots=True)
class Hit:
    """A post that a standing query finds."""

    standing: Standing
    post: Post
    document: Document


def hits(posts: Sequence[Post], queries: Sequence[Standing], *, moment: Moment) -> Iterator[Hit]:
    """Yield what queries find among posts, post by post; their author and channel are fetched along.

    What we wrote ourselves is found only by queries that speak of it.
    """
    for post, seen in zip(posts, documents(posts), strict=True):
        prepared = prepare(seen)
        is_ours = post.direction == Direction.OUT
        for query in queries:
            if (query.wants_ours or not is_ours) and matches(query.node, prepared, moment=moment):
                yield Hit(query, post, seen)


def documents(posts: Sequence[Post]) -> list[Document]:
    """Return posts as queries see them, in the same order."""
    media = media_of(posts)
    labels = labels_of([post.pk for post in posts])
    return [document(post, media=media.get(post.pk, 0), labels=labels.get(post.pk, ())) for post in posts]


def labels_of(post_ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
    """Return the labels of the cases that posts belong to, by the id of the posts that have any."""
    links = CasePost.objects.filter(post_id__in=post_ids, is_context=False).values_list("case_id", "post_id")
    cases: dict[int, list[int]] = {}
    for case_id, post_id in links:
        cases.setdefault(case_id, []).append(post_id)
    found: dict[int, list[str]] = {}
    for case_id, name in CaseLabel.objects.filter(case_id__in=cases).values_list("case_id", "label__name"):
        for post_id in cases[case_id]:
            found.setdefault(post_id, []).append(name)
    return found


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
