"""Searching what is stored: indexes leave out what cannot be meant, the matcher decides on the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from luister.accounts.models import Membership
from luister.channels.models import Channel
from luister.posts.access import visible_posts
from luister.posts.index.documents import document, media_of, topics_of
from luister.posts.models import Post
from luister.posts.queries.cursors import Cursor
from luister.posts.queries.narrowing import Account, LabelRows, Surroundings, bounds, narrow
from luister.posts.queries.relevance import WEIGHED, ranked
from luister.posts.queries.roads import Clock, Key, Scope, Stretch, TooBroadError, limited, stretches
from luister.query import Moment, Prepared, matches, prepare
from luister.query.normalize import normalize
from luister.query.prepared import normalize_name
from luister.query.tree import And, Author, Is, Node, Not, Or

PAGE = 50
SECONDS = 3.0
MOST_CHECKED_AT_ONCE = 400
# Columns that no query and no list of posts asks for.
UNREAD = ("html", "quoted_text", "references", "bounce", "reply_to", "recipients", "notices")


class Labels(LabelRows, Protocol):
    """Knows the labels of posts, which hang on their cases."""

    def labels_of(self, post_ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """Return the labels of posts, by the id of those that have any."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A post that the query finds."""

    post: Post
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class Found:
    """One page; `total` is how many were found on it and on earlier ones, `is_partial` that time ran out."""

    hits: Sequence[Hit]
    following: Cursor | None
    total: int
    is_partial: bool = False


def search(  # noqa: PLR0913 - keyword-only
    node: Node,
    *,
    member: Membership,
    moment: Moment,
    labels: Labels,
    after: Cursor | None = None,
    by_relevance: bool = False,
    limit: int = PAGE,
    seconds: float = SECONDS,
) -> Found:
    """Return a page of the posts that a query finds among those that a member may read.

    When time runs out the page holds what was found until then, and the next one goes on from there.
    """
    hunt = _Hunt(node, member=member, moment=moment, labels=labels, clock=Clock(seconds))
    before = after.found if after else 0
    page = _Page(before, limit)
    try:
        with limited():
            if by_relevance:
                hunt.most_relevant(page, after)
            else:
                hunt.newest(page, after)
    except TooBroadError:
        return page.found(is_partial=True)
    return page.found()


@dataclass(slots=True)
class _Page:
    """A page that is being filled."""

    before: int  # found on earlier pages
    limit: int
    hits: list[Hit] = field(default_factory=list)
    following: Cursor | None = None

    def take(self, hits: Sequence[Hit]) -> bool:
        """Take posts in and return whether there are more than fit."""
        self.hits += hits
        is_full = len(self.hits) > self.limit
        del self.hits[self.limit :]
        return is_full

    def last(self) -> Key:
        """Return where the page ends."""
        post = self.hits[-1].post
        return Key(post.posted_at, post.pk)

    def found(self, *, is_partial: bool = False) -> Found:
        """Return the page."""
        return Found(self.hits, self.following, self.before + len(self.hits), is_partial)


class _Hunt:
    """One search for one page."""

    def __init__(self, node: Node, *, member: Membership, moment: Moment, labels: Labels, clock: Clock) -> None:
        self._node, self._member, self._moment, self._labels, self._clock = node, member, moment, labels, clock
        asked = _asked_for(node)
        self._needs_labels, self._needs_media, self._needs_topics = "label" in asked, "has" in asked, "topic" in asked
        accounts = _accounts(member) if asked & {"network", "author"} else []
        self._condition = narrow(node, Surroundings(member.workspace_id, accounts, labels, moment))
        self._scope = Scope(member.workspace_id, not member.may_see_private, bounds(node, moment))

    def newest(self, page: _Page, after: Cursor | None) -> None:
        """Fill a page, newest first."""
        for stretch in self._stretches(after.after if after else None):
            for keys in _chunks(stretch.keys, page.limit + 1):
                self._clock.left_ms()
                if page.take(self._decide(keys)):
                    page.following = Cursor(page.last(), page.before + page.limit)
                    return
                page.following = Cursor(keys[-1], page.before + len(page.hits))  # should time run out
            examined = stretch.examined_to
            page.following = Cursor(examined, page.before + len(page.hits)) if examined else None

    def most_relevant(self, page: _Page, after: Cursor | None) -> None:
        """Fill a page with the newest posts that are found, those that say most of what was asked for first."""
        candidates = self._candidates(after.newest if after else None)
        places = ranked(self._node, candidates, clock=self._clock)
        if after is not None:
            places = [place for place in places if place < (after.score or 0, after.after)]
        scores = {place.key: place.score for place in places}
        for chunk in _chunks(places, page.limit + 1):
            self._clock.left_ms()
            if page.take(self._decide([place.key for place in chunk])):
                last = page.last()
                page.following = Cursor(last, page.before + page.limit, scores[last], candidates[0])
                return

    def _candidates(self, newest: Key | None) -> list[Key]:
        """Return the newest posts that the index cannot leave out, beginning with `newest` where that is given."""
        keys: list[Key] = []
        for stretch in self._stretches(newest._replace(post_id=newest.post_id + 1) if newest else None):
            keys += stretch.keys
            if len(keys) >= WEIGHED:
                break
        return keys[:WEIGHED]

    def _stretches(self, after: Key | None) -> Iterator[Stretch]:
        return stretches(self._condition, scope=self._scope, after=after, clock=self._clock)

    def _decide(self, keys: Sequence[Key]) -> list[Hit]:
        """Return those posts that the query finds, in the same order."""
        ids = [key.post_id for key in keys]
        readable = Post.objects.filter(visible_posts(self._member), pk__in=ids)
        posts = readable.select_related("author", "channel").defer(*UNREAD).in_bulk()
        media = media_of(posts.values()) if self._needs_media else {}
        labels = self._labels.labels_of(ids) if self._needs_labels else {}
        topics = topics_of(ids) if self._needs_topics else {}
        hits = []
        for post in (posts[post_id] for post_id in ids if post_id in posts):
            seen = document(
                post,
                media=media.get(post.pk, 0),
                labels=labels.get(post.pk, ()),
                topics=topics.get(post.pk, ()),
            )
            prepared = prepare(seen)
            if matches(self._node, prepared, moment=self._moment):
                hits.append(Hit(post, prepared))
        return hits


def _accounts(member: Membership) -> list[Account]:
    channels = Channel.objects.filter(workspace_id=member.workspace_id).values_list("pk", "network", "handle", "name")
    return [
        Account(pk, normalize_name(network), normalize(handle.strip()).removeprefix("@"), normalize_name(name))
        for pk, network, handle, name in channels
    ]


def _asked_for(node: Node) -> set[str]:
    """Return the names of the fields of closed lists, labels and authors that a query asks for."""
    if isinstance(node, And | Or):
        return {name for part in node.parts for name in _asked_for(part)}
    if isinstance(node, Not):
        return _asked_for(node.part)
    if isinstance(node, Author):
        return {"author"}
    return {node.field} if isinstance(node, Is) else set()


def _chunks(every: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield a page, and then more at once: where the index says too little, few of what it leaves are found."""
    start = 0
    while start < len(every):
        yield every[start : start + size]
        start += size
        size = min(2 * size, MOST_CHECKED_AT_ONCE)
