"""The long-running children of `luister start`: started, logged to a file each, and started again when they die."""

import contextlib
import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from luister.config.children import spawn

LOG_BYTES = 5_000_000
LOG_FILES = 3
SOON_SECONDS = 0.5  # pause before the first restart; doubles with each quick death
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 60.0  # after running this long, a death counts as the first


class LogFile:
    """One rotating file; also shown on standard error where nobody sits at a terminal."""

    def __init__(self, path: Path, *, echo: bool) -> None:
        self._handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
        self._echo = echo
        self._copying: threading.Thread | None = None

    def write(self, line: str) -> None:
        """Write one line."""
        self._handler.emit(logging.makeLogRecord({"msg": "%s", "args": (line,)}))
        if self._echo:
            print(line, file=sys.stderr, flush=True)  # noqa: T201 - a service's log is its standard error

    def copy_from(self, stream: IO[bytes]) -> None:
        """Write what comes out of a stream until it ends, in a thread of its own."""
        self._copying = threading.Thread(target=self._copy, args=(stream,), daemon=True)
        self._copying.start()

    def close(self) -> None:
        """Write what is left of the last stream, which has to be at its end, and close the file."""
        if self._copying is not None:
            self._copying.join(1)
        self._handler.close()

    def _copy(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self.write(line.decode(errors="replace").rstrip("\n"))


class Child:
    """A process that should always run."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        log: LogFile,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self._command = [sys.executable, "-m", "luister.config.cli", *arguments]
        self._env = env
        self._log = log
        self._pass_fds = pass_fds
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._quick_deaths = 0

    @property
    def pid(self) -> int | None:
        """Return its process id, if it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start it; call this from the main thread, whose end is its end."""
        self._process = spawn(self._command, env=self._env, output=subprocess.PIPE, pass_fds=self._pass_fds)
        self._began = time.monotonic()
        if self._process.stdout is not None:
            self._log.copy_from(self._process.stdout)

    def tend(self, *, say: Callable[[str], None]) -> None:
        """Start it again if it died, the sooner the longer it had run."""
        if self._process is None or self._process.poll() is None:
            return
        ran = time.monotonic() - self._began
        if ran > HEALTHY_SECONDS:
            self._quick_deaths = 0
        pause = min(SOON_SECONDS * 2**self._quick_deaths, LONGEST_PAUSE_SECONDS)
        if ran < pause:
            return
        self._quick_deaths += 1
        say(f"The {self.name} process ended ({_ending(self._process.returncode)}); starting it again.")
        self.start()

    def ask_to_stop(self) -> None:
        """Ask it to finish what it is doing and stop."""
        self._signal(signal.SIGTERM)

    def wait_or_kill(self, *, deadline: float) -> None:
        """Wait for it until that moment of the monotonic clock, then end it by force."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._log.close()

    def _signal(self, sign: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(sign)


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
