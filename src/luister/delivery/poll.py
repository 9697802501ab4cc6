"""Reading the channels that are polled: a few threads for any number of them.

Every worker process does this; the schedule and the leases are in the database.
"""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Final

import psycopg
from django.db import DatabaseError, InterfaceError, connection

from luister.base.clock import utc_now
from luister.channels.models import Channel
from luister.delivery import actions
from luister.delivery.actions import Lease
from luister.fence.scope import across_workspaces, in_workspace, workspaces_of

logger = logging.getLogger("luister.poll")

AT_ONCE: Final = 8
LOOK_SECONDS: Final = 1.0


def run(stop: threading.Event) -> None:
    """Read what is due until `stop` is set, whatever the database does meanwhile."""
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="poll")
    reading: set[Future[None]] = set()
    try:
        while not stop.is_set():
            try:
                reading = {future for future in reading if not future.done()}
                reading |= look(pool, free=AT_ONCE - len(reading))
            except (psycopg.Error, DatabaseError, InterfaceError) as error:
                logger.warning("poll.database_lost", extra={"error": type(error).__name__})
                with suppress(DatabaseError, InterfaceError):
                    connection.close()
            stop.wait(LOOK_SECONDS)
    finally:
        connection.close()
        pool.shutdown(wait=False, cancel_futures=True)


def look(pool: ThreadPoolExecutor, *, free: int) -> set[Future[None]]:
    """Hand out what is due to the threads that are free."""
    now = utc_now()
    with across_workspaces("see which channels are to be read"):
        actions.enroll(now=now)
        leases = actions.claim(most=free, now=now) if free else []
    return {pool.submit(_read, lease) for lease in leases}


def _read(lease: Lease) -> None:
    try:
        for workspace_id in workspaces_of(Channel, [lease.channel_id]):
            with in_workspace(workspace_id):
                actions.read_polled(lease, clock=utc_now)
    except (psycopg.Error, DatabaseError, InterfaceError) as error:
        # The lease ends by itself, and then it is somebody's turn again.
        known = {"channel_id": lease.channel_id, "error": type(error).__name__}
        logger.warning("channel.database_lost", extra=known)
    finally:
        connection.close()  # not kept while nothing is due
