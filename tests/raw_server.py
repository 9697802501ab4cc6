"""A server on 127.0.0.1 that does with a connection whatever a test says, for answers no honest server gives."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

Handler = Callable[[socket.socket, bytes], None]


class RawServer:
    """Accepts connections, reads one request, and hands the socket to the handler."""

    def __init__(self, handler: Handler, *, reads_first: bool = True) -> None:
        self._handler = handler
        self._reads_first = reads_first
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "RawServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        # Closing does not wake a thread that is already in accept().
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            connection.settimeout(10)
            with connection, contextlib.suppress(OSError):
                request = read_request(connection) if self._reads_first else b""
                if request:
                    self.requests.append(request)
                self._handler(connection, request)


def read_request(connection: socket.socket) -> bytes:
    """Return one request, head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.partition(b":")[2]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(status: str, body: bytes = b"", **headers: str) -> Handler:
    """Return a handler that answers properly; header names are written with underscores."""

    def handle(connection: socket.socket, request: bytes) -> None:
        fields = {"Content-Length": str(len(body)), "Connection": "close"}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        connection.sendall(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)

    return handle


def send_bytes(data: bytes) -> Handler:
    """Return a handler that sends these bytes and closes."""
    return lambda connection, request: connection.sendall(data)


def reset(connection: socket.socket, request: bytes = b"") -> None:
    """Drop the connection the hard way."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """Yield a port on which nobody listens while it is held."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
