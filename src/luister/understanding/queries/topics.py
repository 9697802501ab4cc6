"""What screens ask of topics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from luister.accounts.models import Membership
from luister.posts.access import visible_posts
from luister.posts.enums import GivenBy
from luister.posts.models import PostTopic, Topic
from luister.understanding.queries.shown import GivenTopic, Shown

DAYS: Final = 30
MOST: Final = 500  # topics to choose from


@dataclass(frozen=True, slots=True)
class Listed:
    """A topic of a workspace, and how many of its posts were written in the last 30 days."""

    topic: Topic
    count: int


def topics(member: Membership, *, now: datetime) -> Sequence[Listed]:
    """Return the topics of a workspace by name, with what the member may read of their posts; each with its `run`."""
    recent = PostTopic.objects.filter(
        visible_posts(member, prefix="post__"),
        topic=OuterRef("pk"),
        is_removed=False,
        posted_at__gte=now - timedelta(days=DAYS),
    )
    counted = recent.order_by().values("topic").annotate(number=Count("pk")).values("number")
    found = Topic.objects.filter(workspace_id=member.workspace_id).select_related("run").order_by("name", "pk")
    counts = found.annotate(number=Coalesce(Subquery(counted, output_field=IntegerField()), 0))
    return [Listed(topic, topic.number) for topic in counts]


def find_topic(member: Membership, *, topic_id: int) -> Topic | None:
    """Return a topic of the member's workspace."""
    found = Topic.objects.filter(pk=topic_id, workspace_id=member.workspace_id)
    return found.select_related("run").first()


def post_count(topic: Topic) -> int:
    """Return how many posts have a topic."""
    return PostTopic.objects.filter(topic=topic, is_removed=False).count()


def choices(shown: Shown, *, member: Membership) -> Sequence[str]:
    """Return the names of the topics that a post could be given."""
    present = [one.topic_id for one in shown.topics]
    others = Topic.objects.filter(workspace_id=member.workspace_id).exclude(pk__in=present)
    return list(others.order_by("name").values_list("name", flat=True)[:MOST])


def rule_of(given: GivenTopic) -> str:
    """Return the rule by which a post has a topic; "" where it has it otherwise."""
    if given.given_by != GivenBy.RULE:
        return ""
    return Topic.objects.filter(pk=given.topic_id).values_list("query", flat=True).first() or ""
