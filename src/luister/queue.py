"""The only door to the job library (procrastinate on the same PostgreSQL).

Jobs live in each app's `jobs.py`, take primitives and make one action call. Whoever needs one defers it by
name, in the transaction of the change it belongs to: a rolled-back change leaves no job.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection
from procrastinate import RetryStrategy, exceptions
from procrastinate.contrib.django import app, connector_params
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.tasks import configure_task

from luister.base.watched import carried, watched

logger = logging.getLogger("luister.queue")

SENDING: Final = "sending"  # a queue with workers of its own, so that no flood of other work holds replies up

INTAKE: Final = "intake"  # what comes in, worked off in order; a flood of it holds up no other work either

RETRY = RetryStrategy(max_attempts=7, exponential_wait=3)  # the library counts repetitions: eight tries in all
MOST_DEATHS: Final = 8  # a job under which workers keep dying is given up
POLL_SECONDS: Final[Mapping[str, float]] = {SENDING: 0.25}  # new jobs are notified; scheduled ones are found so
OTHER_POLL_SECONDS: Final = 1.0
KEEP_HOURS: Final = 24  # finished jobs are kept this long


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


def periodic(name: str, *, cron: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function that runs by a cron expression (UTC; a sixth field holds seconds)."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        def run(timestamp: int) -> None:
            function()

        run.__name__ = function.__name__
        task = app.task(name=name, queue="periodic", queueing_lock=name, pass_context=False)(run)
        app.periodic(cron=cron, periodic_id=name)(task)
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
        job_manager=_manager(),
        queue=task.queue,
        priority=task.priority,
        schedule_at=at,
    )
    along = carried()
    return deferrer.batch_defer(*({**primitives, **along} for primitives in arguments))


@contextlib.contextmanager
def collecting() -> Iterator[list[Deferred]]:
    """Collect jobs instead of deferring them, for who does their work at once (the demo, at moments in the past)."""
    collected: list[Deferred] = []
    before = _collected.set(collected)
    try:
        yield collected
    finally:
        _collected.reset(before)


def job_names() -> frozenset[str]:
    """Return the names of all registered jobs."""
    return frozenset(app.tasks)


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


def recover_stalled() -> int:
    """Put the jobs of workers that died back into the queue, and return how many.

    This is no job itself: it works while every job is stuck. Two processes that do it at once share the work.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RECOVER, {"seconds": stalled_after_seconds(), "most": MOST_DEATHS})
        recovered = len(cursor.fetchall())
    if recovered:
        logger.warning("jobs.recovered", extra={"count": recovered})
    return recovered


# A job with a queueing lock (a periodic one) may have a successor already, which the library's index keeps from
# standing beside it in the queue: it is ended, its successor does the work.
_RECOVER: Final = """
    WITH stalled AS (
        SELECT job.id, job.queueing_lock IS NULL AND job.attempts < %(most)s AS again
          FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
         WHERE job.status = 'doing'
           AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(seconds)s))
           FOR UPDATE OF job SKIP LOCKED
    )
    SELECT id, CASE WHEN again THEN procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL)
                    ELSE procrastinate_finish_job_v1(id, 'failed', false) END
      FROM stalled
"""


def stalled_after_seconds() -> float:
    """Return how long a worker may be silent before its jobs are taken from it."""
    return 4 * float(settings.LUISTER_HEARTBEAT_SECONDS)


@periodic("queue.remove_finished", cron="23 * * * *")
def remove_finished() -> None:
    """Remove the jobs that ended more than a day ago."""
    async_to_sync(_manager().delete_old_jobs)(
        nb_hours=KEEP_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


def run_worker(stop: threading.Event, *, sending: int, intake: int, others: int) -> None:
    """Work off jobs until `stop` is set: at most so many sends, jobs of the intake, and other jobs at once.

    Sends that are under way when `stop` is set are finished. When the database goes away the work is taken up
    again once it is back.
    """
    asyncio.run(_work(stop, {SENDING: sending, INTAKE: intake, "": others}))


async def _work(stop: threading.Event, concurrency: Mapping[str, int]) -> None:
    threads = ThreadPoolExecutor(max_workers=sum(concurrency.values()) + 4, thread_name_prefix="job")
    asyncio.get_running_loop().set_default_executor(threads)
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=4)
    while not stop.is_set():
        with contextlib.suppress(exceptions.ConnectorException), app.replace_connector(connector):
            async with app.open_async():
                await asyncio.gather(*(_keep_working(stop, queue, most) for queue, most in concurrency.items()))
        if not stop.is_set():
            await asyncio.sleep(1)


async def _keep_working(stop: threading.Event, queue: str, most: int) -> None:
    others = sorted({task.queue for task in app.tasks.values()} - {SENDING, INTAKE})
    while not stop.is_set():
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[queue] if queue else others,
                name=queue or "others",
                concurrency=most,
                fetch_job_polling_interval=POLL_SECONDS.get(queue, OTHER_POLL_SECONDS),
                update_heartbeat_interval=settings.LUISTER_HEARTBEAT_SECONDS,
                stalled_worker_timeout=stalled_after_seconds(),
                shutdown_graceful_timeout=settings.LUISTER_REQUEST_DEADLINE_SECONDS + 5,
                install_signal_handlers=False,
            )
        )
        while not (working.done() or stop.is_set()):
            await asyncio.wait({working}, timeout=0.2)
        working.cancel()  # asks it to finish what it does
        try:
            await working
        except asyncio.CancelledError:
            pass
        except Exception:
            # It lost the database, or was held up so long that others took it for dead; a new one registers anew.
            logger.exception("worker.stopped", extra={"queue": queue or "others"})
        if not stop.is_set():
            await asyncio.sleep(1)


def _manager() -> JobManager:
    return JobManager(DjangoConnector())
