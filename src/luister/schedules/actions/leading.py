"""Saying who keeps the timetable, and ending one who was frozen over it."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from luister.schedules.models import Leadership

logger = logging.getLogger("luister.schedules")

FROZEN_AFTER: Final = timedelta(seconds=20)
ONLY: Final = 1


def note_leading(*, host: str, pid: int, backend_pid: int, since: datetime, now: datetime) -> None:
    """Say that this process keeps the timetable, and still moves."""
    said = {"host": host, "pid": pid, "backend_pid": backend_pid, "since_at": since, "seen_at": now}
    Leadership.objects.update_or_create(pk=ONLY, defaults=said)


def end_frozen_leader(*, key: int, now: datetime) -> bool:
    """End the connection of whoever holds the lock of that key and has said nothing for a while.

    A paused process keeps its connection, and with it the lock. When it wakes up it finds it gone, and is one of
    those who try for the lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(_END, {"key": key, "silent_since": now - FROZEN_AFTER})
        ended = bool(cursor.fetchall())
    if ended:
        logger.warning("scheduler.frozen_leader_ended")
    return ended


_END: Final = """
    SELECT pg_terminate_backend(held.pid)
      FROM pg_locks held JOIN schedules_leadership leader ON leader.backend_pid = held.pid
     WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
       AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (held.classid::bigint << 32) | held.objid::bigint = %(key)s
       AND leader.seen_at < %(silent_since)s
"""
