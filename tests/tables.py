"""Emptying the database after a test that commits, which Django's flush takes half a second for."""

from functools import cache

from django.db import connection, transaction

KEPT = {"django_migrations", "django_content_type", "auth_permission"}  # filled once; what they say never changes

NO_KEYS = """
    SELECT set_config('session_replication_role', 'replica', true)
    WHERE current_setting('is_superuser') = 'on'
"""


@cache
def _tables() -> list[str]:
    """Return all tables: those of our models, of jobs and of the cache."""
    names = connection.introspection.table_names()
    return [connection.ops.quote_name(name) for name in names if name not in KEPT]


def empty_tables() -> None:
    """Delete every row, after whoever still writes has ended.

    Django truncates all tables, be they empty, and fills the tables of permissions again. Here only tables that have
    rows are touched, and a superuser, as which the tests run, checks no keys.
    """
    tables = _tables()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in tables))
        filled = [table for (table,) in cursor.fetchall()]
        cursor.execute(NO_KEYS)
        for table in filled:
            cursor.execute(f"DELETE FROM {table}")
