"""Monitors, and how much each has to show."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from luister.accounts.models import Membership, Team
from luister.listening.access import visible_monitors
from luister.listening.models import Mention, Monitor, ReadUpTo

MOST_COUNTED = 100  # unread ones; more are as many
MOST_OF_WEEK = 1000


def monitors(member: Membership, *, now: datetime) -> Sequence[Monitor]:
    """Return the monitors that a member sees, by name.

    Each carries `unread` and `of_week` (mentions of the last seven days), which stop counting at 100 and 1,000.
    """
    of_week = _of(member).filter(posted_at__gte=now - timedelta(days=7))
    found = _with_unread(visible_monitors(member), member).annotate(of_week=_count(of_week, MOST_OF_WEEK))
    return list(found.select_related("owner", "team", "look_back").order_by("name", "id"))


def unread(member: Membership) -> Sequence[Monitor]:
    """Return the monitors that a member sees with `unread`, by name, for the sidebar; muted ones count nothing."""
    return list(_with_unread(visible_monitors(member), member).order_by("name", "id"))


def find_monitor(member: Membership, *, monitor_id: int) -> Monitor | None:
    """Return a monitor that the member sees, or None."""
    found = visible_monitors(member).filter(pk=monitor_id)
    return found.select_related("owner", "team", "look_back", "workspace").first()


def mention_count(monitor: Monitor) -> int:
    """Return how many mentions a monitor has."""
    return Mention.objects.filter(monitor=monitor).count()


def teams(member: Membership) -> Sequence[Team]:
    """Return the teams that a monitor can be shared with, by name."""
    return list(Team.objects.filter(workspace_id=member.workspace_id).order_by("name", "id"))


def _with_unread(monitors: QuerySet[Monitor], member: Membership) -> QuerySet[Monitor]:
    read = ReadUpTo.objects.filter(monitor=OuterRef("pk"), user_id=member.user_id).values("mention_id")
    seen = Coalesce(Subquery(read), Value(0))
    new = _of(member).filter(is_live=True, pk__gt=OuterRef("seen"), monitor__is_muted=False)
    return monitors.annotate(seen=seen).annotate(unread=_count(new, MOST_COUNTED))


def _of(member: Membership) -> QuerySet[Mention]:
    mentions = Mention.objects.filter(monitor=OuterRef("pk"))
    return mentions if member.may_see_private else mentions.filter(is_public=True)


def _count(mentions: QuerySet[Mention], most: int) -> Func:
    """Count in a subquery, and no further than that."""
    return Func(ArraySubquery(mentions.values("pk")[:most]), function="cardinality", output_field=IntegerField())
