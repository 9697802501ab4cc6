"""A network to the database that can be cut: a relay of TCP connections that drops them, or goes silent first."""

import contextlib
import socket
import threading
from typing import Self

BLOCK = 65_536


class Proxy:
    """Relays a port of its own to a server. Use as a context manager."""

    def __init__(self, host: str, port: int) -> None:
        """Name the server; nothing is relayed yet."""
        self._target = (host, port)
        self._is_whole = threading.Event()
        self._is_whole.set()
        self._refuses = False
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()
        self._is_whole.set()

    @property
    def port(self) -> int:
        """The port that leads to the server."""
        return int(self._listener.getsockname()[1])

    def cut(self) -> None:
        """Drop every connection, and each new one at once, until it is mended."""
        self._refuses = True
        with self._lock:
            dropped, self._sockets = self._sockets, set()
        for one in dropped:
            _drop(one)

    def silence(self) -> None:
        """Pass nothing on any more, in neither direction, and tell nobody."""
        self._is_whole.clear()

    def mend(self) -> None:
        """Let connections through again; those of before a silence are gone."""
        if not self._is_whole.is_set():
            self.cut()
            self._is_whole.set()
        self._refuses = False

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target, 5)
        except OSError:
            _drop(client)
            return
        server.settimeout(None)
        with self._lock:
            if self._refuses:
                _drop(client)
                _drop(server)
                return
            self._sockets |= {client, server}
        back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
        back.start()
        self._pump(client, server)
        back.join()
        with self._lock:
            self._sockets -= {client, server}

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(BLOCK):
                self._is_whole.wait()
                sink.sendall(block)
        _drop(source)
        _drop(sink)


def _drop(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
