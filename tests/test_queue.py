"""The door to the job library: transactional, and nothing stays stuck."""

import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from luister import queue
from luister.queue import (
    Deferred,
    UnknownJobError,
    collecting,
    enqueue,
    enqueue_all,
    job,
    job_names,
    recover_stalled,
    sessions,
    without_waiting_job,
)

DONE = []


@job("tests.note")
def note(number):
    DONE.append(number)


@job("tests.enqueue_and_fail", retry=False)
def enqueue_and_fail(number):
    """A job that defers another in a transaction which is rolled back."""
    with transaction.atomic():
        enqueue("tests.note", number=number)
        transaction.set_rollback(True)
    DONE.append("failed")


@job("tests.send", queue=queue.SENDING)
def send(number):
    DONE.append(number)


@pytest.fixture(autouse=True)
def _empty(request):
    DONE.clear()
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db")
        execute("DELETE FROM procrastinate_periodic_defers")
        execute("DELETE FROM procrastinate_jobs")
        execute("DELETE FROM procrastinate_workers")


def execute(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def waiting(name):
    return [
        args
        for (args,) in execute("SELECT args->>'number' FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", name)
    ]


def worked(numbers, *, seconds=20.0):
    """Run a worker until these jobs are done."""
    stop = threading.Event()
    thread = threading.Thread(target=queue.run_worker, args=(stop,), kwargs={"sending": 2, "intake": 1, "others": 2})
    thread.start()
    ends_at = time.monotonic() + seconds
    while not set(numbers) <= set(DONE) and time.monotonic() < ends_at:
        time.sleep(0.02)
    stop.set()
    thread.join(20)
    assert set(numbers) <= set(DONE)


def test_every_job_has_a_name_of_its_app():
    assert {"delivery.send", "delivery.process_raw", "queue.remove_finished"} <= job_names()


def test_enqueue_of_an_unknown_name_says_so():
    with pytest.raises(UnknownJobError):
        enqueue("delivery.nothing")


@pytest.mark.django_db(transaction=True)
def test_enqueue_fails_as_every_statement_does_while_the_database_is_away():
    connection.ensure_connection()
    with psycopg.connect(**sessions.address(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

    with pytest.raises(OperationalError):
        enqueue("tests.note", number=1)
    connection.close()

    assert waiting("tests.note") == []


@pytest.mark.django_db(transaction=True)
def test_enqueue_is_part_of_the_transaction():
    with transaction.atomic():
        enqueue("tests.note", number=1)
        transaction.set_rollback(True)
    enqueue("tests.note", number=2)

    assert waiting("tests.note") == ["2"]


@pytest.mark.django_db(transaction=True)
def test_enqueue_all_defers_in_one_statement(django_assert_num_queries):
    at = datetime(2026, 3, 2, tzinfo=UTC)

    with django_assert_num_queries(1):
        assert len(enqueue_all("tests.note", [{"number": n} for n in range(50)], at=at)) == 50

    assert enqueue_all("tests.note", []) == []
    assert {moment for (moment,) in execute("SELECT scheduled_at FROM procrastinate_jobs")} == {at}


@pytest.mark.django_db(transaction=True)
def test_worker_works_off_what_waits_and_what_comes():
    enqueue("tests.note", number=1)
    enqueue("tests.send", number=2)
    enqueue("tests.send", number=3, at=datetime.now(tz=UTC) + timedelta(seconds=1))  # noqa: TID251

    worked({1, 2, 3})


@pytest.mark.django_db(transaction=True)
def test_enqueue_within_a_worker_is_part_of_the_transaction_too():
    enqueue("tests.enqueue_and_fail", number=9)

    worked({"failed"})

    assert waiting("tests.note") == []


@pytest.mark.django_db(transaction=True)
def test_worker_goes_on_when_the_database_was_away():
    ((ours,),) = execute("SELECT pg_backend_pid()")

    def interrupt():
        time.sleep(1)
        execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid NOT IN (%s, pg_backend_pid()) AND datname = current_database()",
            ours,
        )
        enqueue("tests.note", number=1)
        connection.close()

    thread = threading.Thread(target=interrupt)
    thread.start()
    worked({1})
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_worker_registers_anew_when_it_was_forgotten(settings):
    """The library's heart must be listened to: one that stops ends its worker, which is then replaced."""
    settings.LUISTER_HEARTBEAT_SECONDS = 0.2
    stop = threading.Event()
    thread = threading.Thread(target=queue.run_worker, args=(stop,), kwargs={"sending": 1, "intake": 1, "others": 1})
    thread.start()
    try:
        before = until(lambda: registered() if len(registered()) == 3 else None)
        execute("DELETE FROM procrastinate_workers")
        until(lambda: len(registered()) == 3 and not registered() & before)
    finally:
        stop.set()
        thread.join(20)

    assert queue.vitals().hearts == {}


def registered():
    return {worker for (worker,) in execute("SELECT id FROM procrastinate_workers")}


def until(condition, *, seconds=20.0):
    ends_at = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < ends_at
        time.sleep(0.02)
    return found


# Workers that died


def stalled(*, attempts=0, silent_for="1 hour", name="tests.note", lock=None):
    """A job that a worker was doing when it died."""
    ((worker,),) = execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id", silent_for
    )
    enqueue(name, number=attempts)
    execute(
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s, queueing_lock = %s"
        " WHERE id = (SELECT max(id) FROM procrastinate_jobs)",
        worker,
        attempts,
        lock,
    )
    return worker


def states():
    return [state for (state,) in execute("SELECT status FROM procrastinate_jobs ORDER BY id")]


@pytest.mark.django_db(transaction=True)
def test_recover_stalled_puts_jobs_of_dead_workers_back():
    stalled()
    stalled(silent_for="1 second")

    assert recover_stalled() == {"default": 1}
    assert states() == ["todo", "doing"]
    assert recover_stalled() == {}


@pytest.mark.django_db(transaction=True)
def test_recover_stalled_finds_the_jobs_of_forgotten_workers():
    worker = stalled(silent_for="0 seconds")
    execute("DELETE FROM procrastinate_workers WHERE id = %s", worker)

    assert recover_stalled() == {"default": 1}


@pytest.mark.django_db(transaction=True)
def test_recover_stalled_gives_up_a_job_under_which_workers_keep_dying():
    stalled(attempts=queue.MOST_DEATHS)

    recover_stalled()

    assert states() == ["failed"]


@pytest.mark.django_db(transaction=True)
def test_recover_stalled_lets_the_successor_of_a_job_with_a_lock_do_its_work():
    stalled(lock="queue.remove_finished", name="tests.note")
    enqueue("tests.note", number=2)
    execute("UPDATE procrastinate_jobs SET queueing_lock = 'queue.remove_finished' WHERE status = 'todo'")

    recover_stalled()

    assert states() == ["failed", "todo"]


@pytest.mark.django_db(transaction=True)
def test_remove_finished_keeps_what_ended_today():
    for number in range(3):
        enqueue("tests.note", number=number)
    execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE args->>'number' < '2'")
    execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE args->>'number' < '2'")
    execute(
        "UPDATE procrastinate_events SET at = now() - interval '25 hours'"
        " WHERE job_id = (SELECT min(id) FROM procrastinate_jobs)"
    )

    queue.remove_finished()

    assert waiting("tests.note") == ["1", "2"]


@pytest.mark.django_db(transaction=True)
def test_without_waiting_job_names_those_that_nothing_waits_for():
    enqueue("tests.note", number=1)
    enqueue("tests.send", number=2)

    assert without_waiting_job("tests.note", argument="number", values=[1, 2, 3]) == {2, 3}


# For who does the work at once


@pytest.mark.django_db(transaction=True)
def test_collecting_keeps_jobs_from_being_deferred():
    with collecting() as deferred:
        enqueue("pipeline.run", post_id=7)
        enqueue_all("pipeline.run", [{"post_id": 8}, {"post_id": 9}])

    assert deferred == [Deferred("pipeline.run", {"post_id": number}) for number in (7, 8, 9)]
    assert states() == []


@pytest.mark.django_db(transaction=True)
def test_collecting_ends_with_its_block():
    with pytest.raises(ZeroDivisionError), collecting():
        raise ZeroDivisionError

    enqueue("pipeline.run", post_id=7)

    assert states() == ["todo"]


@pytest.mark.django_db(transaction=True)
def test_collecting_still_knows_which_jobs_there_are():
    with collecting(), pytest.raises(UnknownJobError):
        enqueue("nobody.does_this")
