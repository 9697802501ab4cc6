"""Connections of their own for session advisory locks: a lock lasts until it is released, or the process is gone.

The server lets a session's locks go when its connection ends, and TCP keepalive finds out within half a minute when
the machine at the other end disappeared. A paused process keeps its locks. A pooler in transaction mode would give a
session's locks to strangers, and lose what is listened for: these connections go past it.
"""

from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

# As settings.KEEPALIVE, at the server's end, which is the one that lets the locks go.
_OPTIONS: Final = (
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c idle_session_timeout=0"
)
_ADDRESS: Final = {"dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey"}


def address(usual: Any = connection) -> dict[str, Any]:
    """Return what a connection beside the usual one is opened with, past any pooler: to listen, or to hold locks."""
    direct = settings.LUISTER_DATABASE_DIRECT
    given: dict[str, Any] = conninfo_to_dict(direct) if direct else usual.get_connection_params()
    return {key: value for key, value in given.items() if key in _ADDRESS} | {
        "connect_timeout": 10,
        **settings.KEEPALIVE,
    }


def connect(*, name: str = "luister locks") -> psycopg.Connection[Any]:
    """Open a connection for locks, with keepalive at both ends."""
    return psycopg.connect(**address(), options=_OPTIONS, autocommit=True, application_name=name)


def try_lock(locking: psycopg.Connection[Any], key: int) -> bool:
    """Take a lock for as long as the connection lives, unless another session has it."""
    row = locking.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()
    return bool(row and row[0])


def unlock(locking: psycopg.Connection[Any], key: int) -> None:
    """Let a lock of this connection go."""
    locking.execute("SELECT pg_advisory_unlock(%s)", [key])
