"""Real worker processes in numbers, quick to start: one process loads everything and forks a worker when asked.

Run as a module it is that process: each line on its standard input asks for a worker, whose process id it answers.
"""

import contextlib
import ctypes
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[1]


_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent is gone, however that ended."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Farm:
    """Worker processes that can be killed and frozen. Use as a context manager: it leaves none behind."""

    def __init__(self, *, sending: int, env: Mapping[str, str], log: Path, seed: int = 0) -> None:
        """Prepare; nothing runs yet.

        Args:
            sending: how many posts a worker sends at once.
            log: what the workers say goes here.
        """
        self._command = [sys.executable, "-m", "bench.farm", str(sending)]
        self._env = {**os.environ, **env, "LUISTER_PROCESS": "worker"}
        self._log = log
        self._random = random.Random(seed)
        self.workers: list[int] = []

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._nursery = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            self._signal(worker, signal.SIGKILL)
        self._nursery.kill()
        self._nursery.communicate()

    def spawn(self) -> int:
        """Start a worker and return its process id."""
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(b"spawn\n")
        self._nursery.stdin.flush()
        worker = int(self._nursery.stdout.readline())
        self.workers.append(worker)
        return worker

    def kill_one(self) -> None:
        """End a worker on the spot (SIGKILL), and start another in its place."""
        worker = self._random.choice(self.workers)
        self._signal(worker, signal.SIGKILL)
        self.workers.remove(worker)
        self.spawn()

    def end_all(self) -> None:
        """End every worker on the spot, and start none."""
        while self.workers:
            self._signal(self.workers.pop(), signal.SIGKILL)

    def restart_oldest(self) -> None:
        """Ask the worker that runs longest to end (SIGTERM), wait until it has, and start another."""
        worker = self.workers.pop(0)
        self._signal(worker, signal.SIGTERM)
        while _is_alive(worker):
            time.sleep(0.05)
        self.spawn()

    def freeze_one(self) -> int:
        """Freeze a worker (SIGSTOP) and return its process id, for `thaw`."""
        worker = self._random.choice(self.workers)
        self._signal(worker, signal.SIGSTOP)
        return worker

    def thaw(self, worker: int) -> None:
        """Let a frozen worker go on."""
        self._signal(worker, signal.SIGCONT)

    def _signal(self, worker: int, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, number)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def nurse(sending: int) -> None:
    """Load everything once, then fork a worker for every line that is read."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "luister.config.settings"
    import django  # noqa: PLC0415 - the settings are named first

    django.setup()
    from luister import connectors  # noqa: PLC0415
    from luister.config import worker  # noqa: PLC0415

    connectors.kinds()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need no burial
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            die_with_parent()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            try:
                worker.run(sending=sending, others=2)
            finally:
                os._exit(1)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    nurse(int(sys.argv[1]))
