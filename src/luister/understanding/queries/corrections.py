"""How often people corrected what, and what the machine learned from it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce, TruncWeek
from django.utils.translation import gettext as _

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.posts.access import visible_posts
from luister.posts.models import Post, PostTopic
from luister.queue import without_job
from luister.text.lessons import ASPECTS, LEAST
from luister.understanding import sentences
from luister.understanding.models import Correction, LearnedModel
from luister.understanding.queries.panel import written
from luister.understanding.queries.taught import TOPICS, spoken_of

WEEKS: Final = 12
MOST_PAIRS: Final = 8  # of an aspect
LATEST: Final = 30


@dataclass(frozen=True, slots=True)
class Pair:
    """From what to what, and how often; "" is no topic."""

    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class Corrected:
    """The corrections of one aspect, those made most often first."""

    name: str
    count: int
    pairs: Sequence[Pair]


@dataclass(frozen=True, slots=True)
class Week:
    """How many corrections were made in a week; `height` is a percentage of the fullest."""

    monday: date
    count: int
    height: int


@dataclass(frozen=True, slots=True)
class Learned:
    """What learning one aspect does; shares in whole percents, None while nothing was measured."""

    name: str
    corrections: int
    missing: int  # corrections until it begins
    right_before: int | None = None
    right_after: int | None = None
    kept_before: int | None = None
    kept_after: int | None = None
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class Latest:
    """A correction in force; of a topic `topic_id` is known, else `correction_id`."""

    post: Post
    name: str
    before: str
    after: str
    by: str
    at: datetime
    correction_id: int = 0
    topic_id: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The page about corrections; `by_whom` only for administrators."""

    total: int
    aspects: Sequence[Corrected]
    weeks: Sequence[Week]
    by_whom: Sequence[tuple[str, int]]
    latest: Sequence[Latest]
    learned: Sequence[Learned]
    learned_at: datetime | None
    is_on: bool
    is_learning: bool
    least: int = LEAST


def report(member: Membership, *, now: datetime) -> Report:
    """Return what was corrected in a workspace, as far as the member may read the posts, and what came of it."""
    aspects = _aspects(member)
    shows_people = member.may(Permission.MANAGE_PEOPLE)
    known = LearnedModel.objects.filter(workspace_id=member.workspace_id).first()
    waits = without_job("understanding.learn", argument="workspace_id", values=[member.workspace_id])
    return Report(
        total=sum(one.count for one in aspects.values()),
        aspects=sorted(aspects.values(), key=lambda one: -one.count),
        weeks=_weeks(member, now=now),
        by_whom=_by_whom(member) if shows_people else (),
        latest=_latest(member, shows_people=shows_people),
        learned=[_learned(aspect, aspects.get(aspect), known) for aspect in ASPECTS],
        learned_at=known.learned_at if known else None,
        is_on=known.is_on if known else True,
        is_learning=not waits,
    )


def _in_force(member: Membership) -> QuerySet[Correction]:
    posts = visible_posts(member, prefix="post__")
    return Correction.objects.filter(posts, workspace_id=member.workspace_id, undone_at=None)


def _handed(member: Membership) -> QuerySet[PostTopic]:
    return spoken_of(member.workspace_id).filter(visible_posts(member, prefix="post__"))


def _aspects(member: Membership) -> dict[str, Corrected]:
    found: dict[str, Counter[tuple[str, str]]] = {}
    # What one person said after another is told from what counted before both.
    counted = _in_force(member).annotate(first=Coalesce("replaces__before", "before"))
    rows = counted.order_by().values("aspect", "first", "after").annotate(number=Count("pk"))
    for aspect, first, after, number in rows.values_list("aspect", "first", "after", "number"):
        found.setdefault(aspect, Counter())[written(aspect, first), written(aspect, after)] += number
    topics = _handed(member).order_by().values("topic__name", "is_removed").annotate(number=Count("pk"))
    for name, is_removed, number in topics.values_list("topic__name", "is_removed", "number"):
        found.setdefault(TOPICS, Counter())[(name, "") if is_removed else ("", name)] += number
    return {
        aspect: Corrected(
            name_of(aspect),
            counts.total(),
            [
                Pair(before, after, number)
                for (before, after), number in sorted(counts.items(), key=_by_count)[:MOST_PAIRS]
            ],
        )
        for aspect, counts in found.items()
    }


def _by_count(counted: tuple[tuple[str, str], int]) -> tuple[int, tuple[str, str]]:
    pair, number = counted
    return -number, pair


def _weeks(member: Membership, *, now: datetime) -> list[Week]:
    zone = ZoneInfo(member.workspace.time_zone)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=number) for number in reversed(range(WEEKS))]
    since = datetime.combine(mondays[0], datetime.min.time(), zone)
    counts: Counter[date] = Counter()
    for made in (_in_force(member), _handed(member)):
        rows = made.filter(at__gte=since).order_by().values(week=TruncWeek("at", tzinfo=zone))
        for week, number in rows.annotate(number=Count("pk")).values_list("week", "number"):
            counts[week.date()] += number
    most = max([counts[one] for one in mondays] + [1])
    return [Week(one, counts[one], round(100 * counts[one] / most)) for one in mondays]


def _by_whom(member: Membership) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for made in (_in_force(member), _handed(member)):
        for name, number in (
            made.order_by().values("by__name").annotate(number=Count("pk")).values_list("by__name", "number")
        ):
            counts[name or _("Somebody who is gone")] += number
    return counts.most_common()


def _latest(member: Membership, *, shows_people: bool) -> list[Latest]:
    made = _in_force(member).select_related("post__author", "post__channel", "by").order_by("-at", "-pk")[:LATEST]
    topics = _handed(member).select_related("post__author", "post__channel", "by", "topic")
    rows = [
        Latest(
            post=one.post,
            name=name_of(one.aspect),
            before=written(one.aspect, one.before),
            after=written(one.aspect, one.after),
            by=one.by.name if one.by and shows_people else "",
            at=one.at,
            correction_id=one.pk,
        )
        for one in made
    ]
    rows += [
        Latest(
            post=one.post,
            name=name_of(TOPICS),
            before=one.topic.name if one.is_removed else "",
            after="" if one.is_removed else one.topic.name,
            by=one.by.name if one.by and shows_people else "",
            at=one.at,
            topic_id=one.topic_id,
        )
        for one in topics.order_by("-at", "-pk")[:LATEST]
    ]
    return sorted(rows, key=lambda one: one.at, reverse=True)[:LATEST]


def _learned(aspect: str, corrected: Corrected | None, known: LearnedModel | None) -> Learned:
    count = corrected.count if corrected else 0
    effect = next((one for one in _effects(known) if one["aspect"] == aspect), None)
    if effect is None:
        return Learned(name_of(aspect), count, max(LEAST - count, 0))
    shares = {
        name: round(100 * float(effect[name])) for name in ("right_before", "right_after", "kept_before", "kept_after")
    }
    return Learned(name_of(aspect), int(effect["corrections"]), 0, **shares, is_used=bool(effect["is_used"]))


def _effects(known: LearnedModel | None) -> Iterable[dict[str, float | str | bool]]:
    return known.effects if known else []


def name_of(aspect: str) -> str:
    """Return what an aspect is called, topics among them."""
    return _("Topics") if aspect == TOPICS else str(sentences.ASPECTS[aspect])
