"""Monitors of the database: held as they stand, heard of when they change, and what they find stored."""

import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import psycopg
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection

from luister.events.live import CHANNEL
from luister.fence.scope import across_workspaces
from luister.listening.models import Monitor
from luister.listening.queries.standing import Standing
from luister.queue.sessions import address
from luister.streams.actions.reporting import leave, report
from luister.streams.actions.storing import ChangedError, Found, prepare_connection, store_found
from luister.streams.matcher.bucket import packed
from luister.streams.matcher.held import Held, Query
from luister.streams.matcher.work import Match, Outcome, Refused, StoppedError
from luister.streams.queries.listening import Listener, listeners, streams_like
from luister.streams.wire.address import StreamAddress
from luister.streams.wire.connection import Tell

HOST: Final = socket.gethostname()
HEARD: Final = ('"monitor-changed"', '"channels-changed"', '"sources-changed"')
TRY_AGAIN_SECONDS: Final = 0.5
MOST_AT_ONCE: Final = 64  # posts that one transaction stores
MOST_BYTES_AT_ONCE: Final = 256 * 1024
MOST_CONFLICTS: Final = 20  # of two matchers that store the same at the same moment
# Connection lost, deadlock, too many connections, shutting down, lock not to be had, ended because it stood still.
PASSING: Final = ("08", "40", "53", "57", "55P03", "25P03")


class Database:
    """The one connection of the thread that matches; it comes back by itself."""

    def __init__(self, *, tell: Tell, stop: threading.Event) -> None:
        self._tell = tell
        self._stop = stop
        self._is_ready = False
        self._is_away = False

    def do(self, work: Callable[[], None]) -> bool:
        """Do something, as often as it takes until the database lets it; False when the matcher was stopped first."""
        conflicts = 0
        while True:
            try:
                if not self._is_ready:
                    prepare_connection()
                    self._is_ready = True
                with across_workspaces("match a stream that several workspaces listen to"):
                    work()
            except IntegrityError:
                conflicts += 1
                if conflicts > MOST_CONFLICTS:
                    raise
            except (DatabaseError, InterfaceError) as error:
                if not _passes(error):
                    raise
                self._lost()
                if self._stop.wait(TRY_AGAIN_SECONDS):
                    return False
            else:
                self._back()
                return True

    def _lost(self) -> None:
        if _is_connected():
            return
        if not self._is_away:
            self._is_away = True
            self._tell("Lost the database; trying again until it is back.")
        connection.close()
        self._is_ready = False

    def _back(self) -> None:
        if self._is_away:
            self._is_away = False
            self._tell("The database is back.")


def _passes(error: Exception) -> bool:
    """Whether the same may go well a moment later."""
    state = getattr(error.__cause__, "sqlstate", None)
    if not _is_connected():
        return True
    return state.startswith(PASSING) if state else isinstance(error, OperationalError | InterfaceError)


def _is_connected() -> bool:
    return connection.connection is not None and not connection.connection.closed


class DatabaseSource:
    """The monitors of every workspace that listens to a stream."""

    is_as_stored = True

    def __init__(self, address: StreamAddress, *, database: Database, clock: Callable[[], datetime]) -> None:
        self._address = address
        self._database = database
        self._clock = clock
        self.listeners: Mapping[int, Listener] = {}
        self.monitors: Mapping[str, tuple[int, Standing]] = {}
        self.to_spread: Mapping[str, bytes] = {}
        self.looked_at: datetime | None = None

    def refresh(self, held: Held) -> bool:
        """Have the monitors held that stand now."""
        is_changed = False

        def look() -> None:
            nonlocal is_changed
            looked_at = self._clock()
            found = listeners(self._address)
            self.listeners = {one.channel.workspace_id: one for one in found}
            self.monitors = {
                str(monitor.monitor_id): (one.channel.workspace_id, monitor)
                for one in found
                for monitor in one.monitors
            }
            is_changed = held.become({name: self._query(name) for name in self.monitors})
            if is_changed or len(self.to_spread) != len(held):
                self._pack(held)
            self.looked_at = looked_at

        self._database.do(look)
        return is_changed

    def is_listening(self) -> bool:
        """Return whether any workspace listens."""
        return bool(self.listeners)

    def why_idle(self) -> str:
        """Return that no workspace listens, with the streams that are easily taken for this one."""
        alike: Sequence[str] = ()

        def look() -> None:
            nonlocal alike
            alike = streams_like(self._address)

        self._database.do(look)
        name = self._address.text
        if not alike:
            return f"Nobody listens to {name} yet: add it on the desk, under Sources. Waiting."
        return f"Nobody listens to {name}; Sources has {', '.join(alike)}. It has to be the same address. Waiting."

    def _query(self, name: str) -> Query:
        workspace_id, monitor = self.monitors[name]
        zone = self.listeners[workspace_id].channel.workspace.time_zone
        return Query(monitor.node, version=monitor.version, zone=zone, wants_ours=monitor.wants_ours)

    def _pack(self, held: Held) -> None:
        texts = Monitor.objects.filter(pk__in=[int(name) for name in held.queries]).values_list("pk", "query")
        self.to_spread = {str(pk): packed(text, held.queries[str(pk)]) for pk, text in texts}


class Storing:
    """Stores what monitors found, a batch in a transaction or a few."""

    def __init__(
        self, source: DatabaseSource, *, held: Held, database: Database, clock: Callable[[], datetime]
    ) -> None:
        self._source = source
        self._held = held
        self._database = database
        self._clock = clock
        self.mentions = 0

    def put(self, matches: Sequence[Match], *, outcome: Outcome) -> None:
        """Store matches; one that the database refuses is refused, and the others are stored.

        Raises:
            StoppedError: the matcher was stopped while the database was away.
        """
        for part in _parts(matches):
            self._put(part, outcome)

    def _put(self, matches: Sequence[Match], outcome: Outcome) -> None:
        try:
            self._store(matches)
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001 - a post that cannot be stored must not hold up the stream
            if len(matches) > 1:
                for match in matches:
                    self._put([match], outcome)
                return
            reason = f"The post could not be stored ({type(error).__name__}: {' '.join(str(error).split())[:200]})."
            outcome.refused.append(Refused(matches[0].delivery, "line.not_stored", reason))

    def _store(self, matches: Sequence[Match]) -> None:
        def store() -> None:
            now = self._clock()
            while True:
                found: dict[int, list[Found]] = {}
                for match in matches:
                    for workspace_id, monitors in self._by_workspace(match.queries).items():
                        found.setdefault(workspace_id, []).append(Found(match.document, match.delivery.at, monitors))
                try:
                    self.mentions += store_found(found, listeners=self._source.listeners, now=now)
                except ChangedError:
                    matches_now(now)
                else:
                    return

        def matches_now(now: datetime) -> None:
            nonlocal matches
            self._source.refresh(self._held)
            again = [(match, self._held.find(match.document, now=now)) for match in matches]
            matches = [Match(match.delivery, match.document, queries) for match, queries in again if queries]

        if not self._database.do(store):
            raise StoppedError

    def _by_workspace(self, names: Sequence[str]) -> Mapping[int, list[Standing]]:
        found: dict[int, list[Standing]] = {}
        for name in names:
            if name in self._source.monitors:
                workspace_id, monitor = self._source.monitors[name]
                found.setdefault(workspace_id, []).append(monitor)
        return found


def _parts(matches: Sequence[Match]) -> Iterator[Sequence[Match]]:
    """Divide matches into what one transaction stores, so that none takes long."""
    part: list[Match] = []
    size = 0
    for match in matches:
        if part and (len(part) == MOST_AT_ONCE or size > MOST_BYTES_AT_ONCE):
            yield part
            part, size = [], 0
        part.append(match)
        size += len(match.delivery.payload)
    yield part


class DatabaseKeeper:
    """Says in the database how a matcher is doing."""

    def __init__(
        self,
        address: StreamAddress,
        *,
        source: DatabaseSource,
        database: Database,
        clock: Callable[[], datetime],
    ) -> None:
        self._address = address
        self._source = source
        self._database = database
        self._clock = clock

    def report(self, said: Mapping[str, Any], *, is_read: bool) -> None:
        """Write down how it is doing, and whether the channels of the stream are being read."""
        channels = [one.channel.pk for one in self._source.listeners.values()] if is_read else []
        said = {**said, "looked_at": self._source.looked_at}
        self._database.do(
            lambda: report(
                self._address.name, host=HOST, pid=os.getpid(), channels=channels, now=self._clock(), said=said
            )
        )

    def to_spread(self) -> Mapping[str, bytes]:
        """Return the monitors for those that have no database."""
        return self._source.to_spread

    def leave(self) -> None:
        """Take the report away."""
        self._database.do(lambda: leave(self._address.name, host=HOST, pid=os.getpid()))


class Ear:
    """Hears in a thread of its own that monitors changed; who missed something looks anyway now and then."""

    def __init__(self, heard: Callable[[], None], *, stop: threading.Event) -> None:
        self._heard = heard
        self._stop = stop
        self._address = address()

    def start(self) -> None:
        """Begin to listen."""
        threading.Thread(target=self._listen_forever, name="ear", daemon=True).start()

    def _listen_forever(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except (psycopg.Error, OSError):
                self._stop.wait(1)

    def _listen(self) -> None:
        with psycopg.connect(**self._address, autocommit=True) as listening:
            listening.execute(f"LISTEN {CHANNEL}")
            self._heard()
            while not self._stop.is_set():
                for notice in listening.notifies(timeout=1.0):
                    if any(name in notice.payload for name in HEARD):
                        self._heard()
