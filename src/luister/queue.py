"""The only door to the job library (procrastinate on the same PostgreSQL).

Jobs live in each app's `jobs.py`, take primitives and make one action call. Whoever needs one defers it by
name, in the transaction of the change it belongs to: a rolled-back change leaves no job.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

RETRY = RetryStrategy(max_attempts=8, exponential_wait=3)


def job(
    name: str, *, queue: str = "default", retry: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as the job of that name.

    With `retry`, a job that raises is tried again with growing pauses, eight times. Jobs whose work finds its
    own way back (sending, listening) say False.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        app.task(name=name, queue=queue, retry=RETRY if retry else False)(function)
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
        procrastinate.exceptions.TaskNotFound: no job has this name.
    """
    return app.configure_task(name, allow_unknown=False, schedule_at=at).defer(**primitives)


def job_names() -> frozenset[str]:
    """Return the names of all registered jobs."""
    return frozenset(app.tasks)
