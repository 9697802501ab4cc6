"""Searching the archive: a page of posts with what a screen shows of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from luister.accounts.models import Membership
from luister.inbox.access import visible_cases
from luister.inbox.models import CasePost
from luister.inbox.queries.labels import PostLabels
from luister.listening.queries.found import moment_of
from luister.posts.index.backlog import progress
from luister.posts.models import Post
from luister.posts.queries import archive
from luister.posts.queries.cursors import Cursor
from luister.posts.queries.marked import Piece, marked
from luister.query import Node, instant
from luister.query.tree import And, Not, Or, Since
from luister.understanding.queries.shown import Shown, of_posts


@dataclass(frozen=True, slots=True)
class Row:
    """A post in the list; `case` is the number of the case it belongs to, where the member sees that."""

    post: Post
    title: Sequence[Piece]
    text: Sequence[Piece]
    case: int | None
    understood: Shown | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the archive.

    `total` counts what was found on it and on earlier pages; `is_partial` says that time ran out; `indexed` is how much
    of the archive can be searched yet, as a percentage, or None when all can.
    """

    rows: Sequence[Row]
    following: Cursor | None
    total: int
    is_partial: bool
    indexed: int | None


@dataclass(frozen=True, slots=True)
class Limit:
    """A moment that a query names, as it was understood."""

    at: datetime
    is_before: bool


def search(
    node: Node, *, member: Membership, now: datetime, after: Cursor | None = None, by_relevance: bool = False
) -> Page:
    """Return a page of what a query finds, in the same number of statements whatever its length."""
    found = archive.search(
        node,
        member=member,
        moment=moment_of(member.workspace, now=now),
        labels=PostLabels(member),
        after=after,
        by_relevance=by_relevance,
    )
    cases = _cases_of([hit.post for hit in found.hits], member)
    understood = of_posts([hit.post for hit in found.hits], member=member)
    rows = [
        Row(
            hit.post,
            *marked(hit.prepared.document, [node]),
            cases.get(hit.post.pk),
            understood.get(hit.post.pk),
        )
        for hit in found.hits
    ]
    indexed = progress()
    return Page(rows, found.following, found.total, found.is_partial, None if indexed is None else int(100 * indexed))


def limits(node: Node, *, member: Membership, now: datetime) -> Sequence[Limit]:
    """Return the moments that a query names, from left to right."""
    moment = moment_of(member.workspace, now=now)
    return [Limit(instant(since, moment), since.is_before) for since in _since_in(node)]


def _since_in(node: Node) -> Iterator[Since]:
    if isinstance(node, Since):
        yield node
    elif isinstance(node, Not):
        yield from _since_in(node.part)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from _since_in(part)


def _cases_of(posts: Sequence[Post], member: Membership) -> Mapping[int, int]:
    own = CasePost.objects.filter(case__in=visible_cases(member), is_context=False)
    return dict(own.filter(post_id__in=[post.pk for post in posts]).values_list("post_id", "case__number"))
