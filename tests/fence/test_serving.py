"""Web and worker reach nothing but what they enter: what runs beside requests and jobs says what it needs."""

import threading
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from luister.accounts.models import AuditEntry
from luister.base import metrics
from luister.base.schedules import Daily, Every
from luister.config import vitals
from luister.config.backups.verify import VERIFIED
from luister.config.checks import State
from luister.config.children import wait_until
from luister.delivery import listen, poll, watch
from luister.demo import traffic
from luister.fence.scope import NOTHING, in_workspace, within
from luister.queue import job, sessions
from luister.schedules import queries, scheduler
from luister.schedules.actions import note_leading
from luister.schedules.models import ScheduleState
from luister.schedules.timetable import Schedule
from luister.webhooks import deliver
from tests.factories import NOW, WorkspaceFactory

pytestmark = [pytest.mark.usefixtures("serving"), pytest.mark.django_db(transaction=True), pytest.mark.sql]


@job("tests.fenced_tick", queue="tests")
def tick(**_told):
    """Never worked off: the test looks at what waits."""


TICK = Schedule(name="fenced-tick", job="tests.fenced_tick", rule=Every(timedelta(seconds=1)))
NIGHTLY = Schedule(
    name="fenced-night", job="tests.fenced_tick", rule=Daily(NOW.time().replace(tzinfo=None)), per_workspace=True
)


@pytest.fixture
def serving(fence, transactional_db):
    """Have every connection that is opened from now on, in threads, be one of web or worker."""
    connection.ensure_connection()  # the test's own, which reaches everything until it enters something
    options = connection.settings_dict["OPTIONS"]
    options["fence"] = "always"
    yield
    options["fence"] = "entered"
    connection.close()


def run_until(found, *loops, stop_after=15):
    """Run loops of the worker until that is found."""
    stop = threading.Event()
    threads = [threading.Thread(target=loop, args=(stop,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        return wait_until(found, seconds=stop_after)
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)


def execute(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def test_timetable_is_kept_for_the_installation_and_for_each_workspace():
    workspace = WorkspaceFactory()
    states = ScheduleState.objects.filter(name__startswith="fenced-")

    def all_there():
        waits = execute("SELECT 1 FROM procrastinate_jobs WHERE task_name = 'tests.fenced_tick'")
        return bool(waits) and set(states.values_list("workspace", flat=True)) == {None, workspace.pk}

    assert run_until(all_there, lambda stop: scheduler.run(stop, timetable=(TICK, NIGHTLY)))
    with within(NOTHING):
        assert not states.exists()
        assert "fenced-tick" in queries.last_runs()


def test_loops_of_a_worker_are_kept_from_nothing_that_they_do(caplog):
    reasons = {
        "see which channels are to be read", "find what is to be sent, and what became of what was",
        "make deliveries of what happened, and see which are due", "let the demo's customers come",
    }  # fmt: skip

    def counts():
        return {reason: metrics.across_workspaces.labels(reason)._value.get() for reason in reasons}

    before = counts()
    loops = (listen.run, poll.run, watch.run, deliver.run, traffic.run)
    assert run_until(lambda: all(count > before[reason] + 1 for reason, count in counts().items()), *loops)

    assert [record.getMessage() for record in caplog.records if record.levelname in {"WARNING", "ERROR"}] == []


def test_frozen_leader_is_ended_by_a_fenced_worker():
    with sessions.connect() as frozen, sessions.connect() as locking:
        assert sessions.try_lock(frozen, scheduler.LOCK)
        note_leading(
            host="elsewhere", pid=7, backend_pid=frozen.info.backend_pid, since=NOW, now=NOW - timedelta(days=36500)
        )
        heir = scheduler.Member((TICK,), pid=8)
        stop = threading.Event()
        thread = threading.Thread(target=take_part, args=(heir, locking, stop))
        thread.start()
        assert wait_until(lambda: heir.leads_since is not None, seconds=60)
        stop.set()
        thread.join(20)
        with pytest.raises(psycopg.OperationalError):
            frozen.execute("SELECT 1")


def take_part(member, locking, stop):
    with suppress(psycopg.Error):
        member.take_part(locking, stop)
    connection.close()


def test_status_knows_what_is_of_no_workspace():
    workspace = WorkspaceFactory()
    AuditEntry.objects.create(
        workspace=None, verb=VERIFIED, at=NOW, object_kind="backup", object_id="a.zip",
        detail={"made_at": NOW.isoformat()},
    )  # fmt: skip
    with in_workspace(workspace.pk):
        assert vitals.backup(now=NOW).state is State.OK
