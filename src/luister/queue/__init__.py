"""The only door to the job library (procrastinate on the same PostgreSQL).

Jobs live in each app's `jobs.py`, take primitives and make one action call. Whoever needs one defers it by
name, in the transaction of the change it belongs to: a rolled-back change leaves no job.
"""

from luister.queue.door import (
    INTAKE,
    PERIODIC,
    SENDING,
    Deferred,
    UnknownJobError,
    collecting,
    drop_waiting,
    enqueue,
    enqueue_all,
    is_waiting,
    job,
    job_names,
    periodic,
    queue_names,
    without_job,
    without_waiting_job,
)
from luister.queue.recovering import MOST_DEATHS, recover_stalled, remove_finished, stalled_after_seconds
from luister.queue.running import run_worker, vitals

__all__ = [
    "INTAKE",
    "MOST_DEATHS",
    "PERIODIC",
    "SENDING",
    "Deferred",
    "UnknownJobError",
    "collecting",
    "drop_waiting",
    "enqueue",
    "enqueue_all",
    "is_waiting",
    "job",
    "job_names",
    "periodic",
    "queue_names",
    "recover_stalled",
    "remove_finished",
    "run_worker",
    "stalled_after_seconds",
    "vitals",
    "without_job",
    "without_waiting_job",
]
