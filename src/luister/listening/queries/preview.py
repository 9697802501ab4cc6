"""What a query would have found in the last days, before it is saved."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from luister.accounts.models import Membership
from luister.listening.queries.found import UNREAD, hits, moment_of
from luister.listening.queries.marked import Piece, marked
from luister.listening.queries.standing import Standing, asks_for_ours
from luister.posts.access import visible_posts
from luister.posts.models import Post
from luister.query import Node

DAYS = 7
EXAMPLES = 5
CHUNK = 500
MOST_LOOKED_AT = 20_000
SECONDS = 2.0
TOO_MANY_A_DAY = 500
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
    """What a query would have found; where time ran out, in the posts since `back_to`."""

    found: int
    looked_at: int
    days: Sequence[Day]
    examples: Sequence[Example]
    back_to: datetime | None

    @property
    def is_too_much(self) -> bool:
        """Whether nobody could read what this finds."""
        share = self.looked_at > 50 and self.found > TOO_GREAT_A_SHARE * self.looked_at
        return self.found > TOO_MANY_A_DAY * DAYS or share


def preview(node: Node, *, member: Membership, now: datetime) -> Preview:
    """Return what a query would have found in the last seven days among what the member may read."""
    query = Standing(0, 0, node, asks_for_ours(node))
    zone, deadline = ZoneInfo(member.workspace.time_zone), time.monotonic() + SECONDS
    moment = moment_of(member.workspace, now=now)
    start = datetime.combine(now.astimezone(zone).date() - timedelta(days=DAYS - 1), datetime.min.time(), zone)
    per_day: Counter[date] = Counter()
    examples: list[Example] = []
    looked_at = 0
    last: Post | None = None
    while looked_at < MOST_LOOKED_AT and time.monotonic() < deadline:
        posts = _posts(member, since=start, before=last)
        looked_at += len(posts)
        for hit in hits(posts, [query], moment=moment):
            per_day[hit.post.posted_at.astimezone(zone).date()] += 1
            if len(examples) < EXAMPLES:
                examples.append(Example(hit.post, *marked(hit.document, [node])))
        last = posts[-1] if posts else None
        if len(posts) < CHUNK:
            last = None
            break
    back_to = last.posted_at if last else None
    return Preview(sum(per_day.values()), looked_at, _days(per_day, start.date()), examples, back_to)


def _posts(member: Membership, *, since: datetime, before: Post | None) -> Sequence[Post]:
    posts = Post.objects.filter(visible_posts(member), received_at__gte=since, posted_at__gte=since)
    if before is not None:
        posts = posts.filter(received_at__lte=before.received_at).exclude(
            received_at=before.received_at, pk__gte=before.pk
        )
    found = posts.select_related("author", "channel").defer(*UNREAD)
    return list(found.order_by("-received_at", "-id")[:CHUNK])


def _days(per_day: Counter[date], first: date) -> list[Day]:
    every = [first + timedelta(days=number) for number in range(DAYS)]
    most = max([per_day[day] for day in every] + [1])
    return [Day(day, per_day[day], round(100 * per_day[day] / most)) for day in every]
