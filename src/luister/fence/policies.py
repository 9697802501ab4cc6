"""Putting up the fence in the database, as often as one likes: roles, rights, policies and views."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from django.db import DatabaseError, connection, transaction
from psycopg import sql

from luister.fence.base import FENCED
from luister.fence.ways import SEARCHED, WORKSPACE, Way, ways

POLICY: Final = "luister_fence"
MIGRATE: Final = "luister migrate"  # the remedy where nobody else is needed
_KEPT: Final = ("django_migrations",)  # only migrating writes these


@dataclass(frozen=True, slots=True)
class Standing:
    """How the fence stands: what is wrong with it, and what an administrator of the database has to run."""

    problem: str = ""
    remedy: str = ""

    @property
    def is_up(self) -> bool:
        """Whether workspaces are separated in the database too."""
        return not self.problem


def put_up() -> Standing:
    """Make role, rights, policies and views as they should be; what is so already is left alone."""
    with transaction.atomic(), connection.cursor() as cursor:
        owner, schema = _owner(cursor)
        fenced = owner + FENCED
        for way in ways():
            _protect(cursor, way)
        if not _is_there(cursor, fenced):
            return _without_role(owner)
        _grant(cursor, schema, fenced)
        _show_searched(cursor, schema, fenced)
    return Standing()


def take_views_away() -> None:
    """Drop the views, which would hold up migrations of the tables behind them; `put_up` makes them again."""
    with connection.cursor() as cursor:
        owner, _schema = _owner(cursor)
        for table in SEARCHED:
            _run(cursor, "DROP VIEW IF EXISTS {}.{}", owner + FENCED, table)


def standing() -> Standing:
    """Return how the fence stands in this database, for who asks how things are."""
    with connection.cursor() as cursor:
        owner, _schema = _owner(cursor)
        if not _may_become(cursor, owner + FENCED):
            return _without_role(owner)
        cursor.execute(
            "SELECT relname FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid"
            " WHERE polname = %s AND relrowsecurity",
            [POLICY],
        )
        known = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT to_regnamespace(quote_ident(%s)) IS NOT NULL", [owner + FENCED])
        has_views = bool(cursor.fetchone()[0])
    lacking = [way.table for way in ways() if way.table not in known] or ([] if has_views else list(SEARCHED))
    if lacking:
        return Standing(f"no policy on {', '.join(lacking[:5])}", MIGRATE)
    return Standing()


def _owner(cursor: Any) -> tuple[str, str]:
    cursor.execute("SELECT session_user, current_schema()")
    owner, schema = cursor.fetchone()
    return owner, schema


def _is_there(cursor: Any, role: str) -> bool:
    """Make the role if it is not there, and let the owner become it; whether that can be."""
    if _may_become(cursor, role):
        return True
    for text in ("CREATE ROLE {} NOLOGIN", "GRANT {} TO CURRENT_USER"):
        try:
            with transaction.atomic():
                _run(cursor, text, role)
        except DatabaseError:  # another database of this server has just made it, or the server does not let us
            continue
    return _may_become(cursor, role)


def _may_become(cursor: Any, role: str) -> bool:
    cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s AND pg_has_role(session_user, oid, 'MEMBER'))", [role]
    )
    return bool(cursor.fetchone()[0])


def _without_role(owner: str) -> Standing:
    commands = (
        sql.SQL(text).format(sql.Identifier(owner + FENCED), sql.Identifier(owner)).as_string()
        for text in ("CREATE ROLE {0} NOLOGIN;", "GRANT {0} TO {1};")
    )
    return Standing(f"the database's user {owner} may not make the role it needs", " ".join(commands))


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
    _run(cursor, "CREATE SCHEMA IF NOT EXISTS {}", fenced)
    _run(cursor, "GRANT USAGE ON SCHEMA {} TO {}", fenced, fenced)
    for table in SEARCHED:
        cursor.execute(
            sql.SQL(
                "CREATE OR REPLACE VIEW {0}.{1} AS SELECT * FROM {2}.{1} WHERE (workspace_id = {3}) IS TRUE"
                " WITH LOCAL CHECK OPTION"
            ).format(*map(sql.Identifier, (fenced, table, schema)), sql.SQL(WORKSPACE))
        )
        _run(cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON {}.{} TO {}", fenced, table, fenced)


def _run(cursor: Any, text: str, *names: str) -> None:
    cursor.execute(sql.SQL(text).format(*map(sql.Identifier, names)))
