"""Looking at jobs and moving them by hand. Of what a job was given only the ids are ever shown."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from luister.queue.door import SENDING
from luister.queue.recovering import stalled_after_seconds

STATES: Final = ("todo", "doing", "succeeded", "failed", "cancelled", "aborted")
ENDED: Final = ("succeeded", "failed", "cancelled", "aborted")
MOST_NUMBERS: Final = 20  # of a list of ids


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A job as it stands."""

    id: int
    name: str
    queue: str
    state: str
    attempts: int
    scheduled_at: datetime | None
    worker_id: int | None
    changed_at: datetime | None  # its last event
    ids: dict[str, Any]  # what it was given, of which only numbers, flags and lists of numbers


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something that happened to a job."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs; what is empty or None matters not."""

    states: tuple[str, ...] = ()
    queue: str | None = None
    name: str | None = None
    ended_before: datetime | None = None
    stalled: bool = False  # a worker had it that stopped answering
    job_id: int | None = None


def jobs(wanted: Wanted, *, limit: int) -> list[JobSeen]:
    """Return those jobs, the newest first."""
    where, values = _where(wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE {where} ORDER BY job.id DESC LIMIT %s", [*values, limit])
        return [JobSeen(*[*row[:-1], _ids(row[-1])]) for row in cursor.fetchall()]


def events(job_id: int) -> list[JobEvent]:
    """Return what happened to a job, in its order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT type::text, at FROM procrastinate_events WHERE job_id = %s ORDER BY id", [job_id])
        return [JobEvent(what, at) for what, at in cursor.fetchall()]


def counts() -> list[tuple[str, str, int]]:
    """Return how many jobs each queue has in each state."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_name, status::text, count(*) FROM procrastinate_jobs GROUP BY 1, 2 ORDER BY 1, 2")
        return [(queue, state, count) for queue, state, count in cursor.fetchall()]


class NotNowError(Exception):
    """In its present state this cannot be done with a job."""

    def __init__(self, state: str | None) -> None:
        super().__init__(state)
        self.state = state  # None: there is no such job


def retry(job_id: int) -> None:
    """Let a job run again, at once: one that failed, or waits for its next try.

    Raises:
        NotNowError: it is being done, has succeeded, or is not there.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        state = _locked_state(cursor, job_id)
        if state == "todo":
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE id = %s", [job_id])
        elif state == "failed":
            cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job_id])
        else:
            raise NotNowError(state)


def cancel(job_id: int) -> None:
    """Keep a job that waits from being done. A reply whose job is cancelled stays in the outbox, which takes it up.

    Raises:
        NotNowError: it does not wait.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        state = _locked_state(cursor, job_id)
        if state != "todo":
            raise NotNowError(state)
        cursor.execute("SELECT procrastinate_cancel_job_v1(%s, false, false)", [job_id])


def purge(wanted: Wanted) -> int:
    """Remove jobs that have ended, of those wanted, and return how many."""
    where, values = _where(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM procrastinate_jobs WHERE id IN (SELECT job.id FROM procrastinate_jobs job WHERE {where})"  # noqa: S608
            " AND status = ANY(%s::procrastinate_job_status[])",
            [*values, list(ENDED)],
        )
        return int(cursor.rowcount)


def is_sending(job: JobSeen) -> bool:
    """Whether a job sends a post: then the outbox decides what becomes of it, however often it runs."""
    return job.queue == SENDING


def _locked_state(cursor: Any, job_id: int) -> str | None:
    cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s FOR UPDATE", [job_id])
    row = cursor.fetchone()
    return row[0] if row else None


_LAST: Final = "(SELECT max(event.at) FROM procrastinate_events event WHERE event.job_id = job.id)"
_SELECT: Final = (
    "SELECT job.id, job.task_name, job.queue_name, job.status::text, job.attempts, job.scheduled_at, job.worker_id, "  # noqa: S608
    f"{_LAST}, job.args FROM procrastinate_jobs job"
)
_STALLED: Final = (
    "job.status = 'doing' AND NOT EXISTS (SELECT 1 FROM procrastinate_workers worker WHERE worker.id = job.worker_id"
    " AND worker.last_heartbeat >= now() - make_interval(secs => %s))"
)


def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    """Return a condition and its values; the conditions are our own words, the values are passed beside them."""
    parts: list[tuple[str, Any]] = []
    if wanted.states:
        parts.append(("job.status = ANY(%s::procrastinate_job_status[])", list(wanted.states)))
    if wanted.queue is not None:
        parts.append(("job.queue_name = %s", wanted.queue))
    if wanted.name is not None:
        parts.append(("job.task_name = %s", wanted.name))
    if wanted.ended_before is not None:
        parts.append((f"{_LAST} < %s", wanted.ended_before))
    if wanted.stalled:
        parts.append((_STALLED, stalled_after_seconds()))
    if wanted.job_id is not None:
        parts.append(("job.id = %s", wanted.job_id))
    return " AND ".join(part for part, _ in parts) or "true", [value for _, value in parts]


def _ids(given: str | dict[str, Any]) -> dict[str, Any]:
    """Return of a job's arguments what cannot be content."""
    arguments = json.loads(given) if isinstance(given, str) else given
    return {
        name: value[:MOST_NUMBERS] if isinstance(value, list) else value
        for name, value in sorted(arguments.items())
        if isinstance(value, int | bool) or (isinstance(value, list) and all(isinstance(one, int) for one in value))
    }
