"""Customers who keep writing and answering while the demo runs; a loop of the worker."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import DatabaseError, InterfaceError, connection, transaction

from luister.accounts.models import Workspace
from luister.base.clock import utc_now
from luister.base.ids import lock_key
from luister.demo import queries
from luister.demo.answers import answer
from luister.demo.arrivals import MOST_OPEN, Arrival, arrivals
from luister.demo.feeds import publish
from luister.demo.plan import SEED
from luister.demo.script import Stage
from luister.demo.voices import Channels, begin, key_of
from luister.fence.scope import across_workspaces

TICK_SECONDS = 1.0
LOST_SECONDS = 5.0  # until the database is tried again

logger = logging.getLogger("luister.demo")


def run(stop: threading.Event, *, clock: Callable[[], datetime] = utc_now) -> None:
    """Let customers come and answer until `stop` is set; where there is no demo desk, do nothing."""
    traffic = Traffic()
    while not stop.wait(TICK_SECONDS):
        try:
            with across_workspaces("let the demo's customers come"):
                traffic.tick(now=clock())
        except (DatabaseError, InterfaceError) as error:
            logger.warning("traffic.database_lost", extra={"error": type(error).__name__})
            connection.close()
            stop.wait(LOST_SECONDS)
    connection.close()


class Traffic:
    """Knows who comes next; all else is in the database, so that a restart goes on where it was."""

    def __init__(self, *, seed: str = SEED) -> None:
        self._seed = seed
        self._workspace_id: int | None = None
        self._coming: Iterator[Arrival] = iter(())
        self._next: tuple[datetime, Arrival] | None = None

    @transaction.atomic
    def tick(self, *, now: datetime) -> None:
        """Let happen what is due now; of several workers one does it."""
        workspace = queries.demo_workspace() if _alone() else None
        square = queries.channel_of(workspace, kind="practice") if workspace else None
        if workspace is None or square is None:
            return
        channels = Channels(square, queries.channel_of(workspace, kind="email"))
        for reply in queries.answered_lately(workspace, now=now):
            answer(reply, channels=channels, now=now)
        self._let_come(workspace, channels, now=now)
        publish(workspace, now=now)

    def _let_come(self, workspace: Workspace, channels: Channels, *, now: datetime) -> None:
        stage = Stage(channels.square.settings.get("demo_stage", Stage.BUSY))
        if self._workspace_id != workspace.pk or self._next is None:
            self._workspace_id, self._coming = workspace.pk, arrivals(stage, seed=self._seed)
            self._next = self._plan(channels, now=now)
        due_at, arrival = self._next
        if now < due_at:
            return
        if queries.open_cases(workspace) < MOST_OPEN[stage]:
            begin(arrival.thread, by=arrival.customer, channels=channels, now=now)
        self._next = self._plan(channels, now=now)

    def _plan(self, channels: Channels, *, now: datetime) -> tuple[datetime, Arrival]:
        """Find who comes next and has not come before a restart."""
        came = queries.practice_keys("demo:")
        if channels.mailbox is not None:
            came |= queries.mail_keys(channels.mailbox, "demo:")
        arrival = next(one for one in self._coming if key_of(one.thread, 0) not in came)
        return now + arrival.gap, arrival


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_key("demo", "traffic")])
        row = cursor.fetchone()
    return bool(row and row[0])
