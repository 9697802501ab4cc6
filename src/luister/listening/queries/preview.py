"""What a query would have found in the last days, before it is saved."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from luister.accounts.models import Membership
from luister.inbox.queries.labels import PostLabels
from luister.listening.queries.found import moment_of
from luister.listening.queries.sources import has_streams
from luister.listening.queries.standing import asks_for_ours
from luister.posts.access import visible_posts
from luister.posts.models import Post
from luister.posts.queries import archive
from luister.posts.queries.marked import Piece, marked
from luister.query import Node, anchor_words, parse
from luister.query.tree import And, Is, Since

DAYS = 7
EXAMPLES = 5
SECONDS = 2.0
TOO_MANY_A_DAY = 500
MOST_COUNTED = TOO_MANY_A_DAY * DAYS
MOST_TERMS = 100  # of an anchor; how many posts a longer one reaches is not counted
TOO_GREAT_A_SHARE = 0.5  # of all that came in, where that is more than a handful


@dataclass(frozen=True, slots=True)
class Day:
    """How much was found on a day; `height` is a percentage of the fullest."""

    day: date
    count: int
    height: int


@dataclass(frozen=True, slots=True)
class Example:
    """A post that would have been found."""

    post: Post
    title: Sequence[Piece]
    text: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a query would have found among `came_in` posts; where there was too much, in those since `back_to`.

    `reached` of them had the anchor of the query and were held against it; None where that takes too long to count.
    `has_streams` tells that posts of streams came by as well, of which only those that were found are among these.
    """

    found: int
    came_in: int
    reached: int | None
    days: Sequence[Day]
    examples: Sequence[Example]
    back_to: datetime | None
    has_streams: bool

    @property
    def is_too_much(self) -> bool:
        """Whether nobody could read what this finds."""
        share = self.came_in > 50 and self.found > TOO_GREAT_A_SHARE * self.came_in
        return self.found >= MOST_COUNTED or share


def preview(node: Node, *, member: Membership, now: datetime) -> Preview:
    """Return what a query would have found in the last seven days among what the member may read."""
    zone = ZoneInfo(member.workspace.time_zone)
    start = datetime.combine(now.astimezone(zone).date() - timedelta(days=DAYS - 1), datetime.min.time(), zone)
    page = archive.search(
        _of_late(node, since=start),
        member=member,
        moment=moment_of(member.workspace, now=now),
        labels=PostLabels(member),
        limit=MOST_COUNTED,
        seconds=SECONDS,
    )
    back_to = page.following.after.posted_at if page.following else None
    per_day = Counter(hit.post.posted_at.astimezone(zone).date() for hit in page.hits)
    examples = [Example(hit.post, *marked(hit.prepared.document, [node])) for hit in page.hits[:EXAMPLES]]
    came_in = _came_in(member, since=max(start, back_to) if back_to else start)
    reached = None if back_to else _reached(node, member=member, since=start, now=now)
    days = _days(per_day, start.date())
    return Preview(len(page.hits), came_in, reached, days, examples, back_to, has_streams(member))


def _reached(node: Node, *, member: Membership, since: datetime, now: datetime) -> int | None:
    words = anchor_words(node)
    if words is None:
        return None
    page = archive.search(
        _of_late(parse(" OR ".join(words[:MOST_TERMS])), since=since),
        member=member,
        moment=moment_of(member.workspace, now=now),
        labels=PostLabels(member),
        limit=MOST_COUNTED,
        seconds=SECONDS / 2,
    )
    return None if page.following or len(words) > MOST_TERMS else len(page.hits)


def _of_late(node: Node, *, since: datetime) -> Node:
    recent = And((node, Since(since)))
    return recent if asks_for_ours(node) else And((*recent.parts, Is("is", "inbound")))


def _came_in(member: Membership, *, since: datetime) -> int:
    # A post never comes in before it was written, so that the index on when it came in serves here too.
    return Post.objects.filter(visible_posts(member), received_at__gte=since, posted_at__gte=since).count()


def _days(per_day: Counter[date], first: date) -> list[Day]:
    every = [first + timedelta(days=number) for number in range(DAYS)]
    most = max([per_day[day] for day in every] + [1])
    return [Day(day, per_day[day], round(100 * per_day[day] / most)) for day in every]
