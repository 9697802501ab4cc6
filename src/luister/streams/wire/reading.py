"""Reading a stream as one of a group: what was delivered is acknowledged, kept or given back."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy
from nats.js.errors import APIError, NotFoundError

from luister.streams.wire.address import StreamAddress
from luister.streams.wire.connection import Client, Tell, context, refused, stream_there
from luister.streams.wire.errors import StreamError

PULL_SECONDS: Final = 5.0  # that the server remembers a request
LINGER_SECONDS: Final = 0.02  # that a batch waits for more once it has something
MOST_IN_HAND: Final = 20_000  # posts, of all that read as one group
MOST_BYTES: Final = 64 * 2**20  # of a request; no server takes a message that is bigger
NOBODY_THERE: Final = "503"


@dataclass(slots=True)
class Delivery:
    """A message as it was delivered; `number` is its place in the stream, `tries` how often it was delivered."""

    payload: bytes
    number: int
    tries: int
    at: datetime
    reply: str = field(repr=False)
    held_since: float = 0.0  # when the server last heard of it, by the clock of the process


def _delivery(message: Msg) -> Delivery:
    # $JS.ACK.[domain.account.]stream.group.tries.number.group number.nanoseconds.pending[.token]
    words = message.reply.split(".")
    start = 4 if len(words) < 11 else 6
    nanoseconds = int(words[start + 3])
    at = datetime.fromtimestamp(nanoseconds // 1000 / 1e6, UTC)
    return Delivery(message.data, int(words[start + 1]), int(words[start]), at, message.reply, time.monotonic())


class Reader:
    """Reads a stream as a member of a group, whose other members are on other machines."""

    def __init__(self, client: Client, address: StreamAddress, *, group: str, ack_seconds: float, tell: Tell) -> None:
        self._client = client
        self._js = context(client)
        self._address = address
        self._group = group
        self._ack_seconds = ack_seconds
        self._tell = tell
        self._waiting: deque[Delivery] = deque()
        self._came = asyncio.Event()
        self._asked = 0  # of the present request, what has not come yet
        self._asked_until = 0.0
        self._inbox = client.new_inbox()
        self._is_gone = False
        self._reconnects = 0

    async def start(self) -> None:
        """Join the group, made with its stream where they are missing.

        Raises:
            StreamError: the server refuses.
        """
        await self._join()
        await self._client.subscribe(self._inbox, cb=self._heard, pending_msgs_limit=0, pending_bytes_limit=0)

    async def _join(self) -> None:
        _, is_new = await stream_there(self._js, self._address)
        if is_new:
            self._tell(f"There was no stream {self._address.stream} on {self._address.server}; made it.")
        config = ConsumerConfig(
            durable_name=self._group,
            ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.ALL,
            ack_wait=self._ack_seconds,
            max_ack_pending=MOST_IN_HAND,
            max_deliver=-1,
            description="Matchers of Luister.",
        )
        try:
            await self._js.add_consumer(self._address.stream, config)
        except (TimeoutError, NatsError) as error:
            raise StreamError(refused(self._address, error)) from None
        self._is_gone = False

    async def batch(self, most: int, *, seconds: float) -> list[Delivery]:
        """Return what there is, at most so many; waits no longer than so many seconds for the first."""
        await self._ask(most)
        self._drop_stale()
        if not self._waiting:
            self._came.clear()
            try:
                await asyncio.wait_for(self._came.wait(), seconds)
            except TimeoutError:
                return []
        if len(self._waiting) < most // 4:
            await asyncio.sleep(LINGER_SECONDS)
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        await self._ask(most)
        return taken

    async def _ask(self, most: int) -> None:
        """Have two batches more here or under way than is worked on."""
        if not self._client.is_connected:
            return
        if self._is_gone:
            await self._join()
        now = time.monotonic()
        reconnects = self._client.stats["reconnects"]
        if now >= self._asked_until or self._reconnects != reconnects:  # the server has forgotten what was asked of it
            self._reconnects, self._asked = reconnects, 0
        if len(self._waiting) + self._asked > most:
            return
        request = {"batch": most, "expires": int(PULL_SECONDS * 1e9), "max_bytes": MOST_BYTES}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._address.stream}.{self._group}"
        self._asked, self._asked_until = self._asked + most, now + PULL_SECONDS + 1
        await self._publish(subject, json.dumps(request).encode(), reply=self._inbox)

    async def _heard(self, message: Msg) -> None:
        if not message.reply:  # the server says how the request ended
            headers = message.headers or {}
            is_deleted = "Deleted" in headers.get("Description", "")
            self._is_gone = self._is_gone or is_deleted or headers.get("Status", "") == NOBODY_THERE
            self._asked = 0
            return
        self._waiting.append(_delivery(message))
        self._asked = max(0, self._asked - 1)
        self._came.set()

    def _drop_stale(self) -> None:
        """Forget what others have been given meanwhile, such as while this process was stopped."""
        limit = time.monotonic() - self._ack_seconds
        while self._waiting and self._waiting[0].held_since < limit:
            self._waiting.popleft()

    async def keep(self, deliveries: Iterable[Delivery]) -> None:
        """Say that these are being worked on, and that those that wait here will be; not of what came just now."""
        now = time.monotonic()
        for delivery in [*deliveries, *self._waiting]:
            if now - delivery.held_since > self._ack_seconds / 4:
                delivery.held_since = now
                await self._publish(delivery.reply, b"+WPI")

    async def done(self, deliveries: Iterable[Delivery]) -> None:
        """Say that these are finished, for good."""
        for delivery in deliveries:
            await self._publish(delivery.reply, b"+ACK")

    async def give_back(self, deliveries: Iterable[Delivery] = ()) -> None:
        """Let others have these, and what waits here."""
        for delivery in [*deliveries, *self._waiting]:
            await self._publish(delivery.reply, b"-NAK")
        self._waiting.clear()

    async def info(self) -> ConsumerInfo | None:
        """Return how far the group is; None where the server does not say."""
        try:
            info: ConsumerInfo = await self._js.consumer_info(self._address.stream, self._group, timeout=2)
            return info
        except NotFoundError:
            self._is_gone = True
        except (TimeoutError, APIError, NatsError):
            pass
        return None

    async def _publish(self, subject: str, payload: bytes, reply: str = "") -> None:
        try:
            await self._client.publish(subject, payload, reply=reply)
        except NatsError:
            return  # there is no connection; what was not acknowledged comes again
