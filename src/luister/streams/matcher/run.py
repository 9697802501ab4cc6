"""One matcher, from its start until it is asked to end."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from nats.errors import Error as NatsError

from luister.streams.matcher.bucket import BucketSource, Spreader
from luister.streams.matcher.figures import Figures
from luister.streams.matcher.work import Outcome, Refused, StoppedError, Work
from luister.streams.wire import connection
from luister.streams.wire.address import StreamAddress
from luister.streams.wire.connection import Client, JetStreamContext, Tell
from luister.streams.wire.dead import DeadLetters
from luister.streams.wire.errors import StreamError
from luister.streams.wire.publishing import Publisher
from luister.streams.wire.reading import Delivery, Reader
from luister.streams.wire.trials import SUSPECT, Trials

BATCH: Final = 256  # posts
IDLE_SECONDS: Final = 0.5
LOOK_SECONDS: Final = 2.0  # for changes that nobody heard of
SPREAD_SECONDS: Final = 15.0
REPORT_SECONDS: Final = 3.0
LONGEST_BATCH_SECONDS: Final = 300.0  # without a sign of life: a text that holds up the matcher
LEAVE_SECONDS: Final = 15.0  # for a server or a database that is away

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a matcher reads and how."""

    address: StreamAddress
    group: str
    to: StreamAddress | None = None  # the stream to which matches go
    ack_seconds: float = 10.0  # then what a matcher holds and says nothing of goes to another one
    batch: int = BATCH


class Keeper(Protocol):
    """What a matcher that has a database does beside matching."""

    def report(self, said: Mapping[str, Any], *, is_read: bool) -> None:
        """Write down how it is doing, and whether it can read its stream."""

    def to_spread(self) -> Mapping[str, bytes]:
        """Return the monitors for those that have no database."""

    def leave(self) -> None:
        """Say that it ends."""


class Run:
    """A matcher at work."""

    def __init__(
        self, plan: Plan, *, work: Work, keeper: Keeper | None, figures: Figures, tell: Tell, stop: threading.Event
    ) -> None:
        self._plan = plan
        self._work = work
        self._keeper = keeper
        self._figures = figures
        self._tell = tell
        self._stop = stop
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="matching")
        self._in_work: Sequence[Delivery] = ()
        self._is_busy = False
        self._is_stale = threading.Event()
        self._is_stale.set()
        self._looked_at = self._spread_at = self._reported_at = 0.0
        self._last_error = ""
        self._last_error_at: datetime | None = None
        self._was_listening: bool | None = None

    def changed(self) -> None:
        """Look at the queries before the next batch; may be called in any thread."""
        self._is_stale.set()

    async def match(self) -> None:
        """Work until asked to end; a connection that is lost for good is made anew.

        Raises:
            StreamError: it could not begin.
        """
        working = asyncio.create_task(self._sessions())
        while not (await asyncio.wait({working}, timeout=IDLE_SECONDS))[0]:
            if self._stop.is_set():
                await asyncio.wait({working}, timeout=LEAVE_SECONDS)
                working.cancel()
        if not working.cancelled():
            working.result()
        if self._keeper is not None:
            await self._in_thread(self._keeper.leave)
        self._thread.shutdown()
        self._tell(self._figures.summary)

    async def _sessions(self) -> None:
        has_begun = False
        while not self._stop.is_set():
            try:
                async with _Ends(self._plan, tell=self._tell, warn=self._warn) as ends:
                    has_begun = True
                    await self._session(ends)
            except (StreamError, NatsError, TimeoutError, OSError) as error:
                if not has_begun:
                    raise
                self._note(error)
                await asyncio.sleep(IDLE_SECONDS)

    async def _session(self, ends: "_Ends") -> None:
        keeping = asyncio.create_task(self._keep(ends.reader))
        try:
            while not self._stop.is_set() and not ends.are_closed:
                try:
                    await self._turn(ends)
                except StoppedError:
                    break
                except (NatsError, TimeoutError) as error:
                    self._note(error)
                    await asyncio.sleep(IDLE_SECONDS)
        finally:
            keeping.cancel()
            await ends.reader.give_back()

    async def _turn(self, ends: "_Ends") -> None:
        await self._look(ends)
        await self._report(ends)  # first of all: what follows fails where the server is away
        await self._spread(ends)
        is_listening = self._work.source.is_listening()
        if is_listening is not self._was_listening:
            self._was_listening = is_listening
            await self._say_what_it_does(is_listening=is_listening)
        if not is_listening:
            await asyncio.sleep(IDLE_SECONDS)
            return
        deliveries = await ends.reader.batch(self._plan.batch, seconds=IDLE_SECONDS)
        if not deliveries:
            return
        self._figures.delivered(again=sum(one.tries > 1 for one in deliveries))
        self._in_work = deliveries
        try:
            plain = [one for one in deliveries if one.tries < SUSPECT]
            if plain:
                await self._match(plain, ends)
            for suspect in (one for one in deliveries if one.tries >= SUSPECT):
                await self._try_alone(suspect, ends)
        finally:
            self._in_work = ()

    async def _match(self, deliveries: Sequence[Delivery], ends: "_Ends") -> None:
        began = time.monotonic()
        self._work.alive_at = began
        self._is_busy = True
        try:
            outcome = await self._in_thread(lambda: self._work.batch(deliveries))
        finally:
            self._is_busy = False
        await self._settle(outcome, ends)
        await ends.reader.done(deliveries)
        self._figures.batch(outcome, seconds=time.monotonic() - began)

    async def _try_alone(self, suspect: Delivery, ends: "_Ends") -> None:
        if await ends.trials.may_try(suspect):
            try:
                await self._match([suspect], ends)
            finally:
                await ends.trials.survived(suspect)
            return
        reason = f"Delivered {suspect.tries} times, and matchers ended while they worked on it alone."
        outcome = Outcome(refused=[Refused(suspect, "line.deadly", reason)])
        await self._settle(outcome, ends)
        await ends.reader.done([suspect])

    async def _settle(self, outcome: Outcome, ends: "_Ends") -> None:
        """Return when what is to be published of a batch is safely there."""
        ends.refusal = ""
        if ends.passing is not None:
            for going in outcome.outgoing:
                if ends.passing.fits(going.payload, going.ident):
                    await ends.passing.send(ends.subject, going.payload, ident=going.ident)
                else:
                    reason = f"With its queries the line has {len(going.payload)} bytes: more than the server takes."
                    outcome.refused.append(Refused(going.delivery, "line.too_big", reason))
            await ends.passing.settled()
        for refused in outcome.refused:
            await ends.dead.put(refused.delivery, code=refused.code, reason=refused.reason)
        await ends.publisher.settled()
        if ends.refusal:
            raise StreamError(ends.refusal)
        for refused in outcome.refused:
            self._figures.dead(refused.code)

    async def _say_what_it_does(self, *, is_listening: bool) -> None:
        if not is_listening:
            self._tell(await self._in_thread(self._work.source.why_idle))
            return
        count = len(self._work.held)
        queries = "1 query" if count == 1 else f"{count:,} queries"
        self._tell(f"Reading {self._plan.address.text} with {queries}, as one of the group {self._plan.group}.")

    async def _look(self, ends: "_Ends") -> None:
        """Have the queries held that stand now."""
        if not self._is_stale.is_set() and time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._is_stale.clear()
        if isinstance(self._work.source, BucketSource) and ends.bucket is not None:
            await self._work.source.look(ends.bucket)
        if await self._in_thread(self._work.refresh):
            self._reported_at = self._spread_at = 0.0  # who waits for the change sees at once that it is here
        self._looked_at = time.monotonic()

    async def _spread(self, ends: "_Ends") -> None:
        """Hand the queries on to matchers without a database."""
        if ends.spreader and self._keeper and time.monotonic() - self._spread_at >= SPREAD_SECONDS:
            await ends.spreader.spread(self._keeper.to_spread())
            self._spread_at = time.monotonic()

    async def _report(self, ends: "_Ends") -> None:
        if time.monotonic() - self._reported_at < REPORT_SECONDS:
            return
        info = await ends.reader.info()
        lag, in_hand = (info.num_pending, info.num_ack_pending) if info else (None, None)
        said = self._figures.report(queries=len(self._work.held), lag=lag, in_hand=in_hand)
        if self._keeper is not None:
            keeper = self._keeper
            trouble = {"last_error": self._last_error, "last_error_at": self._last_error_at}
            await self._in_thread(lambda: keeper.report({**said, **trouble}, is_read=info is not None))
        self._reported_at = time.monotonic()

    async def _keep(self, reader: Reader) -> None:
        """Tell the server now and then what is being worked on, and end where nothing moves any more."""
        while True:
            await asyncio.sleep(self._plan.ack_seconds / 3)
            if self._is_busy and time.monotonic() - self._work.alive_at > LONGEST_BATCH_SECONDS:
                self._tell("A post has held up this matcher for minutes: it ends, so that another one can go on.")
                os._exit(1)
            await reader.keep(self._in_work)

    async def _in_thread(self, work: Callable[[], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _note(self, error: Exception) -> None:
        if isinstance(error, StreamError):
            self._warn(str(error))
        elif isinstance(error, TimeoutError) or not str(error):
            self._warn(f"{self._plan.address.server} does not answer in time.")
        else:
            self._warn(f"{self._plan.address.server} says: {str(error).removeprefix('nats: ')}.")

    def _warn(self, words: str) -> None:
        """Tell what goes wrong, once for as long as it is the same, and remember it for the reports."""
        if words != self._last_error:
            self._tell(words)
        self._last_error, self._last_error_at = words, self._work.now()


class _Ends:
    """The connections of a matcher: to the stream that it reads, and to the one that it feeds."""

    def __init__(self, plan: Plan, *, tell: Tell, warn: Tell) -> None:
        self._plan = plan
        self._tell = tell
        self._warn = warn
        self._clients: list[Client] = []
        self.passing: Publisher | None = None
        self.subject = ""
        self.refusal = ""
        self.bucket: JetStreamContext | None = None
        self.spreader: Spreader | None = None

    async def __aenter__(self) -> "_Ends":
        try:
            await self._open()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        for client in self._clients:
            await connection.close(client)

    @property
    def are_closed(self) -> bool:
        """Whether a connection was given up, as when somebody else got its password."""
        return any(client.is_closed for client in self._clients)

    async def _open(self) -> None:
        plan = self._plan
        client = await self._connect(plan.address)
        js = connection.context(client)
        self.reader = Reader(client, plan.address, group=plan.group, ack_seconds=plan.ack_seconds, tell=self._tell)
        await self.reader.start()
        self.publisher = Publisher(client, refused=self._refused)
        await self.publisher.start()
        self.dead = DeadLetters(js, self.publisher, stream=plan.address.stream)
        self.trials = Trials(js, under=f"{plan.address.stream}.{plan.group}")
        if plan.to is None:
            self.spreader = Spreader(js, stream=plan.address.stream)
            return
        there = client if plan.to.server == plan.address.server else await self._connect(plan.to)
        self.subject, is_new = await connection.stream_there(connection.context(there), plan.to)
        if is_new:
            self._tell(f"Made the stream {plan.to.stream} on {plan.to.server}.")
        self.passing = Publisher(there, refused=self._refused)
        await self.passing.start()
        self.bucket = connection.context(there)

    async def _connect(self, address: StreamAddress) -> Client:
        client = await connection.connect(address, tell=self._tell, warn=self._warn)
        self._clients.append(client)
        return client

    def _refused(self, _tag: object, reason: str) -> None:
        self.refusal = f"The server refuses what was to be published: {reason}."
