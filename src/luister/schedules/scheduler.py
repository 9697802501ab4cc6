"""Keeps the timetable: runs as a thread of every worker, of which one at a time, the leader, does it.

The leader holds a session advisory lock. When it dies, or its connection does, the lock is free and another takes it
within a second or two; one that is frozen keeps the lock, so the others end its connection. Two that believe
that they lead do no harm: `run_due` claims each due moment once. All go by the database's clock.
"""

import logging
import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from luister.base.clock import utc_now
from luister.base.ids import lock_key
from luister.fence.scope import across_workspaces
from luister.queue import sessions, vitals
from luister.schedules import actions, queries
from luister.schedules.timetable import TIMETABLE, Schedule

logger = logging.getLogger("luister.schedules")

LOCK: Final = lock_key("schedules", "scheduler")
LOOK_SECONDS: Final = 1.0
REPORT_EVERY: Final = timedelta(seconds=5)
WORKSPACES_EVERY: Final = timedelta(minutes=1)  # new ones, and zones that were changed


def run(stop: threading.Event, *, timetable: tuple[Schedule, ...] = TIMETABLE) -> None:
    """Keep the timetable, or be ready to, until `stop` is set, whatever the database does meanwhile."""
    member = Member(timetable)
    while not stop.is_set():
        try:
            with sessions.connect(name="luister scheduler") as locking:
                member.take_part(locking, stop)
        except (psycopg.Error, DatabaseError, InterfaceError) as error:
            logger.warning("scheduler.database_lost", extra={"error": type(error).__name__})
        except Exception:
            logger.exception("scheduler.stumbled")
        with suppress(DatabaseError, InterfaceError):
            connection.close()
        stop.wait(1)
    with suppress(DatabaseError, InterfaceError):
        actions.take_report_away(host=member.host, pid=member.pid)
        connection.close()


@dataclass(slots=True)
class Member:
    """One of those who keep the timetable or are ready to."""

    timetable: tuple[Schedule, ...]
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    started_at: datetime = field(default_factory=utc_now)
    leads_since: datetime | None = None
    _reported_at: datetime | None = None
    _zones_at: datetime | None = None
    _zones: dict[int | None, ZoneInfo] = field(default_factory=dict)
    _look_at: dict[tuple[str, int | None], datetime] = field(default_factory=dict)

    def take_part(self, locking: psycopg.Connection[Any], stop: threading.Event) -> None:
        """Keep the timetable while this connection has the lock, else try for it, until `stop` is set."""
        self.leads_since = self._reported_at = self._zones_at = None
        while not stop.is_set():
            # The installation's own schedules are no workspace's, and only the owner may end a frozen leader.
            with across_workspaces("keep the timetable"):
                self.look_round(locking, now=_clock(locking))
            stop.wait(LOOK_SECONDS)

    def look_round(self, locking: psycopg.Connection[Any], *, now: datetime) -> None:
        """Report, and do once what the leader does, or try to become it."""
        if self.leads_since is None and sessions.try_lock(locking, LOCK):
            self.leads_since = now
            self._look_at.clear()  # somebody else has kept it meanwhile
            self._reported_at = None
        if self._reported_at is None or now - self._reported_at >= REPORT_EVERY:
            self._reported_at = now
            self._report(locking, now=now)
        if self.leads_since is not None:
            self._run_due(now=now)

    def _report(self, locking: psycopg.Connection[Any], *, now: datetime) -> None:
        here = vitals()
        looped_at = None if here.looped_at is None else now - timedelta(seconds=time.monotonic() - here.looped_at)
        said = actions.Said(
            host=self.host,
            pid=self.pid,
            started_at=self.started_at,
            workers={name: {"id": heart.id, "queues": heart.queues} for name, heart in here.hearts.copy().items()},
            looped_at=looped_at,
            clock_skew=utc_now() - now,
        )
        actions.report(said, now=now)
        if self.leads_since is None:
            actions.end_frozen_leader(key=LOCK, now=now)
            return
        actions.forget_reports(now=now)
        actions.note_leading(
            host=self.host, pid=self.pid, backend_pid=locking.info.backend_pid, since=self.leads_since, now=now
        )

    def _run_due(self, *, now: datetime) -> None:
        if self._zones_at is None or now - self._zones_at >= WORKSPACES_EVERY:
            self._zones = {None: ZoneInfo(settings.TIME_ZONE), **queries.zones()}
            self._zones_at = now
            self._look_at.clear()  # zones may have changed
        for schedule in self.timetable:
            for workspace_id in [key for key in self._zones if (key is not None) == schedule.per_workspace]:
                key = (schedule.name, workspace_id)
                if self._look_at.get(key, now) > now:
                    continue
                try:
                    self._look_at[key] = actions.run_due(
                        schedule, workspace_id=workspace_id, zone=self._zones[workspace_id], now=now
                    )
                except (DatabaseError, InterfaceError):
                    raise
                except Exception:
                    logger.exception("schedule.stumbled", extra={"schedule": schedule.name})
                    self._look_at[key] = now + WORKSPACES_EVERY


def _clock(locking: psycopg.Connection[Any]) -> datetime:
    row = locking.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment.astimezone(UTC)
