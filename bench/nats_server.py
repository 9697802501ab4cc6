"""A real NATS server for measurements and tests: Debian's, on a free port, its streams in a folder of its own."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import nats
from nats.js import JetStreamContext

from bench.farm import die_with_parent

HOST = "127.0.0.1"
PROGRAM = shutil.which("nats-server") or "/usr/sbin/nats-server"
START_SECONDS = 60.0
PATIENCE_SECONDS = 30  # a busy machine takes its time
AT_ONCE = 1_000  # messages on their way

Found = TypeVar("Found")


class NatsServer:
    """One server with JetStream, which can be killed and started again."""

    def __init__(self, folder: Path, *, max_payload: str = "16MB", password: str = "") -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port = free.getsockname()[1]
        sign_in = f'authorization {{ user: "luister", password: "{password}" }}' if password else ""
        (folder / "nats.conf").write_text(
            f'listen: "{HOST}:{self.port}"\nmax_payload: {max_payload}\n{sign_in}\n'
            f'jetstream {{ store_dir: "{folder / "store"}", max_file_store: 4GB }}\n'
        )
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, stream: str) -> str:
        """Return the address of a stream here."""
        return f"nats://{HOST}:{self.port}/{stream}"

    @property
    def pid(self) -> int:
        """The process that serves."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, also again, and wait until its streams are there."""
        with (self.folder / "nats.log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "-c", str(self.folder / "nats.conf")], stdout=log, stderr=log, preexec_fn=die_with_parent
            )
        until(self._answers, seconds=START_SECONDS)

    def stop(self) -> None:
        """End it, without a goodbye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def run(self, work: Callable[[JetStreamContext], Awaitable[Found]], **sign_in: str) -> Found:
        """Return what a piece of asynchronous work makes of a connection."""

        async def quiet(error: Exception) -> None:
            """Say nothing: what matters is raised."""

        async def connected() -> Found:
            server = f"nats://{HOST}:{self.port}"
            client = await nats.connect(
                server, pending_size=256 * 2**20, connect_timeout=PATIENCE_SECONDS, error_cb=quiet, **sign_in
            )
            try:
                return await work(client.jetstream(timeout=PATIENCE_SECONDS))
            finally:
                await client.close()

        return asyncio.run(connected())

    def messages(self, stream: str) -> list[tuple[bytes, dict[str, str]]]:
        """Return what a stream holds, oldest first: payloads and headers."""

        async def read(js: JetStreamContext) -> list[tuple[bytes, dict[str, str]]]:
            state = (await js.stream_info(stream)).state
            found = []
            for number in range(max(1, state.first_seq), state.last_seq + 1):
                with contextlib.suppress(nats.js.errors.NotFoundError):
                    message = await js.get_msg(stream, number)
                    found.append((message.data or b"", dict(message.headers or {})))
            return found

        return self.run(read)

    def publish(self, subject: str, payloads: Sequence[bytes], **headers: Any) -> None:
        """Publish whatever it is, as anybody can."""

        async def put(js: JetStreamContext) -> None:
            for start in range(0, len(payloads), AT_ONCE):
                block = payloads[start : start + AT_ONCE]
                await asyncio.gather(*(js.publish(subject, payload, headers=headers or None) for payload in block))

        self.run(put)

    def left(self, stream: str, group: str) -> int | None:
        """Return how many messages a group has not finished; None where there is no group yet."""

        async def look(js: JetStreamContext) -> int:
            info = await js.consumer_info(stream, group)
            return (info.num_pending or 0) + (info.num_ack_pending or 0)

        with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
            return self.run(look)
        return None

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "nats.log").read_text()
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1) as wire:
            return b'"jetstream":true' in wire.recv(4096)
        return False


def until(look: Callable[[], Found], *, seconds: float = 120.0, every: float = 0.02) -> Found:
    """Return what is found as soon as something is."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"Nothing after {seconds} seconds."
        time.sleep(every)
    return found


@contextlib.contextmanager
def served(**options: str) -> Iterator[NatsServer]:
    """Give a server of these options for as long as it takes."""
    folder = Path(tempfile.mkdtemp(prefix="luister-nats-"))
    server = NatsServer(folder, **options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
