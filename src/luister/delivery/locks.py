"""Session advisory locks on connections of their own: held until released, or until the process is gone.

A lock of a transaction would need an open transaction during a network call, and a row that says “busy” outlives
the process that wrote it. The server lets a session's locks go when its connection ends, and TCP keepalive finds
out within half a minute when the machine at the other end disappeared. A paused process keeps its locks.

The connections must not go through a pooler in transaction mode.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg

from luister.base.ids import lock_key
from luister.queue.sessions import connect, try_lock, unlock

__all__ = [
    "channel_key",
    "close_idle",
    "connect",
    "held",
    "listen_key",
    "look_up_key",
    "send_key",
    "try_lock",
    "unlock",
]

MOST_IDLE: Final = 16

_idle: list[psycopg.Connection[Any]] = []
_idle_lock = threading.Lock()


def send_key(outgoing_id: int) -> int:
    """Return the key of the lock that is held while this post is tried or resolved."""
    return lock_key("delivery.send", str(outgoing_id))


def channel_key(channel_id: int) -> int:
    """Return the key that keeps a channel to one post at a time."""
    return lock_key("delivery.channel", str(channel_id))


def look_up_key(channel_id: int) -> int:
    """Return the key that keeps look-ups of a channel apart."""
    return lock_key("delivery.look_up", str(channel_id))


def listen_key(channel_id: int) -> int:
    """Return the key of the lease of whoever reads this channel."""
    return lock_key("delivery.listen", str(channel_id))


@contextmanager
def held(keys: Sequence[int]) -> Iterator[bool]:
    """Hold all these locks, or none: False when another session has one of them."""
    locking, got_all = _take(keys)
    try:
        yield got_all
    finally:
        _give_back(locking)


def _take(keys: Sequence[int]) -> tuple[psycopg.Connection[Any], bool]:
    locking = _spare() or connect()
    try:
        return locking, all(try_lock(locking, key) for key in keys)
    except psycopg.OperationalError:  # it had died while it was idle
        locking.close()
    locking = connect()
    return locking, all(try_lock(locking, key) for key in keys)


def _spare() -> psycopg.Connection[Any] | None:
    with _idle_lock:
        return _idle.pop() if _idle else None


def _give_back(locking: psycopg.Connection[Any]) -> None:
    with suppress(psycopg.Error):
        locking.execute("SELECT pg_advisory_unlock_all()")
        with _idle_lock:
            if len(_idle) < MOST_IDLE:
                _idle.append(locking)
                return
    locking.close()


def close_idle() -> None:
    """Close the connections that nobody uses at the moment."""
    with _idle_lock:
        closing, _idle[:] = _idle[:], []
    for locking in closing:
        locking.close()
