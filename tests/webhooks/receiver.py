"""A receiver of webhooks on this machine, which keeps what it gets and answers what it is told to."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Got:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self):
        return json.loads(self.body)


@dataclass
class Receiver:
    address: str
    got: list[Got] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    pause: float = 0.0
    hangs_until: threading.Event | None = None
    decide: Callable[[Got], int] | None = None

    def ids(self):
        return [one.headers["webhook-id"] for one in self.got]


@contextlib.contextmanager
def running_receiver() -> Iterator[Receiver]:
    """Give a receiver that stops at the end."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # whoever sent it died in the middle of it
            got = Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            receiver.got.append(got)
            time.sleep(receiver.pause)
            if receiver.hangs_until is not None:
                receiver.hangs_until.wait(120)
            with contextlib.suppress(OSError):
                self.send_response(receiver.decide(got) if receiver.decide else receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(receiver.answer)

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: object, client_address: object) -> None:
            """Whoever hung up has done so on purpose."""

    server = Server(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/luister")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
