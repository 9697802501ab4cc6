"""The timetable: when each schedule ran last and runs next."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max

from luister.accounts.models import Workspace
from luister.base.schedules import due_between
from luister.fence.scope import across_workspaces
from luister.schedules.models import ScheduleState
from luister.schedules.timetable import TIMETABLE, Schedule


@dataclass(frozen=True, slots=True)
class Entry:
    """A schedule, of the installation or of one workspace."""

    schedule: Schedule
    workspace: str | None  # its slug
    zone: str
    next_at: tuple[datetime, ...]  # in the zone
    last_due_at: datetime | None
    last_ran_at: datetime | None
    was_late: bool
    last_job_id: int | None
    skipped_at: datetime | None


def zones() -> dict[int | None, ZoneInfo]:
    """Return the zone of every workspace, by its id."""
    return {pk: ZoneInfo(zone) for pk, zone in Workspace.objects.values_list("pk", "time_zone")}


def last_runs() -> dict[str, datetime]:
    """Return when each schedule last ran, by its name; of one for each workspace, in any of them."""
    ran = ScheduleState.objects.exclude(ran_at=None).values_list("name").annotate(Max("ran_at"))
    with across_workspaces("say when each schedule last ran"):
        return dict(ran.order_by("name"))


def entries(*, now: datetime, timetable: tuple[Schedule, ...] = TIMETABLE, ahead: int = 3) -> list[Entry]:
    """Return what is in the timetable with the next times of each, in two queries."""
    states = {(state.name, state.workspace_id): state for state in ScheduleState.objects.all()}
    places: list[tuple[int | None, str | None, str]] = [(None, None, settings.TIME_ZONE)]
    places += Workspace.objects.order_by("slug").values_list("pk", "slug", "time_zone")
    return [
        _entry(schedule, slug, zone, states.get((schedule.name, pk)), now=now, ahead=ahead)
        for schedule in timetable
        for pk, slug, zone in places
        if (pk is not None) == schedule.per_workspace
    ]


def _entry(
    schedule: Schedule, slug: str | None, zone: str, state: ScheduleState | None, *, now: datetime, ahead: int
) -> Entry:
    place = ZoneInfo(zone)
    coming = due_between(schedule.rule, now, datetime.max.replace(tzinfo=now.tzinfo), zone=place)
    return Entry(
        schedule=schedule,
        workspace=slug,
        zone=zone,
        next_at=tuple(due.astimezone(place) for due in islice(coming, ahead)),
        last_due_at=state.due_at if state else None,
        last_ran_at=state.ran_at if state else None,
        was_late=bool(state and state.was_late),
        last_job_id=state.job_id if state else None,
        skipped_at=state.skipped_at if state else None,
    )
