"""Reading the channels: one thread each, in one process at a time.

A process reads a channel while it holds its lease, a session advisory lock. All leases of a process lie on one
connection: when that is lost its threads stop, and whoever is first takes the channels over.
"""

import logging
import random
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from django.db import DatabaseError, InterfaceError, connection

from luister.base.clock import utc_now
from luister.base.connector import Account, Connector
from luister.base.errors import ConnectorError
from luister.channels import actions as channel_actions
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.delivery import actions, locks
from luister.delivery.queries import account_of, connector_of, cursor_of, listened_to
from luister.fence.scope import across_workspaces, in_workspace

logger = logging.getLogger("luister.listen")

LOOK_SECONDS: Final = 1.0  # how often new, changed and gone channels are looked for
WAIT_SECONDS: Final = 60.0  # how long a connector may wait for news before it is asked again
END_SECONDS: Final = 5.0  # for a thread to end; a request that hangs is not waited for
NOTE_EVERY: Final = timedelta(seconds=30)  # that reading works, when there is nothing new
FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=5)
LONGEST_ASKED_PAUSE: Final = timedelta(hours=1)
# A channel that needs a person is tried again now and then: some mend themselves.
ATTENTION_PAUSE: Final = timedelta(minutes=1)
LONGEST_ATTENTION_PAUSE: Final = timedelta(minutes=30)


def run(stop: threading.Event) -> None:
    """Read every channel that can be read until `stop` is set."""
    while not stop.is_set():
        try:
            with locks.connect() as locking:
                _read_channels(locking, stop)
        except (psycopg.Error, DatabaseError, InterfaceError) as error:
            logger.warning("listen.database_lost", extra={"error": type(error).__name__})
        with suppress(DatabaseError, InterfaceError):
            connection.close()
        stop.wait(1)


def _read_channels(locking: psycopg.Connection[Any], stop: threading.Event) -> None:
    listeners: dict[int, _Listener] = {}
    try:
        _keep(locking, listeners, stop)
    finally:
        # Before the leases go with the connection: whoever takes a channel over is to be alone with it.
        for listener in listeners.values():
            listener.stop()
        for listener in listeners.values():
            listener.join(END_SECONDS)


def _keep(locking: psycopg.Connection[Any], listeners: dict[int, "_Listener"], stop: threading.Event) -> None:
    """Start and stop threads as channels come, change and go."""
    while not stop.is_set():
        with across_workspaces("see which channels are to be read"):
            wanted = {channel.pk: channel for channel in listened_to()}
        for channel_id, listener in list(listeners.items()):
            if listener.is_alive() and _mark(wanted.get(channel_id)) == listener.mark:
                continue
            listener.stop()
            if not listener.is_alive():  # else it is let go of once it has ended
                del listeners[channel_id]
                locks.unlock(locking, locks.listen_key(channel_id))
        for channel_id in wanted.keys() - listeners.keys():
            if locks.try_lock(locking, locks.listen_key(channel_id)):
                listeners[channel_id] = _Listener(wanted[channel_id])
                listeners[channel_id].start()
        locking.execute("SELECT 1")  # the leases are worth as much as this connection
        stop.wait(LOOK_SECONDS)


def _mark(channel: Channel | None) -> tuple[object, ...] | None:
    """Return what a listener has to begin anew for."""
    if channel is None:
        return None
    secrets = bytes(channel.sealed_secrets)
    return (channel.kind, channel.handle, repr(channel.settings), secrets, channel.state, channel.state_since)


class _Listener:
    """The thread that reads one channel."""

    def __init__(self, channel: Channel) -> None:
        self.mark = _mark(channel)
        self._channel = channel
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"listen-{channel.pk}", daemon=True)
        self._cursor: Mapping[str, Any] | None = None  # known, as long as nobody else reads the channel
        self._read_at: datetime | None = None
        self._check_after: datetime | None = None
        self._failures = self._refusals = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        with in_workspace(self._channel.workspace_id):
            self._read_on()

    def _read_on(self) -> None:
        try:
            if self._channel.state == ChannelState.ATTENTION:
                self._stop.wait(_jittered(ATTENTION_PAUSE))
            while not self._stop.is_set():
                self._stop.wait(self._round())
        except (DatabaseError, InterfaceError) as error:
            known = {"channel_id": self._channel.pk, "error": type(error).__name__}
            logger.warning("channel.database_lost", extra=known)
        except Channel.DoesNotExist:
            logger.info("channel.taken_away", extra={"channel_id": self._channel.pk})
        finally:
            connection.close()

    def _round(self) -> float:
        """Read once and wait for news; return how many seconds to pause."""
        try:
            connector, account = connector_of(self._channel.kind), account_of(self._channel)
            more = self._read(connector, account)
            self._failures = 0
            if self._channel.state == ChannelState.ATTENTION:
                self._check(connector, account)
            connection.close()  # not kept while nothing happens
            if not more:
                connector.wait(account, timeout_seconds=WAIT_SECONDS, stop=self._stop)
            return 0.0
        except ConnectorError as error:
            return self._after(error)
        except (DatabaseError, InterfaceError, Channel.DoesNotExist):
            raise
        except Exception as error:
            logger.exception("channel.reading_failed", extra={"channel_id": self._channel.pk})
            return self._after(ConnectorError("listen.error", error=type(error).__name__))

    def _read(self, connector: Connector, account: Account) -> bool:
        if self._cursor is None:
            self._cursor = cursor_of(self._channel)
        fetched = connector.fetch(account, self._cursor)
        now = utc_now()
        if fetched.items or fetched.cursor != self._cursor:
            actions.store_fetched(self._channel.pk, fetched, now=now)
            self._cursor, self._read_at = fetched.cursor, now
        elif self._read_at is None or now - self._read_at > NOTE_EVERY:
            actions.note_read(self._channel.pk, now=now)
            self._read_at = now
        return fetched.more

    def _check(self, connector: Connector, account: Account) -> None:
        """Reading works; now and then see whether the channel works as a whole, sending too."""
        now = utc_now()
        if self._check_after is not None and now < self._check_after:
            return
        try:
            connector.check(account)
        except ConnectorError as error:
            self._refusals += 1
            self._check_after = now + min(ATTENTION_PAUSE * 2**self._refusals, LONGEST_ATTENTION_PAUSE)
            channel_actions.needs_attention(self._channel, reason=error.reason, now=now)
        else:
            channel_actions.works_again(self._channel, now=now)

    def _after(self, error: ConnectorError) -> float:
        """Deal with a refusal: tell people where only they can help, and return how long to pause."""
        logger.warning("channel.not_read", extra={"channel_id": self._channel.pk, "code": error.reason.code})
        if error.needs_attention:
            channel_actions.needs_attention(self._channel, reason=error.reason, now=utc_now())
        connection.close()
        if error.retry_after is not None:
            return _jittered(min(max(error.retry_after, FIRST_PAUSE), LONGEST_ASKED_PAUSE), least=1.0)
        self._failures += 1
        needs_person = self._channel.state == ChannelState.ATTENTION
        first, longest = (ATTENTION_PAUSE, LONGEST_ATTENTION_PAUSE) if needs_person else (FIRST_PAUSE, LONGEST_PAUSE)
        return _jittered(min(first * 2 ** min(self._failures - 1, 20), longest))


def _jittered(pause: timedelta, *, least: float = 0.5) -> float:
    """Return the pause in seconds, spread so that channels of one network do not come back all at once."""
    seconds = pause.total_seconds()
    return random.uniform(least * seconds, least * seconds + 0.5 * seconds)  # noqa: S311 - no secret
