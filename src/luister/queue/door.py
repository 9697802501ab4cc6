"""Registering and deferring jobs: by name, in the transaction of the change they belong to."""

import contextlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from luister.base.watched import carried, watched

SENDING: Final = "sending"  # a queue with workers of its own, so that no flood of other work holds replies up

INTAKE: Final = "intake"  # what comes in, worked off in order; a flood of it holds up no other work either

PERIODIC: Final = "periodic"  # what runs again and again

RETRY = RetryStrategy(max_attempts=7, exponential_wait=3)  # the library counts repetitions: eight tries in all

_collected: ContextVar["list[Deferred] | None"] = ContextVar("collected", default=None)


@dataclass(frozen=True, slots=True)
class Deferred:
    """A job that would have been deferred."""

    name: str
    arguments: Mapping[str, Any]


class UnknownJobError(LookupError):
    """No job has this name."""


def job(
    name: str, *, queue: str = "default", retry: bool = True, priority: int = 0
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as the job of that name.

    With `retry`, a job that raises is tried again with growing pauses, eight times in all. Jobs whose work finds
    its own way back (sending) say False.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        task = app.task(name=name, queue=queue, retry=RETRY if retry else False, priority=priority)
        task(watched(name, function))
        return function

    return register


def periodic(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function as a job that `luister.schedules.timetable` runs again and again.

    It is told nothing; one that has to know for which moment it runs is a `job` with the arguments that
    `luister.schedules.actions` gives. One that fails is not tried again: its next time comes.
    """

    def register(function: Callable[[], None]) -> Callable[[], None]:
        def run(**_told: Any) -> None:
            function()

        run.__name__ = function.__name__
        job(name, queue=PERIODIC, retry=False)(run)
        return function

    return register


def enqueue(name: str, *, at: datetime | None = None, **primitives: Any) -> int:
    """Defer the job of that name, in the present transaction, to run now or at a moment.

    Raises:
        UnknownJobError: no job has this name.
    """
    return enqueue_all(name, [primitives], at=at)[0]


def enqueue_all(name: str, arguments: Sequence[Mapping[str, Any]], *, at: datetime | None = None) -> list[int]:
    """Defer one job of that name for each set of arguments, in one statement of the present transaction.

    Raises:
        UnknownJobError: no job has this name.
        django.db.Error: the database refused, or is away.
    """
    try:
        task = app.tasks[name]
    except KeyError:
        raise UnknownJobError(name) from None
    if not arguments:
        return []
    collected = _collected.get()
    if collected is not None:
        collected.extend(Deferred(name, dict(primitives)) for primitives in arguments)
        return [0] * len(arguments)
    deferrer = configure_task(
        name=name,
        # Always Django's own connection: within a worker the library's is another one, and another transaction.
        job_manager=manager(),
        queue=task.queue,
        priority=task.priority,
        schedule_at=at,
    )
    along = carried()
    try:
        return deferrer.batch_defer(*({**primitives, **along} for primitives in arguments))
    except ConnectorException as error:
        if error.__cause__ is None:
            raise
        with connection.wrap_database_errors:  # as other statements fail, which tells whether the database is away
            raise error.__cause__ from None


@contextlib.contextmanager
def collecting() -> Iterator[list[Deferred]]:
    """Collect jobs instead of deferring them, for who does their work at once (the demo, at moments in the past)."""
    collected: list[Deferred] = []
    before = _collected.set(collected)
    try:
        yield collected
    finally:
        _collected.reset(before)


def queue_names() -> frozenset[str]:
    """Return the names of the queues that registered jobs wait in."""
    return frozenset(task.queue for task in app.tasks.values())


def job_names() -> frozenset[str]:
    """Return the names of all registered jobs."""
    return frozenset(app.tasks)


def is_waiting(job_id: int) -> bool:
    """Whether a job still waits for its turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status = 'todo'", [job_id])
        return cursor.fetchone() is not None


def without_waiting_job(name: str, *, argument: str, values: Collection[int]) -> set[int]:
    """Return those of the values that no waiting job of that name has as this argument."""
    return _without_job(name, argument, values, ["todo"])


def without_job(name: str, *, argument: str, values: Collection[int]) -> set[int]:
    """Return those of the values that no job of that name has as this argument, waiting or at work."""
    return _without_job(name, argument, values, ["todo", "doing"])


def _without_job(name: str, argument: str, values: Collection[int], states: Sequence[str]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT (args->>%s)::bigint FROM procrastinate_jobs"
            " WHERE task_name = %s AND status = ANY(%s::procrastinate_job_status[]) AND (args->>%s)::bigint = ANY(%s)",
            [argument, name, list(states), argument, list(values)],
        )
        return set(values) - {value for (value,) in cursor.fetchall()}


def drop_waiting(name: str, *, argument: str, values: Collection[int]) -> None:
    """Remove the waiting jobs of that name of whose list, given as this argument, all was done with these values."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo' AND args->%s <@ %s::jsonb",
            [name, argument, json.dumps(sorted(values))],
        )


def manager() -> JobManager:
    """Return what reads and writes jobs on Django's own connection."""
    return JobManager(DjangoConnector())
