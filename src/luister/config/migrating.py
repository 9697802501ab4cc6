"""Bringing the tables up to date, by one process at a time, with progress."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from luister.base.ids import lock_key
from luister.config.errors import GroundError

OLDEST_POSTGRES = 15

Progress = Callable[[int, int], None]  # done, of how many


def pending() -> list[str]:
    """Return the migrations that have not been applied yet, in their order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def migrate(*, progress: Progress) -> int:
    """Apply what is pending and return how many migrations that was; a second process waits and finds nothing.

    Raises:
        GroundError: the database is older than we support, or cannot store every letter.
    """
    check_database()
    with _alone():
        done = 0

        def on_step(action: str, *_details: object) -> None:
            nonlocal done
            if action == "apply_success":
                done += 1
                progress(done, len(plan))

        executor = MigrationExecutor(connection, on_step)
        executor.loader.check_consistent_history(connection)
        targets = executor.loader.graph.leaf_nodes()
        plan = executor.migration_plan(targets)
        progress(0, len(plan))
        if plan:
            executor.migrate(targets, plan=plan)
            emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
        return len(plan)


def check_database() -> None:
    """Refuse a PostgreSQL that is too old, and a database that cannot store what people write.

    Raises:
        GroundError: it is, or it cannot.
    """
    with connection.cursor() as cursor:
        version = cursor.connection.info.server_version
        encoding = cursor.connection.info.parameter_status("server_encoding")
    if version < OLDEST_POSTGRES * 10_000:
        message = f"This database is PostgreSQL {version // 10_000}: Luister needs {OLDEST_POSTGRES} or newer."
        raise GroundError(message)
    if encoding != "UTF8":
        message = f"This database stores {encoding}: make one for Luister with “createdb -E UTF8 -T template0 luister”."
        raise GroundError(message)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock of the whole session: a migration may need transactions of its own."""
    key = lock_key("config", "migrate")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
