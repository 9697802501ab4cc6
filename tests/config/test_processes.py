"""Children are logged, come back after they died, and go away with their parent."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from luister.config import processes
from luister.config.children import is_running, spawn, wait_until
from luister.config.processes import Child, LogFile


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    child = Child("test", [], env=dict(os.environ), log=LogFile(tmp_path / "test.log", echo=False))
    child._command = [sys.executable, "-c", "print('één regel', flush=True)"]
    yield child
    child.wait_or_kill(deadline=time.monotonic() + 5)


def test_log_gets_what_a_child_says(child: Child, tmp_path: Path) -> None:
    child.start()

    assert wait_until(lambda: (tmp_path / "test.log").read_text() == "één regel\n", seconds=60)


def test_child_comes_back_later_each_time(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    now = 1000.0
    monkeypatch.setattr(processes.time, "monotonic", lambda: now)
    child.start()
    starts = []

    for _ in range(5):
        assert child._process is not None
        child._process.wait()
        began = now
        while len(said) == len(starts):
            now += 0.1
            child.tend(say=said.append)
        starts.append(round(now - began))

    assert starts == [1, 1, 2, 4, 8]
    assert said[0] == "The test process ended (exit code 0); starting it again."


def test_child_that_ran_long_comes_back_at_once(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    now = 1000.0
    monkeypatch.setattr(processes.time, "monotonic", lambda: now)
    child._quick_deaths = 6
    child.start()
    assert child._process is not None
    child._process.wait()
    now += 61

    child.tend(say=said.append)

    assert len(said) == 1


def test_child_that_does_not_listen_is_ended_by_force(child: Child) -> None:
    child._command = ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"]
    child.start()
    pid = child.pid
    assert pid is not None

    child.ask_to_stop()
    child.wait_or_kill(deadline=time.monotonic() + 0.2)

    assert not is_running(pid)
    assert child.pid is None


def test_child_dies_with_its_parent() -> None:
    parent = """
import subprocess, sys, time
from luister.config.children import spawn
child = spawn(["sleep", "60"], env={"PATH": "/usr/bin:/bin"}, output=subprocess.DEVNULL)
print(child.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert is_running(pid)
        process.kill()

    assert wait_until(lambda: not is_running(pid), seconds=60)


def test_leave_within_ends_a_process_that_hangs() -> None:
    script = "import time; from luister.config.children import leave_within; leave_within(0.1); time.sleep(60)"

    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=30).returncode == 1


def test_zombie_does_not_run() -> None:
    child = spawn(["true"], env={"PATH": "/usr/bin:/bin"}, output=subprocess.DEVNULL)

    assert wait_until(lambda: not is_running(child.pid), seconds=60)
    assert child.wait() == 0


def test_no_such_process() -> None:
    assert not is_running(2**22 + 1)
