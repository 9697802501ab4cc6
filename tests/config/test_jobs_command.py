"""`luister jobs` and `luister schedules`."""

import json

import pytest
from click.testing import CliRunner
from django.db import connection

from luister.base.clock import utc_now
from luister.config.cli.root import cli
from luister.config.errors import GroundError
from luister.queue import enqueue, job
from tests import factories as make

SECRET = "Mijn koffer is weg"


@job("tests.commanded", queue="tests")
def commanded(**_told):
    """Never worked off."""


@pytest.fixture(autouse=True)
def _empty(transactional_db):
    execute("DELETE FROM procrastinate_jobs")
    execute("DELETE FROM procrastinate_workers")


def execute(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def run(*arguments):
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.stdout


def told(*arguments):
    return json.loads(run(*arguments, "--json"))


def new_job(state="todo", **given):
    number = enqueue("tests.commanded", **given)
    if state != "todo":
        execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", number)
        execute(
            "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE id = %s AND status <> %s"
            "::procrastinate_job_status",
            state,
            number,
            state,
        )
    return number


def test_table_leaves_nothing_out_for_another_program():
    number = new_job(post_id=1, channel_id=2, workspace_id=3, outgoing_id=987654321)

    [line] = [line for line in run("jobs", "list").splitlines() if line.startswith(f"{number} ")]

    assert all(word in line for word in ("tests.commanded", "todo", "outgoing_id=987654321"))


def state_of(number):
    return execute("SELECT status FROM procrastinate_jobs WHERE id = %s", number)[0][0]


def test_list_and_show_tell_ids_and_never_content():
    number = new_job("failed", post_ids=[3, 4], case_id=7, is_late=True, text=SECRET, words=[SECRET])
    new_job()

    (failed,) = told("jobs", "list", "--state", "failed")["jobs"]
    shown = told("jobs", "show", str(number))

    assert failed["ids"] == {"post_ids": [3, 4], "case_id": 7, "is_late": True}
    assert (failed["id"], failed["state"], failed["queue"]) == (number, "failed", "tests")
    assert [event["what"] for event in shown["events"]] == ["deferred", "started", "failed"]
    assert {"queue": "tests", "state": "todo", "count": 1} in told("jobs", "list")["counts"]
    assert SECRET not in run("jobs", "list") + run("jobs", "show", str(number)) + json.dumps(shown)


def test_retry_runs_a_job_again_that_failed_or_waits():
    failed, waiting = new_job("failed"), new_job()
    execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 day' WHERE id = %s", waiting)

    for number in (failed, waiting):
        run("jobs", "retry", str(number))

    assert execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'") == [(2,)]
    assert execute("SELECT count(*) FROM procrastinate_jobs WHERE scheduled_at > now()") == [(0,)]


@pytest.mark.parametrize(
    ("verb", "state", "says"),
    [
        ("retry", "doing", "is doing: only one that failed or waits"),
        ("retry", "succeeded", "is succeeded"),
        ("cancel", "doing", "only one that waits can be cancelled"),
    ],
)
def test_jobs_are_not_moved_from_other_states(verb, state, says):
    number = new_job(state)

    with pytest.raises(GroundError, match=says):
        run("jobs", verb, str(number))

    assert state_of(number) == state


@pytest.mark.parametrize("verb", ["show", "retry", "cancel"])
def test_job_that_is_not_there_is_named(verb):
    with pytest.raises(GroundError, match="There is no job 987654"):
        run("jobs", verb, "987654")


def test_cancel_keeps_a_job_from_being_done():
    number = new_job()

    run("jobs", "cancel", str(number))

    assert state_of(number) == "cancelled"


def test_purge_removes_what_has_ended_and_nothing_else():
    kept, doing = new_job(), new_job("doing")
    for state in ("failed", "succeeded"):
        new_job(state)
    assert told("jobs", "purge")["count"] == 0  # they ended today

    assert told("jobs", "purge", "--older-than", "0", "--state", "failed")["count"] == 1
    assert told("jobs", "purge", "--older-than", "0")["count"] == 1

    assert {number for (number,) in execute("SELECT id FROM procrastinate_jobs")} == {kept, doing}


def test_stalled_lists_recovers_and_counts():
    number = new_job("doing")
    (listed,) = told("jobs", "stalled")["jobs"]
    assert listed["id"] == number

    found = told("jobs", "stalled", "--recover")

    assert (found["recovered_now"], found["recovered_ever"]) == (1, {"tests": 1})
    assert state_of(number) == "todo"
    assert "None: every job" in run("jobs", "stalled")
    assert "tests: 1" in run("jobs", "stalled")


def test_schedules_tell_when_they_run_by_local_clocks():
    make.ScheduleStateFactory(name="clean-up", ran_at=utc_now(), due_at=utc_now(), was_late=True, job_id=3)

    found = {one["name"]: one for one in told("schedules")["schedules"]}

    assert found["clean-up"]["rule"] == "every day at 03:40"
    assert all("T03:40:00+0" in due for due in found["clean-up"]["next_at"])
    assert found["clean-up"]["was_late"]
    assert found["wake-snoozed"]["rule"] == "every 5 seconds"
    assert found["remove-finished-jobs"]["rule"] == "every hour, 23 minutes after"
    assert "Nobody keeps the timetable yet" in run("schedules")
    make.LeadershipFactory(seen_at=utc_now())
    assert "The timetable is kept by process 1000 on worker.example." in run("schedules")
