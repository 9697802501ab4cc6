"""The worker's own health port: /health/worker tells whether jobs are worked off, /health/live whether it moves.

It looks at memory only, so that it answers while the database is away: who asks it must not wait.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from luister.config.errors import GroundError
from luister.queue import vitals

HEART_SECONDS: Final = 30.0
LOOP_SECONDS: Final = 10.0


@contextmanager
def served(host: str, port: int) -> Iterator[int]:
    """Answer on that port while the block runs, and give the port, a free one for 0."""
    try:
        server = ThreadingHTTPServer((host, port), _Handler)
    except OSError as error:
        message = f"The health port {host}:{port} cannot be opened ({error.strerror}): set LUISTER_WORKER_HEALTH_PORT."
        raise GroundError(message) from error
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(5)


def problem(*, now: float, needs_heart: bool) -> str:
    """Return a code for what is wrong at that moment of the monotonic clock, or nothing."""
    here = vitals()
    if here.looped_at is None:
        return "not_started"
    if now - here.looped_at > LOOP_SECONDS:
        return "blocked"
    hearts = list(here.hearts.copy().values())
    if needs_heart and (not hearts or any(now - heart.beat_at > HEART_SECONDS for heart in hearts)):
        return "no_heartbeat"
    return ""


class _Handler(BaseHTTPRequestHandler):
    server_version = "luister"
    sys_version = ""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path not in {"/health/live", "/health/worker"}:
            self._answer(404, "unknown")
            return
        found = problem(now=time.monotonic(), needs_heart=path == "/health/worker")
        self._answer(503 if found else 200, found or "working")

    def _answer(self, status: int, word: str) -> None:
        body = json.dumps({"status": word}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing: probes ask every few seconds."""
