"""A connection that comes back by itself, and the streams on its server."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from luister.streams.wire.address import StreamAddress
from luister.streams.wire.errors import StreamError

CONNECT_SECONDS: Final = 10
BETWEEN_TRIES_SECONDS: Final = 1
PING_SECONDS: Final = 10
MOST_WAITING: Final = 64 * 1024 * 1024  # bytes to be sent when the server is there again
WEEK_SECONDS: Final = 7 * 24 * 3600
DUPLICATE_SECONDS: Final = 120
# In bytes. A server reserves what a stream may become, and of the sizes that people give it this leaves an eighth: for
# dead letters and buckets, without which a matcher cannot go on.
SIZES: Final = (7 * 2**30, 7 * 2**27, 7 * 2**24)
NO_ROOM: Final = 10047
NAME_TAKEN: Final = 10058

Tell = Callable[[str], None]


class _SecuredClient(Client):
    """Signs in over TLS alone; the library would go on without where a server offers none."""

    def _connect_command(self) -> bytes:
        if not self._server_info.get("tls_required"):
            message = "the server offers no TLS"
            raise NatsError(message)
        return super()._connect_command()


async def connect(address: StreamAddress, *, tell: Tell, warn: Tell | None = None) -> Client:
    """Return a connection that comes back by itself whenever it is lost, and says so once each time.

    Args:
        warn: is told what goes wrong instead of `tell`, where somebody keeps it.

    Raises:
        StreamError: there is no connection to begin with.
    """
    client = _SecuredClient() if address.scheme == "tls" else Client()
    who = address.sign_in
    is_lost = is_refused = False
    warned = warn or tell

    async def on_lost() -> None:
        nonlocal is_lost
        if not is_lost and not client.is_closed:
            is_lost = True
            warned(f"Lost the connection to {address.server}; trying again until it is back.")

    async def on_back() -> None:
        nonlocal is_lost, is_refused
        is_lost = is_refused = False
        tell(f"Connected to {address.server} again.")

    async def on_error(error: Exception) -> None:
        """Say that the server is back and knows us no more; all else is told when a request fails."""
        nonlocal is_refused
        if is_lost and not is_refused and _is_about_sign_in(error):
            is_refused = True
            warned(f"{_no_connection(address, error)} Trying again.")

    try:
        await client.connect(
            servers=[address.server],
            name="luister",
            allow_reconnect=False,  # the first time a mistake in the address is likelier than a server that starts
            connect_timeout=CONNECT_SECONDS,
            max_reconnect_attempts=1,
            reconnect_time_wait=BETWEEN_TRIES_SECONDS,
            ping_interval=PING_SECONDS,
            max_outstanding_pings=2,
            pending_size=MOST_WAITING,
            skip_subject_validation=True,
            disconnected_cb=on_lost,
            reconnected_cb=on_back,
            error_cb=on_error,
            user=who.get("user"),
            password=who.get("password"),
            token=who.get("token"),
        )
    except (TimeoutError, OSError, NatsError) as error:
        await close(client)
        raise StreamError(_no_connection(address, error)) from None
    client.options |= {"allow_reconnect": True, "max_reconnect_attempts": -1}
    return client


def _is_about_sign_in(error: Exception) -> bool:
    said = str(error).lower()
    return "authorization" in said or "authentication" in said


def _no_connection(address: StreamAddress, error: Exception) -> str:
    said = str(error).lower()
    if _is_about_sign_in(error):
        return f"{address.server} refuses this user and password; give them as nats://user:password@host/STREAM."
    if "tls" in said or "ssl" in said or "certificate" in said:
        return f"{address.server} and this computer do not agree on TLS ({error})."
    return f"No NATS server answers at {address.server}. Is it running, and is the address right?"


async def stream_there(js: JetStreamContext, address: StreamAddress) -> tuple[str, bool]:
    """Return the subject to publish to on a stream, made where it was missing, and whether it was.

    Raises:
        StreamError: the server has no streams, or no room for another.
    """
    try:
        info = await js.stream_info(address.stream)
        return _subject(info.config.subjects or [], address), False
    except NotFoundError:
        pass
    except (TimeoutError, NoRespondersError, ServiceUnavailableError, APIError) as error:
        raise StreamError(refused(address, error)) from None
    subject = f"luister.posts.{address.stream}"
    config = StreamConfig(
        name=address.stream,
        subjects=[subject],
        max_age=WEEK_SECONDS,
        duplicate_window=DUPLICATE_SECONDS,
        description="Posts for Luister to match.",
    )
    try:
        await make(js, config)
    except (TimeoutError, NatsError) as error:
        raise StreamError(refused(address, error)) from None
    return subject, True


async def make(js: JetStreamContext, config: StreamConfig, *, sizes: Sequence[int] = SIZES) -> None:
    """Make a stream on disk that drops its oldest messages when it is full, as big as the server has room for.

    Raises:
        NatsError: the server refuses.
    """
    for size in sizes:
        asked = config.evolve(
            max_bytes=size, storage=StorageType.FILE, discard=DiscardPolicy.OLD, retention=RetentionPolicy.LIMITS
        )
        try:
            await js.add_stream(asked)
        except APIError as error:
            if error.err_code == NAME_TAKEN:  # somebody else makes it at this moment
                return
            if error.err_code != NO_ROOM or size == sizes[-1]:
                raise
        else:
            return


def refused(address: StreamAddress, error: Exception) -> str:
    """Return a sentence about an answer of the server."""
    if isinstance(error, NoRespondersError | ServiceUnavailableError):
        return f"{address.server} keeps no streams: start it with JetStream (nats-server -js)."
    if isinstance(error, asyncio.TimeoutError):
        return f"{address.server} did not answer in time about the stream {address.stream}."
    said = error.description if isinstance(error, APIError) else str(error)
    return f"{address.server} refuses the stream {address.stream}: {said}."


def _subject(subjects: Sequence[str], address: StreamAddress) -> str:
    """Return a subject that a stream takes: the first, with a word of ours for what it leaves open."""
    if not subjects:
        message = f"The stream {address.stream} takes its messages from another stream; publish to that one."
        raise StreamError(message)
    chosen = next((subject for subject in subjects if not set(subject) & set("*>")), subjects[0])
    return re.sub(r"[*>]", "luister", chosen)


async def close(client: Client | None) -> None:
    """End a connection, whatever state it is in."""
    if client is not None and not client.is_closed:
        try:
            await asyncio.wait_for(client.close(), CONNECT_SECONDS)
        except (TimeoutError, OSError, NatsError):
            return


def context(client: Client, **options: Any) -> JetStreamContext:
    """Return what speaks of streams over a connection."""
    return client.jetstream(timeout=CONNECT_SECONDS, **options)


__all__ = ["Client", "JetStreamContext", "close", "connect", "context", "make", "refused", "stream_there"]
