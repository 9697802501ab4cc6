"""The workers and the leader among them: when they were last seen, what they work off, what they do now."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from luister.schedules.models import Leadership, Recovered, WorkerReport

SEEN_WITHIN: Final = timedelta(seconds=30)
LOOPED_WITHIN: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class CurrentJob:
    """A job that is being done."""

    id: int
    name: str
    began_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueueAtWork:
    """One of a worker's workers of the job library: which queues it works off, and what it does now."""

    name: str
    queues: tuple[str, ...]
    heart_at: datetime | None  # None: the library has forgotten it
    jobs: tuple[CurrentJob, ...]


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process; those that ended in order are not listed."""

    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    looped_at: datetime | None
    clock_skew: timedelta  # how far its clock is ahead of the database's
    is_well: bool  # seen, and working jobs off, within half a minute
    at_work: tuple[QueueAtWork, ...]


@dataclass(frozen=True, slots=True)
class Leader:
    """Who keeps the timetable."""

    host: str
    pid: int
    since_at: datetime
    seen_at: datetime
    is_well: bool


@dataclass(frozen=True, slots=True)
class Staff:
    """Who works here."""

    workers: tuple[Worker, ...]
    leader: Leader | None  # None: nobody ever did

    @property
    def queues(self) -> frozenset[str]:
        """The queues that somebody who is well works off."""
        return frozenset(
            queue for worker in self.workers if worker.is_well for one in worker.at_work for queue in one.queues
        )


def staff(*, now: datetime) -> Staff:
    """Return the workers, the longest at work first, and who keeps the timetable, in four queries."""
    reports = list(WorkerReport.objects.order_by("started_at", "pk"))
    library = [one["id"] for report in reports for one in report.workers.values()]
    hearts, jobs = _hearts(library), _jobs(library)
    workers = tuple(_worker(report, hearts, jobs, now=now) for report in reports)
    led = Leadership.objects.first()
    return Staff(workers, None if led is None else _leader(led, now=now))


def recovered() -> dict[str, int]:
    """Return how many jobs of each queue were ever taken from workers that died."""
    return dict(Recovered.objects.values_list("queue", "count"))


def _worker(
    report: WorkerReport, hearts: Mapping[int, datetime], jobs: Mapping[int, list[CurrentJob]], *, now: datetime
) -> Worker:
    at_work = tuple(
        QueueAtWork(name, tuple(one["queues"]), hearts.get(one["id"]), tuple(jobs.get(one["id"], ())))
        for name, one in sorted(report.workers.items())
    )
    beats = [one.heart_at for one in at_work]
    return Worker(
        host=report.host,
        pid=report.pid,
        started_at=report.started_at,
        seen_at=report.seen_at,
        looped_at=report.looped_at,
        clock_skew=timedelta(seconds=report.clock_skew_seconds),
        is_well=bool(beats)
        and all(at is not None and now - at < SEEN_WITHIN for at in (report.seen_at, *beats))
        # It was written down when the worker was last seen.
        and report.looped_at is not None
        and report.seen_at - report.looped_at < LOOPED_WITHIN,
        at_work=at_work,
    )


def _leader(led: Leadership, *, now: datetime) -> Leader:
    return Leader(led.host, led.pid, led.since_at, led.seen_at, is_well=now - led.seen_at < SEEN_WITHIN)


def _hearts(library: list[int]) -> dict[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, last_heartbeat FROM procrastinate_workers WHERE id = ANY(%s)", [library])
        return dict(cursor.fetchall())


def _jobs(library: list[int]) -> dict[int, list[CurrentJob]]:
    found = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT job.worker_id, job.id, job.task_name, (SELECT max(at) FROM procrastinate_events event"
            " WHERE event.job_id = job.id AND event.type = 'started')"
            " FROM procrastinate_jobs job WHERE job.worker_id = ANY(%s) AND job.status = 'doing' ORDER BY job.id",
            [library],
        )
        for worker, job_id, name, began_at in cursor.fetchall():
            found[worker].append(CurrentJob(job_id, name, began_at))
    return found
