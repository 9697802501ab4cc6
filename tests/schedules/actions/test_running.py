"""Running what is due: once, whoever does it and however late."""

import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from luister.accounts.models import Workspace
from luister.base.schedules import Daily, Every
from luister.queue import PERIODIC, job, job_names
from luister.schedules.actions import run_due
from luister.schedules.models import ScheduleState
from luister.schedules.timetable import TIMETABLE, Schedule, nightly
from tests import factories as make

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOURLY = timedelta(hours=1)


@job("tests.report", queue="tests")
def report(due_at, is_late, workspace_id=None):
    """Never worked off: the tests look at what waits."""


REPORT = Schedule(name="report", job="tests.report", rule=Daily(time(8)), grace=timedelta(hours=6), each=True)
LATEST = Schedule(name="latest", job="tests.report", rule=Every(HOURLY))


@pytest.fixture(autouse=True)
def _empty(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def at(text, *, zone=AMSTERDAM):
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone).astimezone(UTC)


def run(schedule, now, *, zone=AMSTERDAM, workspace_id=None):
    return run_due(schedule, workspace_id=workspace_id, zone=zone, now=now)


def deferred():
    """The due moments of the jobs that wait, by Amsterdam's clocks, with a mark where they are late."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'due_at', args->>'is_late' FROM procrastinate_jobs ORDER BY id")
        return [
            datetime.fromisoformat(due).astimezone(AMSTERDAM).strftime("%d %H:%M") + " late" * (late == "true")
            for due, late in cursor.fetchall()
        ]


def work_off():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")


def test_jobs_of_the_timetable_exist_and_names_are_given_once():
    assert {schedule.job for schedule in TIMETABLE} <= job_names()
    assert len({schedule.name for schedule in TIMETABLE}) == len(TIMETABLE)


def test_every_periodic_job_is_in_the_timetable():
    periodic = {name for name, task in app.tasks.items() if task.queue == PERIODIC}

    assert periodic <= {schedule.job for schedule in (*TIMETABLE, *nightly(time(2, 30)))}


def test_run_due_begins_with_the_next_moment_and_runs_each_once():
    run(REPORT, at("11-20 12:00"))
    assert run(REPORT, at("11-21 07:59:59")) == at("11-21 08:00")
    assert deferred() == []

    for second in range(5):
        assert run(REPORT, at(f"11-21 08:00:0{second}")) == at("11-22 08:00")
    run(REPORT, at("11-22 08:00:01"))

    assert deferred() == ["21 08:00", "22 08:00"]


def test_run_due_by_the_clocks_of_a_workspace():
    schedule = Schedule(name="report", job="tests.report", rule=Daily(time(8)), per_workspace=True)
    lisbon, kolkata = make.WorkspaceFactory().pk, make.WorkspaceFactory().pk
    zones = {lisbon: ZoneInfo("Europe/Lisbon"), kolkata: ZoneInfo("Asia/Kolkata")}
    for now in (at("11-20 12:00"), at("11-21 12:00")):
        for workspace_id, zone in zones.items():
            run(schedule, now, zone=zone, workspace_id=workspace_id)

    assert sorted(deferred()) == ["21 03:30 late", "21 09:00 late"]
    Workspace.objects.filter(pk=lisbon).delete()
    assert ScheduleState.objects.count() == 1


def test_run_due_after_hours_away_runs_what_is_still_useful_late_and_skips_the_rest(caplog):
    """Away for three hours, over five due times."""
    schedules = [
        Schedule(name=f"at-{hour}", job="tests.report", rule=Daily(hour), grace=timedelta(hours=2), each=True)
        for hour in (time(8), time(8, 30), time(9, 15), time(10), time(10, 59, 30))
    ]
    for schedule in schedules:
        run(schedule, at("11-21 07:59"))

    for _ in range(2):
        for schedule in schedules:
            run(schedule, at("11-21 11:00"))

    assert deferred() == ["21 09:15 late", "21 10:00 late", "21 10:59"]
    skipped = [(one.schedule, one.due_at) for one in caplog.records if one.message == "schedule.skipped"]
    assert skipped == [("at-08:00:00", "2026-11-21T07:00:00+00:00"), ("at-08:30:00", "2026-11-21T07:30:00+00:00")]
    assert ScheduleState.objects.exclude(skipped_at=None).count() == 2


def test_run_due_of_several_that_were_missed():
    each = Schedule(name="each", job="tests.report", rule=Every(HOURLY), grace=timedelta(hours=2), each=True)
    for schedule in (LATEST, each):
        run(schedule, at("11-21 07:30"))

    run(LATEST, at("11-21 10:30"))
    assert deferred() == ["21 10:00 late"]
    run(each, at("11-21 10:30"))

    assert deferred() == ["21 10:00 late", "21 09:00 late", "21 10:00 late"]


def test_run_due_leaves_a_job_that_still_waits_to_do_the_work():
    for hour in ("07:30", "08:00", "09:00"):
        run(LATEST, at(f"11-21 {hour}"))
    assert deferred() == ["21 08:00"]

    work_off()
    run(LATEST, at("11-21 10:00"))

    assert deferred() == ["21 08:00", "21 10:00"]


def test_run_due_when_the_clock_went_back_does_not_run_again():
    for moment in ("10-25 01:00", "10-25 02:31", "10-25 02:00", "10-25 02:35"):
        run(Schedule(name="night", job="tests.report", rule=Daily(time(2, 30))), at(moment))

    assert len(deferred()) == 1


def test_run_due_by_four_at_once_runs_each_once():
    """Four processes that all believe that they lead."""
    run(REPORT, at("11-20 12:00"))
    barrier = threading.Barrier(4)

    def lead():
        barrier.wait(10)
        for minute in range(20):
            run(REPORT, at("11-21 07:55") + timedelta(minutes=minute))
        connection.close()

    threads = [threading.Thread(target=lead) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(deferred()) == 1


def test_run_due_is_undone_with_its_claim(monkeypatch):
    run(REPORT, at("11-20 12:00"))
    monkeypatch.setattr(ScheduleState, "save", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(REPORT, at("11-21 08:00"))
    monkeypatch.undo()
    assert deferred() == []

    run(REPORT, at("11-21 08:00:30"))

    assert deferred() == ["21 08:00"]


def test_schedule_that_runs_each_needs_a_grace():
    with pytest.raises(ValueError, match="needs a grace"):
        Schedule(name="report", job="tests.report", rule=Daily(time(8)), each=True)
