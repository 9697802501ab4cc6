"""Running what is due: each due moment is claimed in the transaction that defers its job."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Final

from django.db import connection, transaction

from luister.base.schedules import due_between
from luister.queue import enqueue_all, is_waiting
from luister.schedules.models import ScheduleState
from luister.schedules.timetable import LATE_AFTER, Schedule

logger = logging.getLogger("luister.schedules")

HELD_SECONDS: Final = 20  # for a claim whose process was frozen amid it; the server then undoes it
AGAIN: Final = timedelta(seconds=1)


def run_due(schedule: Schedule, *, workspace_id: int | None = None, zone: tzinfo, now: datetime) -> datetime:
    """Defer what is due of a schedule, and return when to look again.

    However many processes do this at once, and however late one of them wakes up, each due moment is handled once:
    the row that says up to when they were handled is locked, and moved on with the job. What is seen for the first
    time begins with its next due moment.
    """
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{HELD_SECONDS}s'")
        states = ScheduleState.objects.filter(name=schedule.name, workspace=workspace_id)
        state = states.select_for_update(skip_locked=True).first()
        if state is None:
            # New, or in the hands of another process at this moment.
            new = ScheduleState(name=schedule.name, workspace_id=workspace_id, handled_until=now)
            ScheduleState.objects.bulk_create([new], ignore_conflicts=True)
            return now + AGAIN
        if state.handled_until < now:
            for due in list(_useful(schedule, state, zone=zone, now=now)):
                _defer(schedule, state, due=due, now=now)
            state.handled_until = now
            state.save()
        return schedule.rule.next_after(max(now, state.handled_until), zone)


def _useful(schedule: Schedule, state: ScheduleState, *, zone: tzinfo, now: datetime) -> Iterator[datetime]:
    """Yield the due moments that a job is to run for; the others are noted as skipped."""
    last = schedule.rule.last_until(now, zone)
    if last <= state.handled_until:
        return
    oldest = now - schedule.grace if schedule.grace is not None else None
    missed = due_between(schedule.rule, state.handled_until, last, zone=zone) if schedule.each else [last]
    for due in missed:
        if oldest is None or due >= oldest:
            yield due
        else:
            state.skipped_at = due
            logger.warning("schedule.skipped", extra={"schedule": schedule.name, "due_at": due.isoformat()})


def _defer(schedule: Schedule, state: ScheduleState, *, due: datetime, now: datetime) -> None:
    if not schedule.each and state.job_id is not None and is_waiting(state.job_id):
        return  # that one does the work
    told: dict[str, str | bool | int] = {"due_at": due.isoformat(), "is_late": now - due > LATE_AFTER}
    if state.workspace_id is not None:
        told["workspace_id"] = state.workspace_id
    if told["is_late"]:
        logger.warning("schedule.late", extra={"schedule": schedule.name, "due_at": due.isoformat()})
    state.job_id = enqueue_all(schedule.job, [told])[0]
    state.due_at, state.ran_at, state.was_late = due, now, bool(told["is_late"])
