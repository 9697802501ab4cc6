"""Working jobs off, and how this process is doing at it."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from procrastinate import exceptions
from procrastinate.contrib.django import app, connector_params
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker

from luister.queue.door import INTAKE, SENDING
from luister.queue.recovering import stalled_after_seconds
from luister.queue.sessions import address

logger = logging.getLogger("luister.queue")

POLL_SECONDS: Final[Mapping[str, float]] = {SENDING: 0.25}  # new jobs are notified; scheduled ones are found so
OTHER_POLL_SECONDS: Final = 1.0


@dataclass(slots=True)
class Heart:
    """A worker of the job library in this process."""

    id: int
    queues: tuple[str, ...]
    beat_at: float  # of the monotonic clock: when its last beat reached the database


@dataclass(slots=True)
class Vitals:
    """How the working off of jobs in this process is doing."""

    looped_at: float | None = None  # of the monotonic clock: when its event loop last came round
    hearts: dict[str, Heart] = field(default_factory=dict)  # by name


_vitals = Vitals()


def vitals() -> Vitals:
    """Return how this process is doing; one that works no jobs off has never come round."""
    return _vitals


class ForgottenError(Exception):
    """Others took this worker for dead, and the library forgot it."""


class _Worker(Worker):
    """The library's worker, which minds its heart instead of periodic jobs of the library's own.

    The library would go on beating for a worker that it has forgotten. And with no periodic jobs registered the task
    for them ends at once, upon which the library stops looking whether its heartbeat and its listening still run.
    """

    async def _periodic_deferrer(self) -> None:
        assert self.worker_name is not None
        while True:
            found = await self.app.job_manager.connector.execute_query_all_async(
                "SELECT extract(epoch FROM now() - last_heartbeat)::float8 AS age FROM procrastinate_workers"
                " WHERE id = %(id)s",
                id=self.worker_id,
            )
            if not found or self.worker_id is None:
                raise ForgottenError(self.worker_name)
            beat_at = time.monotonic() - found[0]["age"]
            _vitals.hearts[self.worker_name] = Heart(self.worker_id, tuple(self.queues or ()), beat_at)
            await asyncio.sleep(self.update_heartbeat_interval)


def run_worker(stop: threading.Event, *, sending: int, intake: int, others: int) -> None:
    """Work off jobs until `stop` is set: at most so many sends, jobs of the intake, and other jobs at once.

    Sends that are under way when `stop` is set are finished. When the database goes away the work is taken up
    again once it is back.
    """
    asyncio.run(_work(stop, {SENDING: sending, INTAKE: intake, "": others}))


async def _work(stop: threading.Event, concurrency: Mapping[str, int]) -> None:
    threads = ThreadPoolExecutor(max_workers=sum(concurrency.values()) + 4, thread_name_prefix="job")
    asyncio.get_running_loop().set_default_executor(threads)
    app.perform_import_paths()  # type: ignore[no-untyped-call]  # as the library has it
    connector = PsycopgConnector(kwargs=connector_params() | address(), min_size=1, max_size=4)  # it listens
    while not stop.is_set():
        with contextlib.suppress(exceptions.ConnectorException), app.replace_connector(connector):
            async with app.open_async():
                await asyncio.gather(*(_keep_working(stop, queue, most) for queue, most in concurrency.items()))
        if not stop.is_set():
            await asyncio.sleep(1)
            _vitals.looped_at = time.monotonic()


async def _keep_working(stop: threading.Event, queue: str, most: int) -> None:
    queues = [queue] if queue else sorted({task.queue for task in app.tasks.values()} - {SENDING, INTAKE})
    name = queue or "others"
    while not stop.is_set():
        worker = _Worker(
            app,
            queues=queues,
            name=name,
            concurrency=most,
            fetch_job_polling_interval=POLL_SECONDS.get(queue, OTHER_POLL_SECONDS),
            update_heartbeat_interval=settings.LUISTER_HEARTBEAT_SECONDS,
            stalled_worker_timeout=stalled_after_seconds(),
            shutdown_graceful_timeout=settings.LUISTER_REQUEST_DEADLINE_SECONDS + 5,
            install_signal_handlers=False,
            task_middleware=app.worker_defaults.get("task_middleware"),  # which gives Django's connections back
        )
        working = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]  # as the library has it
        while not (working.done() or stop.is_set()):
            await asyncio.wait({working}, timeout=0.2)
            _vitals.looped_at = time.monotonic()
        _vitals.hearts.pop(name, None)
        working.cancel()  # asks it to finish what it does
        try:
            await working
        except asyncio.CancelledError:
            pass
        except Exception:
            # It lost the database, or was held up so long that others took it for dead; a new one registers anew.
            logger.exception("worker.stopped", extra={"queue": name})
        if not stop.is_set():
            await asyncio.sleep(1)
