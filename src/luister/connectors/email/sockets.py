"""Connections to mail servers: checked addresses, TLS always, a deadline, and the server's own words in errors."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from luister.base.errors import ConnectorError, NotSentError
from luister.connectors.email.settings import Server
from luister.http.guard import allow_hosts_from_env, resolve

MAX_WORDS = 300


def open_socket(server: Server, *, timeout_seconds: float) -> socket.socket:
    """Connect to a server, secured from the first byte where it is set to `tls`.

    The name is resolved once and the checked address is what is connected to; the certificate must be that of the
    name.

    Raises:
        ConnectorError: the address may not be connected to.
        OSError: it cannot be reached, or not be secured.
    """
    allow_hosts = allow_hosts_from_env()
    host = server.host.strip().lower()
    if server.security == "plain" and allow_hosts.isdisjoint({host, f"{host}:{server.port}"}):
        raise ConnectorError("mail.plain_refused", needs_attention=True, host=server.host)
    address = resolve(server.host, server.port, allow_hosts=allow_hosts)
    connection = socket.create_connection((address, server.port), timeout=timeout_seconds)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if server.security != "tls":
        return connection
    try:
        return tls_context().wrap_socket(connection, server_hostname=server.host)
    except BaseException:
        connection.close()
        raise


def tls_context() -> ssl.SSLContext:
    """Return the rules for TLS: the system's trusted authorities, names checked, 1.2 or newer."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def words(data: object) -> str:
    """Return what a server said as one short line."""
    if isinstance(data, list | tuple):
        return words(next((part for part in data if part), ""))
    text = data.decode("utf-8", errors="replace") if isinstance(data, bytes) else str(data)
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split()).strip(" .")[:MAX_WORDS] or "nothing"


@contextlib.contextmanager
def network_errors(server: Server) -> Iterator[None]:
    """Turn what sockets and TLS raise into a ConnectorError that names the server and the cause."""
    host, port = server.host, str(server.port)
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        detail = error.verify_message or words(error)
        raise ConnectorError("mail.tls", needs_attention=True, detail=words(detail), host=host, port=port) from error
    except ssl.SSLEOFError as error:
        raise ConnectorError("mail.unreachable", detail="connection closed", host=host, port=port) from error
    except ssl.SSLError as error:
        detail = words(error.reason or error)
        raise ConnectorError("mail.tls", needs_attention=True, detail=detail, host=host, port=port) from error
    except TimeoutError as error:
        raise ConnectorError("mail.timeout", host=host, port=port) from error
    except OSError as error:
        raise ConnectorError("mail.unreachable", detail=words(error.strerror or error), host=host, port=port) from error


def not_sent(error: ConnectorError) -> NotSentError:
    """Return the same trouble as word that a mail was certainly not sent."""
    values: Any = error.reason.values
    return NotSentError(
        error.reason.code, needs_attention=error.needs_attention, retry_after=error.retry_after, **values
    )


class Deadline:
    """Cuts a connection at a moment, however slowly the other side drips; a socket's own time-out cannot."""

    def __init__(self, seconds: float) -> None:
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self.passed = False

    def watch(self, connection: socket.socket | None) -> None:
        """Say which connection is to be cut."""
        with self._lock:
            self._socket = connection
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            self.passed = True
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    # The socket below TLS: shutting that down wakes a blocked read without a TLS goodbye.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
