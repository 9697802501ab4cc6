"""Bringing the tables up to date: by one process at a time, beside others that work on, with progress."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, Final

import psycopg
from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import Error, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

from luister.base.ids import lock_key
from luister.config.errors import GroundError, LockedError
from luister.fence import policies
from luister.fence.ways import SEARCHED

OLDEST_POSTGRES = 15
# A migration that waits for a table holds up everybody who comes after it: it gives way, and tries again.
LOCK_SECONDS: Final = 2
TRIES: Final = 30
PAUSE_SECONDS: Final = 1.0
_SEARCHED_APPS: Final = frozenset(table.partition("_")[0] for table in SEARCHED)

Progress = Callable[[int, int], None]  # done, of how many

logger = logging.getLogger("luister.migrate")


def pending() -> list[str]:
    """Return the migrations that have not been applied yet, in their order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def check_tables() -> None:
    """Refuse a database whose tables are not those of this version.

    Raises:
        GroundError: they are not.
    """
    if pending():
        message = "The tables of this database are not up to date: run “luister migrate” with the same DATABASE_URL."
        raise GroundError(message)


def migrate(*, progress: Progress) -> int:
    """Apply what is pending and return how many migrations that was; a second process waits and finds nothing.

    Raises:
        GroundError: the database is older than we support, cannot store every letter, or is too busy.
        LockedError: it was brought up to date by a newer Luister.
    """
    check_database()
    with _alone():
        refuse_newer_tables()
        done = 0

        def one_more() -> None:
            nonlocal done
            done += 1
            progress(done, total)

        total = len(pending())
        progress(0, total)
        for tried in range(1, TRIES + 1):
            try:
                _apply(one_more)
                break
            except OperationalError as error:
                if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                    raise
                if tried == TRIES:
                    message = "The tables are in use without a pause: stop the workers, and try again."
                    raise GroundError(message) from error
                logger.warning("migrate.table_in_use")
                time.sleep(PAUSE_SECONDS)
        return done


def _apply(one_more: Callable[[], None]) -> None:
    """Apply what is pending, and put up the fence around workspaces.

    Raises:
        OperationalError: a table was in use for too long; what was applied stays so.
    """

    def on_step(action: str, *details: Any) -> None:
        if action == "apply_start":
            # What runs without a transaction (an index made beside the work) waits for others by its nature.
            _give_way_after(LOCK_SECONDS if details[0].atomic else 0)
        elif action == "apply_success":
            one_more()

    executor = _Executor(connection, on_step)
    executor.loader.check_consistent_history(connection)
    targets = executor.loader.graph.leaf_nodes()
    plan = executor.migration_plan(targets)
    if plan:
        try:
            executor.migrate(targets, plan=plan)
        finally:
            _give_way_after(0)
        emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
    _give_way_after(LOCK_SECONDS)
    try:
        policies.put_up()
    finally:
        _give_way_after(0)


class _Executor(MigrationExecutor):
    """Applies migrations beside a desk at work, which finds the views of tables as they were, or as they are then."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        """Apply one; those of searched tables in one transaction with their views."""
        if not migration.atomic or migration.app_label not in _SEARCHED_APPS:
            return super().apply_migration(state, migration, fake, fake_initial)
        with policies.views_apart():
            return super().apply_migration(state, migration, fake, fake_initial)


def _give_way_after(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds}s"])


def check_database() -> None:
    """Refuse a PostgreSQL that is too old, and a database that cannot store what people write.

    Raises:
        GroundError: it is, or it cannot.
    """
    with connection.cursor() as cursor:
        server = cursor.connection.info.server_version
        encoding = cursor.connection.info.parameter_status("server_encoding")
    if server < OLDEST_POSTGRES * 10_000:
        message = f"This database is PostgreSQL {server // 10_000}: Luister needs {OLDEST_POSTGRES} or newer."
        raise GroundError(message)
    if encoding != "UTF8":
        message = f"This database stores {encoding}: make one for Luister with “createdb -E UTF8 -T template0 luister”."
        raise GroundError(message)


def refuse_newer_tables() -> None:
    """Refuse to work on tables that a newer Luister made: an older one would write what that does not expect.

    Raises:
        LockedError: it did.
    """
    loader = MigrationLoader(connection)
    theirs = {config.label for config in apps.get_app_configs() if not config.name.startswith("luister.")}
    known = set(loader.disk_migrations or {})
    newer = sorted(key for key in loader.applied_migrations if key not in known and key[0] not in theirs)
    if newer:
        message = (
            f"The tables are of a newer Luister than this one, {version('luister')} ({len(newer)} steps, first "
            f"{'.'.join(newer[0])}): install that version again, or put back a backup from before the upgrade."
        )
        raise LockedError(message)


def refuse_other_tables_if_known() -> None:
    """Refuse tables that are older or newer, for workers, which also start while the database is away.

    Raises:
        GroundError: they are not those of this version.
    """
    try:
        refuse_newer_tables()
        check_tables()
    except Error:
        pass
    finally:
        connection.close()


def refuse_newer_tables_if_known() -> None:
    """Refuse newer tables, for web processes, which also start while the database is away or is brought up to date.

    Raises:
        LockedError: a newer Luister made the tables.
    """
    try:
        refuse_newer_tables()
    except Error:
        pass
    finally:
        connection.close()


@contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock of the whole session: a migration may need transactions of its own."""
    key = lock_key("config", "migrate")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            logger.warning("migrate.waiting_for_another")
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
