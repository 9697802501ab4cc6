"""Publishing posts to a stream: many on their way at once, each acknowledged, none twice."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from luister.streams.wire.errors import StreamError

MOST_ON_THEIR_WAY: Final = 1024  # messages that the server has not acknowledged
ANSWER_SECONDS: Final = 5.0  # then what was not acknowledged is sent again
MOST_UNHEARD: Final = 3
LONGEST_ID: Final = 200
ENVELOPE: Final = 64  # bytes of headers beside the id

Refused = Callable[[object, str], None]


def message_id(ident: str, *, network: str = "") -> str:
    """Return by what the server knows a post that it was given before: networks number their posts alike."""
    name = f"{network}/{ident}" if network else ident
    if name.isascii() and name.isprintable() and len(name) <= LONGEST_ID and name == name.strip():
        return name
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(slots=True)
class _Sent:
    tag: object
    subject: str
    payload: bytes
    headers: dict[str, str]


class Publisher:
    """Publishes to streams of one server; what the server refuses goes to `refused` with its tag and the reason.

    A connection that is lost is waited for: what was not acknowledged is sent again, and the server knows what it has.
    A server that is there and keeps nothing ends in a StreamError.
    """

    def __init__(self, client: Client, *, refused: Refused, most: int = MOST_ON_THEIR_WAY) -> None:
        self._client = client
        self._refused = refused
        self._most = most
        self._inbox = client.new_inbox()
        self._sent: dict[str, _Sent] = {}
        self._next = 0
        self._moved = asyncio.Event()
        self._unheard = 0  # times in a row that a server that is there kept nothing
        self.stored = 0
        self.present = 0

    async def start(self) -> None:
        """Begin hearing acknowledgements."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._heard)

    @property
    def most_bytes(self) -> int:
        """How big a message may be."""
        return self._client.max_payload

    def fits(self, payload: bytes, ident: str) -> bool:
        """Return whether the server takes a message of this size."""
        return len(payload) + len(ident.encode()) + ENVELOPE <= self.most_bytes

    async def send(
        self, subject: str, payload: bytes, *, ident: str, tag: object = None, headers: dict[str, str] | None = None
    ) -> None:
        """Send a message; returns as soon as there is room for another one."""
        while len(self._sent) >= self._most:
            await self._wait()
        self._next += 1
        number = str(self._next)
        sent = _Sent(tag, subject, payload, {"Nats-Msg-Id": ident, **(headers or {})})
        self._sent[number] = sent
        await self._put(number, sent)

    async def settled(self) -> None:
        """Return when everything is acknowledged or refused."""
        while self._sent:
            await self._wait()

    async def _put(self, number: str, sent: _Sent) -> None:
        try:
            await self._client.publish(
                sent.subject, sent.payload, reply=f"{self._inbox}.{number}", headers=sent.headers
            )
        except NatsError:
            return  # there is no connection; it is sent again

    async def _wait(self) -> None:
        self._moved.clear()
        try:
            await asyncio.wait_for(self._moved.wait(), ANSWER_SECONDS)
        except TimeoutError:
            if self._client.is_connected:
                self._unheard += 1
                if self._unheard > MOST_UNHEARD:
                    self._sent.clear()
                    message = "The server keeps nothing of what is published: the stream is gone, or its disk is full."
                    raise StreamError(message) from None
                for number, sent in list(self._sent.items()):
                    await self._put(number, sent)

    async def _heard(self, message: Msg) -> None:
        number = message.subject.rpartition(".")[2]
        if not message.data:  # nobody listens there: JetStream starts, or the stream is gone
            return
        self._unheard = 0
        sent = self._sent.pop(number, None)
        self._moved.set()
        if sent is None:
            return
        answer = json.loads(message.data)
        if "error" in answer:
            self._refused(sent.tag, str(answer["error"].get("description", "refused")))
        elif answer.get("duplicate"):
            self.present += 1
        else:
            self.stored += 1
