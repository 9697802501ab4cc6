"""The endpoint of live events (SSE), outside Django's request cycle.

One LISTEN connection a process; notices are fanned out in memory. A notice carries ids only, and each topic's
access predicate is asked again when a notice is delivered, so that a right that was taken away ends the flow.

A page is drawn before it listens. It says how long ago it was asked for (`age`), and is told first what was
heard since.
"""

import asyncio
import contextlib
import json
import logging
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qs

import psycopg
from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from starlette.types import Receive, Scope, Send

from luister.base import metrics
from luister.config.sessions import session_key, user_of
from luister.config.topics import may_listen
from luister.events.live import CHANNEL
from luister.queue.sessions import address

logger = logging.getLogger("luister.live")

MAX_TOPICS = 8
KEEP_ALIVE_SECONDS = 15.0
RECHECK_SECONDS = 2.0  # a right is asked for again when the last answer is older than this
KEPT_SECONDS = 60.0  # a page that was asked for longer ago fetches everything anew
MOST_KEPT = 2_000  # notices
MOST_MISSED = 20  # with more it is quicker to fetch everything anew
# These say that a list is out of date, of which one is as good as many. While they keep coming a screen is told now and
# then: drawing its list anew for each would keep people who work there waiting for their own pages.
BUNDLED = frozenset({"cases-changed", "mentions-changed", "sources-changed"})
AT_ONCE = 5  # so many of each are passed on as they come
THEN_EVERY = 5.0  # seconds
RESYNC = b"event: resync\ndata: {}\n\n"
STILL_HERE = b": still here\n\n"


class Offer(NamedTuple):
    """What a screen is to be sent; news is of a topic, which it has to have a right to at that moment."""

    frame: bytes
    topic: str = ""


class Heard(NamedTuple):
    """A notice that may have come while a page was on its way; `at` is the event loop's time in seconds."""

    at: float
    topic: str
    frame: bytes


@dataclass(slots=True)
class Pace:
    """How often one thing is passed on: a few times as it comes, then now and then, the last one always."""

    left: float = AT_ONCE
    counted_at: float = float("-inf")
    waiting: bytes | None = None

    def delay(self, now: float) -> float:
        """Return after how many seconds the next may be passed on, and count it where that is at once."""
        self.left = min(AT_ONCE, self.left + (now - self.counted_at) / THEN_EVERY)
        self.counted_at = now
        if self.left < 1:
            return (1 - self.left) * THEN_EVERY
        self.left -= 1
        return 0.0


@dataclass(eq=False, slots=True)
class Stream:
    """One open screen."""

    session_key: str
    topics: frozenset[str]
    queue: asyncio.Queue[Offer | None] = field(default_factory=lambda: asyncio.Queue(maxsize=1000))
    checked_at: dict[str, float] = field(default_factory=dict)
    paces: dict[tuple[str, str], Pace] = field(default_factory=dict)  # by topic and name

    def offer(self, offer: Offer | None) -> None:
        """Have this sent next, or nothing more where it is None."""
        try:
            self.queue.put_nowait(offer)
        except asyncio.QueueFull:  # a screen that does not read: it reconnects and fetches anew
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)

    async def may_hear(self, topic: str) -> bool:
        """Return whether it may hear of this, by an answer that is not older than a moment."""
        now = asyncio.get_running_loop().time()
        if now - self.checked_at.get(topic, -RECHECK_SECONDS) < RECHECK_SECONDS:
            return True
        self.checked_at[topic] = now
        return bool(await _may_listen_to_all(self.session_key, frozenset({topic})))


class LiveEvents:
    """Keeps the open streams and the one connection that listens for all of them."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()
        self._listener: asyncio.Task[None] | None = None
        self._passing: set[asyncio.Task[None]] = set()
        self._heard: deque[Heard] = deque(maxlen=MOST_KEPT)
        self._heard_since = float("inf")
        self._is_leaving = False
        metrics.sse_connections.set_function(lambda: len(self._streams))

    async def start(self) -> None:
        """Begin listening."""
        self._listener = asyncio.create_task(self._listen_forever())

    def send_away(self) -> None:
        """End all streams: screens come back by themselves, to another process, and then fetch everything anew."""
        self._is_leaving = True
        for stream in list(self._streams):
            stream.offer(None)

    async def stop(self) -> None:
        """Stop listening, and end what streams there still are."""
        self.send_away()
        for passing in self._passing:
            passing.cancel()
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `GET /live?topics=workspace:1,case:5&age=350`; the age is in milliseconds."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        drawn_at = asyncio.get_running_loop().time() - _seconds(query.get("age", [""])[0])
        topics = frozenset(query.get("topics", [""])[0].split(","))
        key = session_key(scope)
        may_listen = 0 < len(topics) <= MAX_TOPICS and await _may_listen_to_all(key, topics)
        if not may_listen:
            await _refuse(send, 503 if may_listen is None else 404)
            return
        stream = Stream(key, topics)
        self._streams.add(stream)
        for frame in self._missed(topics, since=drawn_at):
            stream.offer(Offer(frame))
        if self._is_leaving:
            stream.offer(None)  # not an error, after which browsers do not come back by themselves
        try:
            await _stream(stream, receive, send)
        finally:
            self._streams.discard(stream)

    async def _listen_forever(self) -> None:
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError):
                logger.warning("live.database_lost")
                await asyncio.sleep(1)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(**address(), autocommit=True) as listening:
            await listening.execute(f"LISTEN {CHANNEL}")
            self._heard.clear()
            self._heard_since = asyncio.get_running_loop().time()
            # Whoever was connected before may have missed something while nobody listened.
            self._broadcast(RESYNC)
            async for notice in listening.notifies():
                self._deliver(notice.payload)

    def _missed(self, topics: frozenset[str], *, since: float) -> list[bytes]:
        """Return what a screen has not heard that was drawn at that moment, or later."""
        if self._heard_since == float("inf"):
            return []  # it is told to fetch anew once somebody listens
        missed = [one.frame for one in self._heard if one.at >= since and one.topic in topics]
        is_known = since > max(self._heard_since, asyncio.get_running_loop().time() - KEPT_SECONDS)
        return list(dict.fromkeys(missed)) if is_known and len(missed) <= MOST_MISSED else [RESYNC]

    def _keep(self, heard: Heard) -> None:
        if len(self._heard) == MOST_KEPT:
            self._heard_since = self._heard[0].at
        self._heard.append(heard)

    def _broadcast(self, frame: bytes) -> None:
        for stream in self._streams:
            stream.offer(Offer(frame))

    def _deliver(self, payload: str) -> None:
        """Offer a notice to every screen of its topic. None of them waits for what another may hear."""
        notice = json.loads(payload)
        topic, name = notice["topic"], notice["name"]
        frame = f"event: {name}\ndata: {json.dumps({'topic': topic, **notice['ids']})}\n\n".encode()
        self._keep(Heard(asyncio.get_running_loop().time(), topic, frame))
        for stream in self._streams:
            if topic not in stream.topics:
                continue
            if name in BUNDLED:
                self._pace(stream, topic, name, frame)
            else:
                stream.offer(Offer(frame, topic))

    def _pace(self, stream: Stream, topic: str, name: str, frame: bytes) -> None:
        """Pass on a notice that has many like it; the newest of those that have to wait stands for all of them."""
        pace = stream.paces.setdefault((topic, name), Pace())
        if pace.waiting is not None:
            pace.waiting = frame
        elif delay := pace.delay(asyncio.get_running_loop().time()):
            pace.waiting = frame
            passing = asyncio.create_task(self._pass_on_later(stream, topic, pace, delay))
            self._passing.add(passing)
            passing.add_done_callback(self._passing.discard)
        else:
            stream.offer(Offer(frame, topic))

    async def _pass_on_later(self, stream: Stream, topic: str, pace: Pace, delay: float) -> None:
        await asyncio.sleep(delay)
        pace.delay(asyncio.get_running_loop().time())
        frame, pace.waiting = pace.waiting, None
        if frame is not None and stream in self._streams:
            stream.offer(Offer(frame, topic))


async def _stream(stream: Stream, receive: Receive, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
                (b"x-content-type-options", b"nosniff"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
    gone = asyncio.create_task(_until_gone(receive))
    try:
        while not gone.done():
            offer = await _next(stream, gone)
            if offer is None or (offer.topic and not await stream.may_hear(offer.topic)):
                break
            await send({"type": "http.response.body", "body": offer.frame, "more_body": True})
    finally:
        gone.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _next(stream: Stream, gone: asyncio.Task[None]) -> Offer | None:
    waiting = asyncio.create_task(stream.queue.get())
    done, _ = await asyncio.wait({waiting, gone}, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if waiting in done:
        return waiting.result()
    waiting.cancel()
    if gone in done:
        return None
    # Also without news a stream ends soon after its session or rights do.
    if not await _may_listen_to_all(stream.session_key, stream.topics):
        return None
    return Offer(STILL_HERE)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": HTTPStatus(status).phrase.encode()})


def _seconds(milliseconds: str) -> float:
    is_number = milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) < 12
    return int(milliseconds) / 1000 if is_number else 0.0


@sync_to_async(thread_sensitive=False)
def _may_listen_to_all(key: str, topics: frozenset[str]) -> bool | None:
    """Return whether somebody may; None while the database, which knows, is away."""
    close_old_connections()
    try:
        user = user_of(key)
        return user is not None and all(may_listen(user, topic) for topic in topics)
    except (DatabaseError, InterfaceError):
        # Nobody knows: the stream ends, the page comes back for another and then fetches everything anew.
        logger.warning("live.database_lost")
        return None
    finally:
        connection.close()
