"""Who works here, and how they are."""

from datetime import timedelta

import pytest
from django.db import connection

from luister.schedules import queries
from tests import factories as make
from tests.factories import NOW


def execute(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def registered(*, silent=timedelta()):
    """A worker of the job library."""
    ((number,),) = execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", NOW - silent)
    return number


def report(*, silent=timedelta(), **fields):
    number = registered(silent=silent)
    return make.WorkerReportFactory(workers={"sending": {"id": number, "queues": ["sending"]}}, **fields), number


@pytest.mark.django_db
def test_staff_tells_what_each_worker_does(django_assert_num_queries):
    _, number = report()
    ((doing,),) = execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)"
        " VALUES ('sending', 'delivery.send', 'doing', %s) RETURNING id",
        number,
    )
    make.LeadershipFactory(seen_at=NOW)

    with django_assert_num_queries(4):
        found = queries.staff(now=NOW + timedelta(seconds=3))

    (worker,) = found.workers
    assert worker.is_well
    assert found.queues == {"sending"}
    assert [(job.id, job.name) for job in worker.at_work[0].jobs] == [(doing, "delivery.send")]
    assert found.leader is not None
    assert found.leader.is_well
    for _ in range(5):
        report()
    with django_assert_num_queries(4):
        assert len(queries.staff(now=NOW).workers) == 6


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("silent", "fields"),
    [
        (timedelta(minutes=1), {}),
        (timedelta(), {"seen_at": NOW - timedelta(minutes=1)}),
        (timedelta(), {"looped_at": NOW - timedelta(seconds=20)}),
        (timedelta(), {"looped_at": None}),
    ],
    ids=["heart", "silent", "blocked", "never came round"],
)
def test_staff_tells_who_is_not_well(silent, fields):
    report(silent=silent, **fields)

    found = queries.staff(now=NOW)

    assert [worker.is_well for worker in found.workers] == [False]
    assert found.queues == frozenset()
    assert found.leader is None


@pytest.mark.django_db
def test_entries_are_of_the_installation_and_of_each_workspace():
    for zone in ("Europe/Lisbon", "Asia/Kolkata"):
        make.WorkspaceFactory(time_zone=zone)
    daily = queries.entries(now=NOW)[-1].schedule
    per_workspace = type(daily)(name="report", job="x", rule=daily.rule, per_workspace=True)

    found = queries.entries(now=NOW, timetable=(daily, per_workspace))

    assert [(entry.schedule.name, entry.zone) for entry in found] == [
        ("clean-up", "Europe/Amsterdam"),
        ("report", "Europe/Lisbon"),
        ("report", "Asia/Kolkata"),
    ]
    assert {entry.next_at[0].strftime("%H:%M") for entry in found} == {"03:40"}


@pytest.mark.django_db
def test_last_runs_and_what_was_recovered_are_told():
    make.ScheduleStateFactory(name="report", workspace=None, ran_at=NOW)
    make.ScheduleStateFactory(name="report", workspace=make.WorkspaceFactory(), ran_at=NOW - timedelta(days=1))
    make.ScheduleStateFactory(name="never")
    make.RecoveredFactory(queue="sending", count=3)

    assert queries.last_runs() == {"report": NOW}
    assert queries.recovered() == {"sending": 3}
