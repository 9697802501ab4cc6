"""Migrating: one process at a time, giving way to who works, and never under a newer Luister's tables."""

import threading
import time

import psycopg
import pytest
from django.db import connection

from luister.base.ids import lock_key
from luister.config import migrating
from luister.config.errors import GroundError, LockedError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sql]


def quiet(_done, _total):
    """Show nothing."""


def migrate_beside(done):
    """Begin to migrate in a thread of its own."""

    def run():
        try:
            done.append(migrating.migrate(progress=quiet))
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def until(condition, *, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def one_pending():
    """Undo the migration that brought the lock on what leaves."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_workspace DROP outbound_locked_at, DROP restored_from_at")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'accounts' AND name = '0004_outbound_lock'")
    yield
    assert migrating.pending() == []


def test_second_process_waits_and_says_so(database_url, caplog):
    done = []
    with psycopg.connect(database_url, autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(%s)", [lock_key("config", "migrate")])
        second = migrate_beside(done)
        until(lambda: "migrate.waiting_for_another" in caplog.text)
        assert done == []
    second.join(30)

    assert done == [0]


def test_migration_gives_way_to_who_works_and_tries_again(database_url, one_pending, caplog, monkeypatch):
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 1)
    monkeypatch.setattr(migrating, "PAUSE_SECONDS", 0.1)
    done = []
    with psycopg.connect(database_url) as busy, psycopg.connect(database_url, autocommit=True) as other:
        busy.execute("SELECT count(*) FROM accounts_workspace")
        migration = migrate_beside(done)
        until(lambda: "migrate.table_in_use" in caplog.text)
        assert other.execute("SELECT count(*) FROM accounts_workspace").fetchone() == (0,)
        busy.rollback()
        migration.join(30)

    assert done == [1]


def test_migration_gives_up_with_a_sentence(database_url, one_pending, monkeypatch):
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 1)
    monkeypatch.setattr(migrating, "TRIES", 1)
    with psycopg.connect(database_url) as busy:
        busy.execute("SELECT count(*) FROM accounts_workspace")
        with pytest.raises(GroundError, match="in use without a pause"):
            migrating.migrate(progress=quiet)

    assert migrating.migrate(progress=quiet) == 1


def test_older_luister_refuses_newer_tables():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES"
            " ('inbox', '0999_later', now()), ('tulips', '0001_first', now()), ('auth', '0099_theirs', now())"
        )
    try:
        for refuses in (lambda: migrating.migrate(progress=quiet), migrating.refuse_newer_tables_if_known):
            with pytest.raises(LockedError, match=r"newer Luister .* \(2 steps, first inbox\.0999_later\)"):
                refuses()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name IN ('0999_later', '0001_first', '0099_theirs')"
                           " AND app IN ('inbox', 'tulips', 'auth')")  # fmt: skip
