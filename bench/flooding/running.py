"""Processes of the installation and of those who use it, which end with the measurement."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench.farm import ROOT, die_with_parent

START_SECONDS = 60.0

Process = subprocess.Popen[str]


@contextmanager
def running(command: Sequence[str], *, env: Mapping[str, str], log: Path) -> Iterator[Process]:
    """Run a Python module with arguments; what it complains of goes to the log."""
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=env, text=True, preexec_fn=die_with_parent,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@contextmanager
def luister(name: str, *arguments: str, env: Mapping[str, str], home: Path) -> Iterator[Process]:
    """Run a process of the installation, as its supervisor does."""
    command = ["luister.config.cli", name, *arguments]
    with running(command, env={**env, "LUISTER_PROCESS": name}, log=home / f"{name}.log") as process:
        yield process


@contextmanager
def web(*, env: Mapping[str, str], home: Path) -> Iterator[tuple[Process, str]]:
    """Run the web process and give its address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with luister("web", "--port", str(port), env=env, home=home) as process:
        ends_at = time.monotonic() + START_SECONDS
        while not _answers(port) and time.monotonic() < ends_at:
            time.sleep(0.2)
        yield process, f"127.0.0.1:{port}"


def tell(process: Process, words: str) -> None:
    """Write a line to a process."""
    pipe = _open(process.stdin)
    pipe.write(f"{words}\n")
    pipe.flush()


def answer(process: Process) -> str:
    """Return the next line that a process writes."""
    return _open(process.stdout).readline().strip()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _open(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
