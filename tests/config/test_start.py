"""`luister start` runs everything, survives the death of any part, and leaves nothing behind."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from luister.config.children import command_of, is_running, wait_until

pytestmark = pytest.mark.db
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")

LUISTER = [sys.executable, "-m", "luister.config.cli"]
READY = re.compile(r"^Luister is ready at (http://127\.0\.0\.1:\d+)$", re.MULTILINE)
LINK = re.compile(r"^(http://127\.0\.0\.1:\d+/(?:setup|enter)/\S+)$", re.MULTILINE)


class Running:
    """A `luister start` and what it printed."""

    def __init__(self, home: Path, *options: str, switch: tuple[str, ...] = (), port: int = 0) -> None:
        self.home = home
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE")}
        for name in ("LUISTER_PROCESS", "LUISTER_TEST_DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
            environment.pop(name, None)
        self.environment = {**environment, "LUISTER_HOME": str(home)}
        self.output = Path(tempfile.mkstemp()[1])
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [*switch, *LUISTER, "start", "--port", str(port), *options],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def text(self) -> str:
        return self.output.read_text()

    def await_ready(self) -> "Running":
        assert wait_until(lambda: bool(LINK.search(self.text)) or self.process.poll() is not None, seconds=240)
        assert self.process.poll() is None, self.text
        self.first_text = self.text
        return self

    @property
    def address(self) -> str:
        found = READY.search(self.text)
        assert found
        return found[1]

    def get(self, path: str) -> int | None:
        parts = urlsplit(self.address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", path)
            return connection.getresponse().status
        return None

    def child(self, *words: str) -> int | None:
        for pid in descendants(self.process.pid):
            command = command_of(pid)
            if all(word in command for word in words):
                return pid
        return None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*LUISTER, *arguments], env=self.environment, capture_output=True, text=True, check=False)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()
            self.last_text = self.text
            self.output.unlink()


def descendants(pid: int) -> list[int]:
    """Return the processes below that one, nearest first."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for parent in found:
        found += parents.get(parent, [])
    return found[1:]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="luister-start-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def desk(folder: Path) -> Iterator[Running]:
    running = Running(folder / "home").await_ready()
    yield running
    running.stop()


def start_again(home: Path) -> None:
    running = Running(home).await_ready()
    try:
        assert running.get("/health/ready") == 200
    finally:
        running.stop()
    assert running.process.returncode == 0


def test_serves_and_says_how_to_come_in(desk: Running) -> None:
    lines = desk.text.splitlines()

    assert READY.match(lines[0])
    assert LINK.match(lines[1])
    assert (desk.get("/health/live"), desk.get("/health/ready"), desk.get("/health/x")) == (200, 200, 404)
    assert desk.first_text.splitlines() == lines[:2]


def test_second_start_on_the_same_folder_is_refused(desk: Running) -> None:
    done = desk.run("start", "--port", "0")

    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr == (
        f"Error: Luister already runs on the data folder {desk.home}: stop it first, or set LUISTER_HOME to another.\n"
    )


def test_port_that_is_taken(desk: Running, folder: Path) -> None:
    port = urlsplit(desk.address).port
    other = Running(folder / "other", port=port or 0)

    assert other.process.wait(20) == 1
    reason = "cannot be used (Address already in use): choose another with --port or PORT."
    assert other.text == f"Error: Port {port} on 127.0.0.1 {reason}\n"


@pytest.mark.parametrize("words", [("web",), ("worker",), ("-D",)], ids=["web", "worker", "database"])
def test_killed_part_comes_back(desk: Running, words: tuple[str, ...]) -> None:
    before = desk.child(*words)
    assert before is not None

    os.kill(before, signal.SIGKILL)

    assert wait_until(lambda: desk.child(*words) not in {None, before}, seconds=20)
    assert wait_until(lambda: desk.get("/health/ready") == 200, seconds=30)
    assert wait_until(lambda: '"worker", "state": "ok"' in desk.run("doctor", "--json").stdout, seconds=60)


def test_everything_stops_with_it(folder: Path) -> None:
    running = Running(folder / "stops").await_ready()
    parts = descendants(running.process.pid)
    assert len(parts) > 5

    running.process.send_signal(signal.SIGINT)

    assert running.process.wait(15) == 0
    assert [pid for pid in parts if is_running(pid)] == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", urlsplit(running.address).port or 0)) != 0


@pytest.mark.parametrize("chosen", [lambda pid: [pid], lambda pid: [pid, *descendants(pid)]], ids=["itself", "all"])
def test_killed_supervisor_leaves_nothing_the_next_start_does_not_repair(
    folder: Path, chosen: Callable[[int], list[int]]
) -> None:
    running = Running(folder / "killed").await_ready()
    parts = {pid: command_of(pid) for pid in descendants(running.process.pid)}

    for pid in chosen(running.process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    running.process.wait()

    wait_until(lambda: not any(is_running(pid) for pid in parts), seconds=10)
    assert [parts[pid] for pid in parts if is_running(pid)] == []
    start_again(folder / "killed")


@needs_root
def test_ordinary_user(folder: Path) -> None:
    home = folder / "nobody"
    home.mkdir()
    shutil.chown(home, "nobody")
    switch = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    # Python's own files may lie where only root may read; what is tested is that nothing else needs root.
    switch += ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    running = Running(home / "data", switch=switch).await_ready()
    try:
        assert running.get("/health/ready") == 200
    finally:
        running.stop()

    assert {path.owner() for path in home.rglob("*")} == {"nobody"}


def test_administrator_made_beside_a_running_desk(desk: Running) -> None:
    done = desk.run(
        "create-admin", "--email", "anna@example.nl", "--name", "Anna", "--workspace", "Haven", "--no-password"
    )
    again = desk.run(
        "create-admin", "--email", "anna@example.nl", "--name", "Anna", "--workspace", "Haven", "--no-password"
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        f"Anna administers Haven.\nSign in with this link, which works once: {desk.address}/enter/"
    )
    assert (again.returncode, again.stderr) == (1, "Error: There is already an account with this e-mail address.\n")


def test_demo_is_filled_once_and_opens_the_practice_network(folder: Path) -> None:
    first = Running(folder / "demo", "--demo", "--stage", "quiet").await_ready()
    try:
        assert "/enter/" in first.first_text
        assert (first.get("/practice/"), first.get("/health/ready")) == (200, 200)
        removed = first.run("demo", "remove", "--yes")
        again = first.run("demo", "remove", "--yes")
        filled = first.run("demo", "load", "--stage", "quiet", "--json")
    finally:
        first.stop()
    second = Running(folder / "demo").await_ready()
    try:
        assert "/enter/" in second.first_text
        assert second.get("/practice/") == 200
    finally:
        second.stop()

    assert (removed.returncode, removed.stderr) == (0, "")
    assert (again.returncode, again.stderr) == (1, "Error: There is no demo desk.\n")
    assert json.loads(filled.stdout)["ok"] is True
    assert not re.search(r"ERROR|CRITICAL|Traceback", first.last_text + second.last_text)
