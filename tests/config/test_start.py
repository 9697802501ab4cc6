"""`luister start` runs everything, survives the death of any part, and leaves nothing behind.

Two starts begin with nothing: one, whose tables the other tests copy, and one of the demo by an ordinary user.
"""

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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from luister.config.children import command_of, is_running, wait_until
from tests.config.folders import AS_NOBODY, copy_of

pytestmark = pytest.mark.db

LUISTER = [sys.executable, "-m", "luister.config.cli"]
READY = re.compile(r"^Luister is ready at (http://127\.0\.0\.1:\d+)$", re.MULTILINE)
LINK = re.compile(r"^(http://127\.0\.0\.1:\d+/(?:setup|enter)/\S+)$", re.MULTILINE)
HEALTH_TOKEN = "nK4vT8qLw2ZsX6pRj9Ym3BhDf7Gc5Ea1"


class Running:
    """A `luister start` and what it printed."""

    def __init__(self, home: Path, *options: str, switch: tuple[str, ...] = (), port: int = 0) -> None:
        self.home = home
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE")}
        for name in ("LUISTER_PROCESS", "LUISTER_TEST_DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
            environment.pop(name, None)
        self.environment = {**environment, "LUISTER_HOME": str(home), "LUISTER_HEALTH_TOKEN": HEALTH_TOKEN}
        self.switch = switch
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

    def ask(self, path: str) -> tuple[int | None, bytes]:
        parts = urlsplit(self.address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", path, headers={"Authorization": f"Bearer {HEALTH_TOKEN}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        return None, b""

    def get(self, path: str) -> int | None:
        return self.ask(path)[0]

    def checks(self) -> dict[str, str]:
        """Return the state of every check of the installation, of none while nobody answers."""
        said = self.ask("/health/deep")[1]
        return {check["name"]: check["state"] for check in json.loads(said)["checks"]} if said else {}

    def child(self, *words: str) -> int | None:
        for pid in descendants(self.process.pid):
            command = command_of(pid)
            if all(word in command for word in words):
                return pid
        return None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*self.switch, *LUISTER, *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

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


@dataclass(frozen=True)
class First:
    """What a first start did, and what was left when it was stopped."""

    home: Path
    text: str
    answers: tuple[int | None, ...]
    exit_code: int
    parts: int
    left: list[int]
    still_listens: bool


@pytest.fixture(scope="module")
def first(folder: Path) -> First:
    """Start on nothing, look, and stop. The others begin with a copy of what this made: its tables take long."""
    running = Running(folder / "first").await_ready()
    answers = tuple(running.get(path) for path in ("/health/live", "/health/ready", "/health/x"))
    port = urlsplit(running.address).port or 0
    parts = descendants(running.process.pid)
    running.process.send_signal(signal.SIGINT)
    try:
        exit_code = running.process.wait(15)
        left = [pid for pid in parts if is_running(pid)]
        with socket.socket() as probe:
            still_listens = probe.connect_ex(("127.0.0.1", port)) == 0
    finally:
        running.stop()
    return First(running.home, running.last_text, answers, exit_code, len(parts), left, still_listens)


@pytest.fixture(scope="module")
def desk(first: First, folder: Path) -> Iterator[Running]:
    running = Running(copy_of(first.home, folder / "home")).await_ready()
    yield running
    running.stop()


def test_serves_and_says_how_to_come_in(first: First) -> None:
    ready, link = first.text.splitlines()

    assert READY.match(ready)
    assert LINK.match(link)
    assert first.answers == (200, 200, 404)


def test_everything_stops_with_it(first: First) -> None:
    assert first.parts > 5
    assert (first.exit_code, first.left, first.still_listens) == (0, [], False)


def test_second_start_says_how_to_come_in_too(desk: Running) -> None:
    ready, link = desk.first_text.splitlines()

    assert READY.match(ready)
    assert LINK.match(link)


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

    assert wait_until(lambda: desk.child(*words) not in {None, before}, seconds=60)
    assert wait_until(lambda: desk.get("/health/ready") == 200, seconds=60)
    assert wait_until(lambda: desk.checks().get("worker") == "ok", seconds=60)


def test_killed_supervisor_leaves_nothing_the_next_start_does_not_repair(first: First, folder: Path) -> None:
    running = Running(copy_of(first.home, folder / "killed")).await_ready()
    try:
        for victims in ("itself", "all"):
            parts = {pid: command_of(pid) for pid in descendants(running.process.pid)}
            for pid in [running.process.pid, *(parts if victims == "all" else ())]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            running.process.wait()

            wait_until(lambda parts=parts: not any(is_running(pid) for pid in parts), seconds=60)
            assert [parts[pid] for pid in parts if is_running(pid)] == [], victims
            running = Running(folder / "killed").await_ready()
            assert running.get("/health/ready") == 200, victims
    finally:
        running.stop()
    assert running.process.returncode == 0


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


def test_ordinary_user_begins_with_the_demo_which_is_filled_once_and_opens_the_practice_network(folder: Path) -> None:
    """As README has it: on nothing, and not as root where that can be chosen."""
    home = folder / "nobody"
    home.mkdir()
    switch = AS_NOBODY if os.geteuid() == 0 else ()
    if switch:
        shutil.chown(home, "nobody")
    first = Running(home / "data", "--demo", "--stage", "quiet", switch=switch).await_ready()
    try:
        assert "/enter/" in first.first_text
        assert (first.get("/practice/"), first.get("/health/ready")) == (200, 200)
        removed = first.run("demo", "remove", "--yes")
        again = first.run("demo", "remove", "--yes")
        filled = first.run("demo", "load", "--stage", "quiet", "--json")
    finally:
        first.stop()
    second = Running(home / "data", switch=switch).await_ready()
    try:
        assert "/enter/" in second.first_text
        assert second.get("/practice/") == 200
    finally:
        second.stop()

    assert (removed.returncode, removed.stderr) == (0, "")
    assert (again.returncode, again.stderr) == (1, "Error: There is no demo desk.\n")
    assert json.loads(filled.stdout)["ok"] is True
    assert not re.search(r"ERROR|CRITICAL|Traceback", first.last_text + second.last_text)
    assert {path.owner() for path in home.rglob("*")} == {home.owner()}
