"""Searching what is stored: indexes leave out what cannot be meant, the matcher decides on the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from luister.accounts.models import Membership
from luister.channels.models import Channel
from luister.posts.access import visible_posts
from luister.posts.index.documents import document, media_of
from luister.posts.models import Post
from luister.posts.queries.narrowing import Account, LabelRows, Surroundings, bounds, narrow
from luister.posts.queries.relevance import WEIGHED, ranked
from luister.posts.queries.roads import Clock, Key, Scope, Stretch, TooBroadError, stretches
from luister.query import Moment, Prepared, matches, prepare
from luister.query.normalize import normalize
from luister.query.prepared import normalize_name
from luister.query.tree import And, Is, Node, Not, Or

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
class Cursor:
    """Where a page ended.

    Where the most relevant come first: `score` is that of the last post, and `newest` the first of all candidates, so
    that what comes in meanwhile changes no page.
    """

    after: Key
    found: int  # on this and earlier pages
    score: int | None = None
    newest: Key | None = None


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
    return hunt.most_relevant(after, limit) if by_relevance else hunt.newest(after, limit)


class _Hunt:
    """One search for one page."""

    def __init__(self, node: Node, *, member: Membership, moment: Moment, labels: Labels, clock: Clock) -> None:
        self._node, self._member, self._moment, self._labels, self._clock = node, member, moment, labels, clock
        around = Surroundings(member.workspace_id, _accounts(member), labels, moment)
        self._condition = narrow(node, around)
        self._scope = Scope(member.workspace_id, not member.may_see_private, bounds(node, moment))
        self._needs_labels = _asks_for_labels(node)

    def newest(self, after: Cursor | None, limit: int) -> Found:
        """Return a page, newest first."""
        before = after.found if after else 0
        examined = after.after if after else None
        hits: list[Hit] = []
        try:
            for stretch in self._stretches(examined):
                for keys in _chunks(stretch.keys, limit + 1):
                    hits += self._decide(keys)
                    if len(hits) > limit:
                        hits = hits[:limit]
                        return Found(hits, Cursor(_key(hits[-1].post), before + limit), before + limit)
                    examined = keys[-1]
                    self._clock.left_ms()
                examined = stretch.examined_to
        except TooBroadError:
            following = Cursor(examined, before + len(hits)) if examined else None
            return Found(hits, following, before + len(hits), is_partial=True)
        return Found(hits, None, before + len(hits))

    def most_relevant(self, after: Cursor | None, limit: int) -> Found:
        """Return a page of the newest posts that are found, those that say most of what was asked for first."""
        before = after.found if after else 0
        newest = after.newest if after else None
        hits: list[Hit] = []
        try:
            keys = self._candidates(newest)
            places = ranked(self._node, keys, clock=self._clock)
            if after is not None:
                places = [place for place in places if place < (after.score or 0, after.after)]
            scores = {place.key.post_id: place.score for place in places}
            for chunk in _chunks(places, limit + 1):
                hits += self._decide([place.key for place in chunk])
                if len(hits) > limit:
                    hits = hits[:limit]
                    last = _key(hits[-1].post)
                    following = Cursor(last, before + limit, scores[last.post_id], newest or keys[0])
                    return Found(hits, following, before + limit)
                self._clock.left_ms()
        except TooBroadError:
            return Found(hits, None, before + len(hits), is_partial=True)
        return Found(hits, None, before + len(hits))

    def _candidates(self, newest: Key | None) -> list[Key]:
        """Return the newest posts that the index cannot leave out, beginning with `newest` where that is given."""
        keys: list[Key] = []
        after = newest._replace(post_id=newest.post_id + 1) if newest else None
        for stretch in self._stretches(after):
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
        media = media_of(posts.values())
        labels = self._labels.labels_of(ids) if self._needs_labels else {}
        hits = []
        for post in (posts[post_id] for post_id in ids if post_id in posts):
            prepared = prepare(document(post, media=media.get(post.pk, 0), labels=labels.get(post.pk, ())))
            if matches(self._node, prepared, moment=self._moment):
                hits.append(Hit(post, prepared))
        return hits


def _accounts(member: Membership) -> list[Account]:
    channels = Channel.objects.filter(workspace_id=member.workspace_id).values_list("pk", "network", "handle", "name")
    return [
        Account(pk, normalize_name(network), normalize(handle.strip()).removeprefix("@"), normalize_name(name))
        for pk, network, handle, name in channels
    ]


def _asks_for_labels(node: Node) -> bool:
    if isinstance(node, And | Or):
        return any(_asks_for_labels(part) for part in node.parts)
    if isinstance(node, Not):
        return _asks_for_labels(node.part)
    return isinstance(node, Is) and node.field == "label"


def _key(post: Post) -> Key:
    return Key(post.posted_at, post.pk)


def _chunks(every: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield a page, and then more at once: where the index says too little, few of what it leaves are found."""
    start = 0
    while start < len(every):
        yield every[start : start + size]
        start += size
        size = min(2 * size, MOST_CHECKED_AT_ONCE)
