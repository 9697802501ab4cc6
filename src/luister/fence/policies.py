"""Putting up the fence in the database, as often as one likes: roles, rights, policies and views."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import DatabaseError, connection, transaction
from psycopg import sql

from luister.fence.base import FENCED, MAY_BECOME
from luister.fence.ways import SEARCHED, WORKSPACE, Way, ways

POLICY: Final = "luister_fence"
_KEPT: Final = ("django_migrations",)  # only migrating writes these


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the fence stands: the tables that lack a policy or a view, or what the database's user may not make."""

    lacking: tuple[str, ...] = ()
    user: str = ""
    commands: str = ""  # what an administrator of the database runs, in SQL

    @property
    def is_up(self) -> bool:
        """Whether workspaces are separated in the database too."""
        return not (self.lacking or self.user)


def put_up() -> Standing:
    """Make role, rights, policies and views as they should be; what is so already is left alone.

    A table at a time, so that a desk at work never waits for many of them; new ones are granted when all are protected.
    """
    for way in ways():
        with transaction.atomic(), connection.cursor() as cursor:
            _protect(cursor, way)
    with transaction.atomic(), connection.cursor() as cursor:
        owner, schema = _owner(cursor)
        fenced = owner + FENCED
        _make(cursor, fenced)
        if commands := _lacking(cursor, owner):
            return Standing(user=owner, commands=commands)
        _grant(cursor, schema, fenced)
        _show_searched(cursor, schema, fenced)
    return Standing()


@contextmanager
def views_apart() -> Iterator[None]:
    """Let tables that views show be changed: these are away within the block, a transaction, and nobody misses them.

    Who reads through one meanwhile waits, as for the table itself.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        owner, schema = _owner(cursor)
        fenced = owner + FENCED
        has_views = _has_schema(cursor, fenced)
        if has_views:
            for table in SEARCHED:
                _run(cursor, "DROP VIEW IF EXISTS {}.{}", fenced, table)
        yield
        if has_views:
            _show_searched(cursor, schema, fenced)


def standing() -> Standing:
    """Return how the fence stands in this database, for who asks how things are."""
    with connection.cursor() as cursor:
        owner, _schema = _owner(cursor)
        if commands := _lacking(cursor, owner):
            return Standing(user=owner, commands=commands)
        cursor.execute(
            "SELECT relname FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid"
            " WHERE polname = %s AND relrowsecurity",
            [POLICY],
        )
        known = {name for (name,) in cursor.fetchall()}
        has_views = _has_schema(cursor, owner + FENCED)
    lacking = [way.table for way in ways() if way.table not in known] or ([] if has_views else SEARCHED)
    return Standing(lacking=tuple(lacking))


def _owner(cursor: Any) -> tuple[str, str]:
    cursor.execute("SELECT session_user, current_schema()")
    owner, schema = cursor.fetchone()
    return owner, schema


def _make(cursor: Any, role: str) -> None:
    """Make the role if it is not there, and let the owner become it, as far as the server lets us."""
    for text in ("CREATE ROLE {} NOLOGIN", "GRANT {} TO CURRENT_USER"):
        if _may_become(cursor, role):
            return
        try:
            with transaction.atomic():
                _run(cursor, text, role)
        except DatabaseError:  # another database of this server has just made it, or the server does not let us
            continue


def _may_become(cursor: Any, role: str) -> bool:
    having = f"pg_has_role(session_user, oid, {MAY_BECOME})"
    cursor.execute(f"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s AND {having})", [role])  # noqa: S608 - ours
    return bool(cursor.fetchone()[0])


def _has_schema(cursor: Any, fenced: str) -> bool:
    cursor.execute("SELECT to_regnamespace(quote_ident(%s)) IS NOT NULL", [fenced])
    return bool(cursor.fetchone()[0])


def _lacking(cursor: Any, owner: str) -> str:
    """Return in SQL what only an administrator of the database can make, or nothing."""
    wanted = []
    if not _may_become(cursor, owner + FENCED):
        wanted += ["CREATE ROLE {0} NOLOGIN;", "GRANT {0} TO {1};"]
    cursor.execute("SELECT has_database_privilege(session_user, current_database(), 'CREATE')")
    if not cursor.fetchone()[0] and not _has_schema(cursor, owner + FENCED):
        wanted.append("CREATE SCHEMA {0} AUTHORIZATION {1};")
    names = [sql.Identifier(owner + FENCED), sql.Identifier(owner)]
    return " ".join(sql.SQL(text).format(*names).as_string() for text in wanted)


def _grant(cursor: Any, schema: str, role: str) -> None:
    _run(cursor, "GRANT USAGE ON SCHEMA {} TO {}", schema, role)
    _run(cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {} TO {}", schema, role)
    _run(cursor, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}", schema, role)
    for table in _KEPT:
        _run(cursor, "REVOKE INSERT, UPDATE, DELETE ON {} FROM {}", table, role)
    for table in SEARCHED:
        _run(cursor, "REVOKE ALL ON {}.{} FROM {}", schema, table, role)


def _protect(cursor: Any, way: Way) -> None:
    """Put the policy on a table, unless it has it already: to change one waits for everybody who uses the table.

    The policy names no role, so that a dump can be loaded where the role has another name, or is not there yet.
    """
    mark = hashlib.sha256(way.condition.encode()).hexdigest()
    cursor.execute(
        "SELECT obj_description(pg_policy.oid, 'pg_policy') FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid"
        " WHERE polrelid = %s::regclass AND polname = %s AND relrowsecurity",
        [way.table, POLICY],
    )
    if cursor.fetchone() == (mark,):
        return
    _run(cursor, "DROP POLICY IF EXISTS {} ON {}", POLICY, way.table)
    names = [sql.Identifier(POLICY), sql.Identifier(way.table)]
    cursor.execute(sql.SQL("CREATE POLICY {} ON {} USING ({})").format(*names, sql.SQL(way.condition)))
    _run(cursor, "ALTER TABLE {} ENABLE ROW LEVEL SECURITY", way.table)
    cursor.execute(sql.SQL("COMMENT ON POLICY {} ON {} IS {}").format(*names, sql.Literal(mark)))


def _show_searched(cursor: Any, schema: str, fenced: str) -> None:
    """Make the views through which searched tables are reached.

    They stand in a schema that is called as the role, where PostgreSQL looks first ("$user"). IS TRUE keeps the fence
    away from indexes: which one is asked is decided where the search is written.
    """
    if not _has_schema(cursor, fenced):  # IF NOT EXISTS would ask for the right to make it all the same
        _run(cursor, "CREATE SCHEMA {}", fenced)
    _run(cursor, "GRANT USAGE ON SCHEMA {} TO {}", fenced, fenced)
    for table in SEARCHED:
        _show(cursor, schema, fenced, table)


def _show(cursor: Any, schema: str, fenced: str, table: str) -> None:
    """Make a table's view, unless it stands: to change one waits for everybody who reads through it."""
    cursor.execute(
        _VIEW, {"table": sql.Identifier(schema, table).as_string(), "view": sql.Identifier(fenced, table).as_string()}
    )
    columns, known = cursor.fetchone()
    mark = hashlib.sha256(f"{columns} {WORKSPACE}".encode()).hexdigest()
    if columns is None or mark == known:
        return  # before the migration that makes the table there is nothing to show
    names = [sql.Identifier(fenced, table), sql.Identifier(schema, table)]
    _run(cursor, "DROP VIEW IF EXISTS {}.{}", fenced, table)
    cursor.execute(
        sql.SQL("CREATE VIEW {} AS SELECT * FROM {} WHERE (workspace_id = {}) IS TRUE WITH LOCAL CHECK OPTION").format(
            *names, sql.SQL(WORKSPACE)
        )
    )
    cursor.execute(sql.SQL("COMMENT ON VIEW {} IS {}").format(names[0], sql.Literal(mark)))
    _run(cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON {}.{} TO {}", fenced, table, fenced)


# The columns of a table, and what its view was marked with.
_VIEW: Final = """
    SELECT (SELECT string_agg(format('%%I %%s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
              FROM pg_attribute WHERE attrelid = to_regclass(%(table)s) AND attnum > 0 AND NOT attisdropped),
           (SELECT obj_description(to_regclass(%(view)s), 'pg_class'))
"""


def _run(cursor: Any, text: str, *names: str) -> None:
    cursor.execute(sql.SQL(text).format(*map(sql.Identifier, names)))
