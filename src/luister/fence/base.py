"""PostgreSQL as Django knows it, which is told with each transaction whose rows may be reached.

What is set lasts as long as its transaction (`SET LOCAL`) and goes with its first statement, so that it costs no round
trip, and holds behind a pooler that shares connections between transactions.
"""

import logging
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import psycopg
from django.db.backends.postgresql import base
from psycopg import sql
from psycopg.pq import TransactionStatus

from luister.fence.scope import NOTHING, Scope, current

logger = logging.getLogger("luister.fence")

_Cursor: Any = base.Cursor  # of which the stubs know less than there is
_Wrapper: Any = base.DatabaseWrapper

FENCED: Final = "_fenced"  # what the name of the role ends in, after that of the owner
# Since PostgreSQL 16 a member need not be one who may become it.
MAY_BECOME: Final = "CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END"
OWNER: Final = "NONE"  # the role as which we signed in

# The role, which has to find its views before the tables of their names, whatever was set for the database.
_ROLE: Final = f"""
    SELECT rolname,
           CASE WHEN position('"$user"' IN current_setting('search_path')) = 0
                THEN set_config('search_path', '"$user", ' || current_setting('search_path'), false) END
      FROM pg_roles
     WHERE rolname = session_user || %s AND pg_has_role(session_user, oid, {MAY_BECOME})
       AND NOT rolsuper AND NOT rolbypassrls AND to_regnamespace(quote_ident(rolname)) IS NOT NULL
"""  # noqa: S608 - our own words


@dataclass(slots=True)
class Told:
    """What the server knows of a connection's present transaction; None where nothing was said."""

    role: str | None = None
    workspace: str = ""
    person: str = ""


class Fence:
    """The fence of one connection: what it has to say before the next statement."""

    def __init__(self, role: str, *, always: bool) -> None:
        self._role = role
        self._always = always  # where nothing was entered: whether nothing is reached, or all, as the owner
        self._told: Told | None = None

    def forget(self) -> None:
        """Say everything again: a rollback to a savepoint undid what was said since."""
        self._told = None

    def opening(self, status: TransactionStatus) -> list[str]:
        """Return the statements that make the server show what the present scope reaches."""
        if status == TransactionStatus.INERROR:
            return []
        if status == TransactionStatus.IDLE:
            self._told = Told(None if self._always else OWNER)
        told, self._told = self._told, self._wanted()
        said = []
        if told is None or told.role != self._told.role:
            said.append(f"SET LOCAL ROLE {self._told.role}")
        if told is None or told.workspace != self._told.workspace:
            said.append(f"SET LOCAL luister.workspace TO '{self._told.workspace}'")
        if told is None or told.person != self._told.person:
            said.append(f"SET LOCAL luister.person TO '{self._told.person}'")
        return said

    def _wanted(self) -> Told:
        scope = current() or (NOTHING if self._always else Scope(across="nothing was entered"))
        numbers = ["" if number is None else str(int(number)) for number in (scope.workspace_id, scope.person_id)]
        return Told(OWNER if scope.across else self._role, *numbers)


class Cursor(_Cursor):  # type: ignore[misc]  # the stubs know psycopg 2 alone
    """A cursor that says whose rows may be reached before it asks for any."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Run a statement within the fence."""
        fence = fence_of(self.connection)
        opening = fence.opening(self.connection.info.transaction_status) if fence else []
        if not opening:
            return super().execute(query, params, **options)
        text = query.as_string(self.connection) if isinstance(query, sql.Composable) else query
        done = super().execute("; ".join([*opening, text]), params, **options)
        for _ in opening:
            self.nextset()
        return done

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        """Run a statement with each set of parameters, each within the fence."""
        if fence_of(self.connection) is None:
            super().executemany(query, params_seq, **options)
            return
        for params in params_seq:
            self.execute(query, params)


class DatabaseWrapper(_Wrapper):  # type: ignore[misc]  # the same
    """Django's connection to PostgreSQL, with the fence where an installation has it."""

    warned: ClassVar[set[str]] = set()

    def get_connection_params(self) -> dict[str, Any]:
        """Return what to connect with."""
        params: dict[str, Any] = super().get_connection_params()
        params.pop("fence", None)
        return params | {"cursor_factory": Cursor}

    def _configure_connection(self, connection: Any) -> bool:
        must_commit = bool(super()._configure_connection(connection))
        wanted = self.settings_dict["OPTIONS"].get("fence", "")
        if not wanted:
            return must_commit
        with psycopg.ClientCursor(connection) as cursor:
            found = cursor.execute(_ROLE, [FENCED]).fetchone()
            if found is None:
                if wanted == "always":  # commands are told by who asks: luister migrate makes the role
                    self._warn()
                return True
            role = sql.Identifier(found[0])
            if wanted == "always":
                cursor.execute(sql.SQL("SET ROLE {}").format(role))
        connection.fence = Fence(role.as_string(connection), always=wanted == "always")
        return True

    def _warn(self) -> None:
        name = str(self.settings_dict["NAME"])
        if name not in self.warned:
            self.warned.add(name)
            logger.warning("fence.missing")

    def chunked_cursor(self) -> Any:
        """Return a cursor that fetches in pieces: within a transaction, where what was said holds for all of them."""
        fence = fence_of(self.connection)
        if fence is None:
            return super().chunked_cursor()
        if self.get_autocommit():
            return self.cursor()
        with self.cursor() as cursor:
            cursor.execute("SELECT")
        return super().chunked_cursor()

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)
        fence = fence_of(self.connection)
        if fence is not None:
            fence.forget()


def fence_of(connection: Any) -> Fence | None:
    """Return a connection's fence, where it has one."""
    return getattr(connection, "fence", None)
