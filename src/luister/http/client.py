"""The one HTTP client of the connectors: guarded addresses, one deadline for all, bounded answers.

Every request has a connection of its own. A connection that was kept open may be closed by the other side
just as we write, and nobody can tell then whether the request was read.
"""

import functools
import json as jsonlib
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpcore
import httpx

from luister.base.errors import ConnectorError
from luister.http import guard
from luister.http.guard import BlockedAddressError, UnknownHostError

# Code → English sentence.
REASONS: dict[str, str] = {
    **guard.REASONS,
    "http.unreachable": "{host} does not accept connections. Check the address, and whether it is running.",
    "http.no_answer": "{host} gave no complete answer.",
    "http.too_large": "The answer of {host} was larger than expected.",
    "http.redirects": "{host} leads from one address to the next without end.",
}

MAX_BYTES = 10_000_000

# Ports of other well-known services: a request sent there could be taken for their own protocol.
_OTHER_PORTS = frozenset(
    {
        1433,
        1521,
        2049,
        2375,
        3306,
        3389,
        5432,
        5672,
        5900,
        6000,
        6379,
        6667,
        9200,
        11211,
        27017,
    }
)


class UnreachableError(ConnectorError):
    """No connection could be made; the request never left."""


class NoAnswerError(ConnectorError):
    """The request may have left, but no complete answer came."""


# The errors after which it is certain that the request never left.
NEVER_LEFT = (BlockedAddressError, UnknownHostError, UnreachableError)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer, whatever its status; redirects are not followed."""

    status: int
    headers: Mapping[str, str]  # names in any case
    content: bytes

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            ValueError: it is not JSON in UTF-8.
        """
        try:
            return jsonlib.loads(self.content.decode("utf-8"))
        except RecursionError:
            raise ValueError("nested too deeply") from None


class HttpClient:
    """Requests to one network. Use as a context manager."""

    def __init__(
        self,
        base_url: str,
        *,
        allow_hosts: frozenset[str],
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BYTES,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            allow_hosts: see `guard.resolve`.
            transport: answers instead of the network, in tests.

        Raises:
            BlockedAddressError: not an http or https address, one with a user in it, or a port of
                another kind of service.
        """
        self._url = checked_url(base_url, allow_hosts=allow_hosts).copy_with(query=None)
        self._max_bytes = max_bytes
        self._client = httpx.Client(
            transport=transport or GuardedTransport(allow_hosts=allow_hosts),
            headers={
                "Accept-Encoding": "identity",
                "User-Agent": "Luister",
                **(headers or {}),
            },
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        deadline_seconds: float,
        params: Mapping[str, str | int] | None = None,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request, once, and read the whole answer; `path` is added to the base address.

        Raises:
            BlockedAddressError: the address may not be connected to.
            UnknownHostError: the host has no address.
            UnreachableError: refused, TLS failed, or no connection within the deadline.
            NoAnswerError: anything that went wrong after that.
        """
        host = self._url.host
        url = self._url.copy_with(path=self._url.path.rstrip("/") + path)
        try:
            with self._client.stream(
                method,
                url,
                params=params,
                json=json,
                headers=headers,
                timeout=deadline_seconds,
            ) as response:
                return self._read(response)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError):
            # LocalProtocolError: the request was found malformed before a byte of it was written.
            raise UnreachableError("http.unreachable", host=host) from None
        except (httpx.HTTPError, httpx.StreamError):
            raise NoAnswerError("http.no_answer", host=host) from None

    def _read(self, response: httpx.Response) -> Answer:
        host = self._url.host
        if response.headers.get("Content-Encoding", "identity").lower() not in (
            "",
            "identity",
        ):
            # We asked for none; unpacking a small body can fill the memory.
            raise NoAnswerError("http.no_answer", host=host)
        parts = bytearray()
        for part in response.iter_bytes():
            parts += part
            if len(parts) > self._max_bytes:
                raise NoAnswerError("http.too_large", host=host)
        return Answer(response.status_code, response.headers, bytes(parts))


class GuardedTransport(httpx.BaseTransport):
    """Sends over a connection to a checked address; the Host header and TLS keep the name."""

    def __init__(self, *, allow_hosts: frozenset[str]) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls(),
            max_keepalive_connections=0,
            network_backend=_GuardedBackend(allow_hosts),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the read time-out bounds everything from here to the last byte."""
        url = request.url
        assert isinstance(request.stream, httpx.SyncByteStream)
        try:
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=url.raw_scheme,
                        host=url.raw_host,
                        port=url.port,
                        target=url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except _CORE_ERRORS as error:
            raise _translated(error) from error
        assert isinstance(answer.stream, Iterable)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except _CORE_ERRORS as error:
            raise _translated(error) from error

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


class _GuardedBackend(httpcore.SyncBackend):
    """Connects to the address that was checked, not to the name."""

    def __init__(self, allow_hosts: frozenset[str]) -> None:
        self._allow_hosts = allow_hosts

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        assert timeout is not None
        ends_at = time.monotonic() + timeout
        address = guard.resolve(host, port, allow_hosts=self._allow_hosts)
        stream = super().connect_tcp(
            address,
            port,
            _left(ends_at, httpcore.ConnectTimeout),
            local_address,
            socket_options,
        )
        return _DeadlineStream(stream, ends_at)


class _DeadlineStream(httpcore.NetworkStream):
    """A connection that ends at one moment, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, ends_at: float) -> None:
        self._stream = stream
        self._ends_at = ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._ends_at, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._ends_at, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._ends_at, httpcore.ConnectTimeout)
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left), self._ends_at)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(ends_at: float, error: type[Exception]) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise error("deadline")
    return left


@functools.cache
def _tls() -> ssl.SSLContext:
    # trust_env: SSL_CERT_FILE names an organisation's own authority.
    return httpx.create_ssl_context(trust_env=True)


_TRANSLATIONS: dict[type[Exception], type[httpx.HTTPError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
}
_CORE_ERRORS = tuple(_TRANSLATIONS)


def _translated(error: Exception) -> httpx.HTTPError:
    return _TRANSLATIONS[type(error)](str(error))


def checked_url(text: str, *, allow_hosts: frozenset[str]) -> httpx.URL:
    """Return an address that may be asked, without its fragment; its host is judged on connecting.

    Raises:
        BlockedAddressError: not an http or https address, one with a user in it, or a port of another kind of service.
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise BlockedAddressError(text, code="http.invalid_address") from None
    if url.scheme not in ("http", "https") or url.userinfo or not url.host:
        raise BlockedAddressError(text, code="http.invalid_address")
    guard.normal_host(url.raw_host.decode("ascii"))
    port = url.port or (443 if url.scheme == "https" else 80)
    if (
        f"{url.host}:{port}" not in allow_hosts
        and port not in (80, 443)
        and (not 1024 <= port <= 65535 or port in _OTHER_PORTS)
    ):
        raise BlockedAddressError(f"{url.host}:{port}", code="http.blocked_port")
    return url.copy_with(fragment=None)
