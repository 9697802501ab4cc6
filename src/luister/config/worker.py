"""What a worker process runs: jobs, the threads that read channels, the watch, the scheduler, the demo's customers."""

import gc
import logging
import os
import signal
import threading
from contextlib import AbstractContextManager, nullcontext
from types import FrameType

from django.conf import settings

from luister.config import worker_health
from luister.config.children import leave_within
from luister.delivery import listen, parsing, poll, watch
from luister.demo import traffic
from luister.queue import run_worker
from luister.schedules import scheduler
from luister.webhooks import deliver

logger = logging.getLogger("luister.worker")

SENDING = 8  # posts on their way at once; each has two database connections
INTAKE = 1  # job of what comes in at once: it is processor work, and stays in order
OTHERS = 4  # other jobs at once
STOP_SECONDS = 45.0  # longer than any request to a network may take
ORPHAN_SECONDS = 5.0


def run(*, stop: threading.Event | None = None, sending: int = SENDING, others: int = OTHERS) -> None:
    """Work until `stop` is set; without one, until the process is asked to end (SIGTERM, SIGINT).

    What is being sent at that moment is finished first.
    """
    stopping = stop or _stop_on_signals()
    gc.freeze()  # what was loaded stays
    loops = (listen, poll, watch, scheduler, deliver, *((traffic,) if settings.LUISTER_PRACTICE else ()))
    threads = [threading.Thread(target=loop.run, args=(stopping,), name=loop.__name__, daemon=True) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        with _health_port():
            run_worker(stopping, sending=sending, intake=INTAKE, others=others)
    finally:
        stopping.set()
        for thread in threads:
            thread.join(10)
        parsing.stop()


def _health_port() -> AbstractContextManager[object]:
    host, port = settings.LUISTER_WORKER_HEALTH_HOST, settings.LUISTER_WORKER_HEALTH_PORT
    if not port:
        return nullcontext()
    return worker_health.served(host, port)


def _stop_on_signals() -> threading.Event:
    """Return what is set when this process is asked to end, or when the supervisor that started it is gone."""
    stop = threading.Event()
    parent = os.getppid()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()
        # Without its supervisor the database is gone too: nothing can be finished, and connections wait in vain.
        leave_within(STOP_SECONDS if os.getppid() == parent else ORPHAN_SECONDS)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return stop
