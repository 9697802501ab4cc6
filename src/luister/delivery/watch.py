"""The watch beside the jobs: finds what was left behind by workers, jobs or networks that went away.

Runs as a thread of every worker process. It is no job, because it has to work when jobs are stuck, and nobody
leads, because a leader that is frozen would lead on: two that find the same thing do it once between them.
"""

import logging
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from luister.base.clock import utc_now
from luister.delivery import actions, locks
from luister.fence.scope import across_workspaces
from luister.schedules.actions import recover_stalled

logger = logging.getLogger("luister.delivery")

FORGOTTEN_EVERY: Final = timedelta(minutes=1)


def run(stop: threading.Event) -> None:
    """Keep watch until `stop` is set, whatever the database does meanwhile."""
    while not stop.is_set():
        try:
            with locks.connect() as locking:
                _watch(locking, stop)
        except (psycopg.Error, DatabaseError, InterfaceError) as error:
            logger.warning("watch.database_lost", extra={"error": type(error).__name__})
        except Exception:
            logger.exception("watch.stumbled")
        with suppress(DatabaseError, InterfaceError):
            connection.close()
        stop.wait(1)


def _watch(locking: psycopg.Connection[Any], stop: threading.Event) -> None:
    swept_at: datetime | None = None
    while not stop.is_set():
        now = utc_now()
        look_round(locking, now=now)
        if swept_at is None or now - swept_at > FORGOTTEN_EVERY:
            with across_workspaces("find payloads that no job is left for"):
                actions.process_forgotten(now=now)
            swept_at = now
        stop.wait(settings.LUISTER_WATCH_SECONDS)


def look_round(locking: psycopg.Connection[Any], *, now: datetime) -> None:
    """Find what was left behind, once."""
    with across_workspaces("find what is to be sent, and what became of what was"):
        actions.flag_abandoned(locking, now=now)
        actions.look_due(now=now)
        actions.wake_forgotten(now=now)
    recover_stalled(now=now)
