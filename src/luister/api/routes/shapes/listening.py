"""Monitors and mentions."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StrictInt

from luister.api.routes.shapes.base import Flag, Id, In, Named, Out, text
from luister.api.routes.shapes.posts import PostOut, post_out
from luister.listening.enums import MentionState, Sharing
from luister.listening.models import Monitor
from luister.listening.queries.mentions import Row
from luister.listening.queries.preview import Preview

MOST_DAYS = 3650


class MonitorIn(In):
    """What a monitor is to be. `team_id` goes with sharing `team`; `days` is how far it looks back, null everything."""

    name: Annotated[str, text(80, least=1)]
    query: Annotated[str, text(20_000, least=1, description="In the query language.")]
    sharing: Sharing = Sharing.OWN
    team_id: Id | None = None
    days: Annotated[StrictInt, Field(ge=0, le=MOST_DAYS)] | None = 30
    is_muted: Flag = False


class MonitorOut(Out):
    """A monitor. `version` goes into If-Match; `unread` and `of_week` stop counting at 100 and 1,000."""

    id: int
    name: str
    query: str
    sharing: Sharing
    team: Named | None
    owner: Named | None
    is_muted: bool
    created_at: datetime
    changed_at: datetime
    version: str


class PreviewIn(In):
    """A query to try."""

    query: Annotated[str, text(20_000, least=1)]


class DayOut(Out):
    """How much would have been found on a day."""

    day: date
    count: int


class PreviewOut(Out):
    """What a query would have found in the last seven days; where there was too much, in those since `back_to`."""

    found: int
    came_in: int
    is_too_much: bool
    back_to: datetime | None
    days: list[DayOut]
    examples: list[PostOut]


class MentionOut(Out):
    """A post that a monitor found. `has_case` also where the token may not see that case."""

    id: int
    monitors: list[Named]
    post: PostOut
    words: list[str]
    state: MentionState
    has_case: bool
    handled_by: Named | None
    handled_at: datetime | None
    found_at: datetime


class CaseMade(Out):
    """The case of a mention; `number` is null where it joined one that the token may not see."""

    number: int | None
    is_new: bool


def monitor_out(monitor: Monitor, *, version: str) -> MonitorOut:
    """Return a monitor as it is shown."""
    return MonitorOut(
        id=monitor.pk,
        name=monitor.name,
        query=monitor.query,
        sharing=Sharing(monitor.sharing),
        team=Named(id=monitor.team.pk, name=monitor.team.name) if monitor.team else None,
        owner=Named(id=monitor.owner.pk, name=str(monitor.owner)) if monitor.owner else None,
        is_muted=monitor.is_muted,
        created_at=monitor.created_at,
        changed_at=monitor.changed_at,
        version=version,
    )


def mention_out(row: Row) -> MentionOut:
    """Return a mention as it is shown."""
    mention = row.mention
    number = row.case.number if row.case is not None else None
    return MentionOut(
        id=mention.pk,
        monitors=[Named(id=monitor.pk, name=monitor.name) for monitor in row.monitors],
        post=post_out(mention.post, case_number=number, shown=row.understood),
        words=mention.words,
        state=MentionState(mention.state),
        has_case=row.has_case,
        handled_by=Named(id=mention.handled_by.pk, name=str(mention.handled_by)) if mention.handled_by else None,
        handled_at=mention.handled_at,
        found_at=mention.found_at,
    )


def preview_out(found: Preview) -> PreviewOut:
    """Return what a query would have found."""
    return PreviewOut(
        found=found.found,
        came_in=found.came_in,
        is_too_much=found.is_too_much,
        back_to=found.back_to,
        days=[DayOut(day=one.day, count=one.count) for one in found.days],
        examples=[post_out(example.post, case_number=None, shown=None) for example in found.examples],
    )
