"""Dead letters: messages that nobody can match, kept with the reason beside their stream."""

from typing import Final

from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from nats.js.errors import NotFoundError

from luister.streams.wire.connection import make
from luister.streams.wire.publishing import Publisher
from luister.streams.wire.reading import Delivery

STREAM: Final = "luister-dead"
KEPT_SECONDS: Final = 30 * 24 * 3600
SIZES: Final = (2**28, 2**26, 2**24)  # bytes
MOST_KEPT: Final = 64 * 1024  # bytes of a message
ENVELOPE: Final = 1024  # bytes of headers


class DeadLetters:
    """Where a stream's dead letters go: the subject `luister.dead.STREAM`."""

    def __init__(self, js: JetStreamContext, publisher: Publisher, *, stream: str) -> None:
        self._js = js
        self._publisher = publisher
        self._stream = stream
        self._is_there = False

    async def put(self, delivery: Delivery, *, code: str, reason: str) -> None:
        """Keep a message and why nobody can match it; a big one loses its end."""
        if not self._is_there:
            await self._make()
        headers = {
            "Luister-Reason": " ".join(reason.split())[:500],
            "Luister-Code": code,
            "Luister-Stream": self._stream,
            "Luister-Number": str(delivery.number),
            "Luister-Bytes": str(len(delivery.payload)),
        }
        await self._publisher.send(
            f"luister.dead.{self._stream}",
            delivery.payload[: min(MOST_KEPT, self._publisher.most_bytes - ENVELOPE)],
            ident=f"{self._stream}-{delivery.number}",
            headers=headers,
        )

    async def _make(self) -> None:
        try:
            await self._js.stream_info(STREAM)
        except NotFoundError:
            config = StreamConfig(
                name=STREAM,
                subjects=["luister.dead.>"],
                max_age=KEPT_SECONDS,
                description="What matchers of Luister could not read, and why.",
            )
            await make(self._js, config, sizes=SIZES)
        self._is_there = True
