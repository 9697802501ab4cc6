"""PostgreSQL as Django knows it, for web processes: a page finds out within seconds that the database is away."""

import time
from collections.abc import Callable
from typing import Any, ClassVar, Final

import psycopg
from psycopg import errors
from psycopg_pool import ConnectionPool

from luister.config.reach.signs import Signs
from luister.fence import base

AWAY: Final = "The database cannot be reached."


class Watched(psycopg.Connection[Any]):
    """A connection on which statements take as long as they need, for as long as the database is there."""

    signs: ClassVar[Signs]
    address: Callable[[], dict[str, Any]]

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> "Watched":
        """Connect; who gets no answer has found that the database is away."""
        began_at = time.monotonic()
        try:
            return super().connect(conninfo, **options)
        except errors.ConnectionTimeout:
            if not cls.signs.is_heard(since=began_at):
                cls.signs.lose()
            raise

    def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
        """Wait until a statement is answered.

        Raises:
            psycopg.OperationalError: the database is away. The connection is closed.
        """
        answer = super().wait(self._attend(gen), *arguments, **options)
        self.signs.hear()
        return answer

    def _attend(self, gen: Any) -> Any:
        """Pass on what psycopg says to a statement; several times a second that is that nothing came."""
        began_at = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and not self.signs.is_there(type(self).address, since=began_at):
                    self.close()
                    raise psycopg.OperationalError(AWAY)
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection to PostgreSQL, out of a pool on which no page waits in vain."""

    _signs: ClassVar[dict[str, Signs]] = {}

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        options = settings_dict["OPTIONS"].get("pool")
        if options and "connection_class" not in options:
            known = {"signs": self.signs, "address": staticmethod(self._address)}
            options["connection_class"] = type("Watched", (Watched,), known)
            options["reconnect_failed"] = lambda _pool: self.signs.lose_if_silent()

    @property
    def signs(self) -> Signs:
        """What is known of the database that all connections of this name lead to."""
        return self._signs.setdefault(self.alias, Signs(self._release))

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that works.

        Raises:
            psycopg.OperationalError: there is none, as the database is away or all are in use.
        """
        if self.pool is None:
            return super().get_new_connection(conn_params)
        if not self.signs.may_try():
            raise psycopg.OperationalError(AWAY)
        ends_at = time.monotonic() + self.pool.timeout
        while True:
            found = super().get_new_connection(conn_params)
            try:
                ConnectionPool.check_connection(found)
            except psycopg.Error:  # it died while it was idle
                self.pool.putconn(found)
                if self.signs.is_away or time.monotonic() > ends_at:
                    raise
            else:
                return found

    def _address(self) -> dict[str, Any]:
        from luister.queue import sessions  # noqa: PLC0415 - Django makes this before it is set up

        return sessions.address(self)

    def _release(self) -> None:
        """Tell all who wait for a connection that there is none, instead of letting them wait for their time."""
        pool = self.pool
        with pool._lock:  # noqa: SLF001 - a pool tells nobody before their time is over, but when it is closed
            waiting = list(pool._waiting)  # noqa: SLF001
            pool._waiting.clear()  # noqa: SLF001
        for one in waiting:
            one.fail(psycopg.OperationalError(AWAY))
