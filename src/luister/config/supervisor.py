"""What `luister start` does: database, tables, web and worker, kept running until it is told to stop."""

import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from luister.config import environment, web
from luister.config.children import spawn, wait_until
from luister.config.embedded import EmbeddedPostgres
from luister.config.errors import GroundError, LockedError
from luister.config.processes import Child, LogFile

READY_SECONDS = 90.0
STOP_SECONDS = 7.0
TEND_EVERY_SECONDS = 0.25

Progress = Callable[[str, int, int], None]  # step, done, of how many


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    home: Path
    host: str
    port: int
    stage: str | None = None  # of the demo, if one is wanted


class Supervisor:
    """One run of `luister start`; use it from the main thread, on which its children's lives depend."""

    def __init__(self, options: Options, *, say: Callable[[str], None], progress: Progress, echo: bool) -> None:
        self._options = options
        self._say = say  # to the person at the terminal
        self._progress = progress
        self._echo = echo  # the children's logs to standard error
        self._stop = threading.Event()
        self._database: EmbeddedPostgres | None = None
        self._children: list[Child] = []
        self._preparing: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Start everything, keep it running, and stop it all on SIGTERM, SIGINT or SIGHUP.

        Raises:
            LockedError: another one runs on this data folder.
            GroundError: something on this machine stands in the way.
        """
        if (refused := environment.refusal(os.environ)) is not None:
            raise refused
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sign, self._on_signal)
        with _only_one(self._options.home), web.listen(self._options.host, self._options.port) as listener:
            try:
                self._start(listener)
                while not self._stop.wait(TEND_EVERY_SECONDS):
                    self._tend()
            finally:
                self._stop_all()

    def _on_signal(self, *_: object) -> None:
        self._stop.set()
        if self._preparing is not None:
            self._preparing.terminate()

    def _start(self, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        address = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::', '::1'} else host}:{port}"  # noqa: S104
        env = self._environment()
        prepared = self._prepare(env, address=address)
        if self._stop.is_set():
            return
        if prepared.get("has_demo") or env.get("LUISTER_PRACTICE"):
            # The practice network is served by ourselves, on an address that connectors may otherwise not reach.
            env.setdefault("LUISTER_PRACTICE", "true")
            hosts = [host for host in env.get("LUISTER_ALLOW_HOSTS", "").split(",") if host]
            env["LUISTER_ALLOW_HOSTS"] = ",".join([*hosts, f"127.0.0.1:{port}"])
        logs = self._options.home / "logs"
        self._children = [
            Child(
                "web",
                ["web", "--fd", str(listener.fileno())],
                env={**env, "LUISTER_PROCESS": "web"},
                log=LogFile(logs / "web.log", echo=self._echo),
                pass_fds=[listener.fileno()],
            ),
            Child(
                "worker",
                ["worker"],
                env={**env, "LUISTER_PROCESS": "worker"},
                log=LogFile(logs / "worker.log", echo=self._echo),
            ),
        ]
        for child in self._children:
            child.start()
        self._await_answer(host, port, logs=logs)
        if not self._stop.is_set():
            (self._options.home / "address").write_text(f"{address}\n")
            if prepared.get("advice"):
                self._say(prepared["advice"])
            self._say(f"Luister is ready at {address}")
            self._say(f"{address}{prepared['link']}")

    def _environment(self) -> dict[str, str]:
        """Return the children's environment, with the database started where none was given."""
        env = {**os.environ, "LUISTER_HOME": str(self._options.home), "PYTHONUNBUFFERED": "1"}
        if "DATABASE_URL" not in env:
            self._progress("database", 0, 1)
            self._database = EmbeddedPostgres(self._options.home)
            env["DATABASE_URL"] = self._database.start()
            self._progress("database", 1, 1)
        return env

    def _prepare(self, env: dict[str, str], *, address: str) -> dict[str, Any]:
        """Have tables and demo made ready in a process of its own; return what it found: "link" and "has_demo"."""
        log = self._options.home / "logs" / "prepare.log"
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        found: dict[str, Any] = {}
        with log.open("wb") as errors:
            command = [sys.executable, "-m", "luister.config.cli", "prepare", "--address", address]
            command += ["--stage", self._options.stage] if self._options.stage else []
            with spawn(command, env=env, output=subprocess.PIPE, errors=errors) as process:
                self._preparing = process
                for line in process.stdout or ():
                    told = json.loads(line)
                    if "step" in told:
                        self._progress(told["step"], told["done"], told["total"])
                    else:
                        found = told
        self._preparing = None
        if process.returncode != 0 and not self._stop.is_set():
            message = f"The database could not be prepared ({_last_line(log)}): {log} has the details."
            raise GroundError(message)
        return found

    def _await_answer(self, host: str, port: int, *, logs: Path) -> None:
        self._progress("web", 0, 1)

        def settled() -> bool:
            self._tend()
            return self._stop.is_set() or _is_live(host, port)

        if not wait_until(settled, seconds=READY_SECONDS, every=TEND_EVERY_SECONDS):
            message = (
                f"The web process does not answer ({_last_line(logs / 'web.log')}): {logs / 'web.log'} has the details."
            )
            raise GroundError(message)
        self._progress("web", 1, 1)

    def _tend(self) -> None:
        """Start again whatever died."""
        if self._database is not None and self._database.pid is None:
            self._say("The database ended; starting it again.")
            self._database.revive()
        for child in self._children:
            child.tend(say=self._say)

    def _stop_all(self) -> None:
        for child in self._children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.wait_or_kill(deadline=deadline)
        if self._database is not None:
            self._database.stop()


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Hold the data folder: two would send everything twice."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (home / "start.lock").open("w")
    except OSError as error:
        message = f"The data folder {home} cannot be written ({error.strerror}): set LUISTER_HOME to one that can."
        raise GroundError(message) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"Luister already runs on the data folder {home}: stop it first, or set LUISTER_HOME to another."
            raise LockedError(message) from None
        yield


def _is_live(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=2)  # noqa: S104
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].removeprefix("Error: ").rstrip(".") if lines else "it said nothing"
