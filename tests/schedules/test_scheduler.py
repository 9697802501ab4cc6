"""Who keeps the timetable: one at a time, and soon another when that one dies, is cut off or freezes."""

import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection

from luister.base.schedules import Every
from luister.queue import job, sessions
from luister.schedules import queries, scheduler
from luister.schedules.models import Leadership, ScheduleState, WorkerReport
from luister.schedules.scheduler import Member
from luister.schedules.timetable import Schedule

SECOND = timedelta(seconds=1)
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@job("tests.tick", queue="tests")
def tick(**_told):
    """Never worked off: the tests look at what waits."""


TICK = Schedule(name="tick", job="tests.tick", rule=Every(SECOND), grace=timedelta(hours=1), each=True)


@pytest.fixture(autouse=True)
def _empty(transactional_db):
    execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def pair():
    """Two members, each with its connection."""
    with sessions.connect() as one, sessions.connect() as other:
        yield (Member((TICK,), pid=1), one), (Member((TICK,), pid=2), other)


def execute(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def ticks():
    return [due for (due,) in execute("SELECT args->>'due_at' FROM procrastinate_jobs ORDER BY id")]


def look_round(*members, seconds):
    for member, locking in members:
        member.look_round(locking, now=NOW + seconds * SECOND)


def until(condition, *, seconds=15.0):
    ends_at = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < ends_at
        time.sleep(0.02)
    return found


def until_gone(backend):
    """Wait until a session has ended, and with it its lock: the server takes its own time for that."""
    until(lambda: not execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", backend))


def test_one_leads_and_the_other_takes_over_when_it_is_gone(pair):
    for second in range(4):
        look_round(*pair, seconds=second)
    assert Leadership.objects.get().pid == 1
    assert len(ticks()) == len(set(ticks())) > 0

    (_, dying), heir = pair
    backend = dying.info.backend_pid
    dying.close()
    until_gone(backend)
    look_round(heir, seconds=5)
    look_round(heir, seconds=6)

    assert Leadership.objects.get().pid == 2
    assert ticks()[-1] == (NOW + 6 * SECOND).isoformat()
    assert len(ticks()) == len(set(ticks()))


def test_frozen_leader_is_ended_and_does_no_harm_when_it_wakes_up(pair):
    (frozen, its_connection), heir = pair
    for second in range(3):
        look_round(*pair, seconds=second)

    for second in range(3, 30):
        look_round(heir, seconds=second)
    until_gone(its_connection.info.backend_pid)
    look_round(heir, seconds=30)
    assert Leadership.objects.get().pid == 2
    before = ticks()

    frozen._run_due(now=NOW + 3 * SECOND)  # amid which it was frozen
    assert ticks() == before
    with pytest.raises(psycopg.OperationalError):
        its_connection.execute("SELECT 1")


def test_leader_that_moves_is_left_alone(pair):
    for second in range(0, 60, 4):
        look_round(*pair, seconds=second)

    assert Leadership.objects.get().pid == 1


def test_reports_of_the_dead_are_forgotten_in_the_end(pair):
    look_round(*pair, seconds=0)
    assert WorkerReport.objects.count() == 2

    look_round(pair[0], seconds=3 * 3600)

    assert WorkerReport.objects.get().pid == 1


def test_schedule_that_stumbles_leaves_the_others_alone(pair, caplog):
    (member, locking), _ = pair
    member.timetable = (Schedule(name="broken", job="nobody.does_this", rule=Every(SECOND)), TICK)
    for second in range(4):
        member.look_round(locking, now=NOW + second * SECOND)

    assert ticks()
    assert [one.schedule for one in caplog.records if one.message == "schedule.stumbled"] == ["broken"]


def test_run_goes_on_when_its_connections_are_cut():
    """Three at once; whoever leads is cut off, again and again."""
    stop = threading.Event()
    threads = [threading.Thread(target=scheduler.run, args=(stop,), kwargs={"timetable": (TICK,)}) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            since = until(lambda: Leadership.objects.values_list("backend_pid", flat=True).first())
            execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'luister scheduler' AND datname = current_database()"
            )
            until(lambda since=since: Leadership.objects.exclude(backend_pid=since).exists())
        handled = ScheduleState.objects.get().handled_until
        until(lambda: ScheduleState.objects.get().handled_until > handled + 2 * SECOND)
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)

    due = [datetime.fromisoformat(moment) for moment in ticks()]
    assert due == [due[0] + number * SECOND for number in range(len(due))]
    assert not WorkerReport.objects.exists()
    assert queries.staff(now=NOW).leader is not None
