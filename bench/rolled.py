"""What `bench.rolling` runs: processes that are restarted in turn, customers, screens that listen as browsers do."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from django.db import connection
from django.test import Client

from bench.farm import ROOT, Farm, die_with_parent
from bench.storm import Plan as StormPlan
from bench.storm import _connect, _environment, _network, _post, _queue
from luister.accounts.enums import Role
from luister.accounts.models import Membership, User, Workspace
from luister.base.connector import Idempotency
from luister.channels.models import Channel
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from luister.inbox.models import Case

RETRY_SECONDS = 2.0  # as the server tells browsers
REFUSED_SECONDS, MOST_REFUSED_SECONDS = 1.0, 10.0  # as live.js waits after a refusal: twice as long each time
TELLING = (b"event: cases-changed", b"event: resync")
PEOPLE = 10
SLACK_SECONDS = 1.0  # our own listener may hear of a change later than a screen


@dataclass(frozen=True, slots=True)
class Plan:
    """How much goes on, and how often each process is restarted."""

    screens: int
    posts_a_second: float
    rounds: int
    webs: int = 2
    workers: int = 2
    pages_a_second: float = 4.0
    replies: int = 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """What screens heard, pages answered, and networks got."""

    screens: int
    restarts: int
    posts: int
    cases: int
    missed: int  # changes, summed over the screens that were never told of them
    slowest_seconds: float
    reconnects: int
    pages: int
    failed_pages: int
    first_failure: str
    replies: int
    sent_twice: int
    lost: int
    seconds: float


@dataclass(slots=True)
class Screen:
    """One open screen: it listens, comes back when it is cut off, and then fetches everything anew, as in live.js."""

    topic: str
    cookie: str
    told_at: list[float] = field(default_factory=list)
    connects: int = 0

    async def listen(self, port: int) -> None:
        """Listen until cancelled."""
        refusals = 0
        while True:
            is_let_in = True
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                is_let_in = await self._listen_once(port)
            pause = min(REFUSED_SECONDS * 2**refusals, MOST_REFUSED_SECONDS) * random.uniform(0.5, 1.5)
            await asyncio.sleep(RETRY_SECONDS if is_let_in else pause)
            refusals = 0 if is_let_in else refusals + 1

    async def _listen_once(self, port: int) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            ask = f"GET /live?topics={self.topic}&age=1000 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookie}\r\n\r\n"
            writer.write(ask.encode())
            status = await reader.readline()
            if b" 200 " not in status:
                return not status
            self.connects += 1
            self.told_at.append(time.time())  # a page that is drawn, or drawn anew, shows what there is
            while line := await reader.readline():
                if line.startswith(TELLING):
                    self.told_at.append(time.time())
                if line == b"0\r\n":
                    break
        finally:
            writer.close()
        return True


@dataclass(slots=True)
class Pages:
    """People who open pages."""

    path: str
    cookie: str
    asked: int = 0
    failures: list[str] = field(default_factory=list)

    async def keep_asking(self, port: int, *, every: float) -> None:
        """Open a page now and then, until cancelled."""
        while True:
            await asyncio.sleep(every)
            await self._ask(port)

    async def _ask(self, port: int) -> None:
        self.asked += 1
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            ask = f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: {self.cookie}\r\n\r\n"
            with contextlib.closing(writer):
                writer.write(ask.encode())
                answer = await asyncio.wait_for(reader.read(), 60)
        except (OSError, TimeoutError) as error:
            self.failures.append(type(error).__name__)
            return
        if not answer.startswith(b"HTTP/1.1 200") or not answer.rstrip().endswith((b"</html>", b"0")):
            self.failures.append(answer[:60].decode(errors="replace") or "no answer")


class Audience:
    """All screens and people, in a thread of their own."""

    def __init__(self, port: int, screens: list[Screen], pages: Pages | None = None, *, every: float = 1.0) -> None:
        self._port, self._screens, self._pages, self._every = port, screens, pages, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._attend()))

    def __enter__(self) -> "Audience":
        self._thread.start()
        _until(lambda: all(screen.connects for screen in self._screens), "all screens are open")
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    async def _attend(self) -> None:
        tasks = [asyncio.create_task(screen.listen(self._port)) for screen in self._screens]
        if self._pages is not None:
            tasks.append(asyncio.create_task(self._pages.keep_asking(self._port, every=self._every)))
        await asyncio.to_thread(self._stop.wait)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Webs:
    """Web processes on one listening socket, as systemd and `luister start` have them."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = int(self._listener.getsockname()[1])
        self._env, self._log = env, log
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start one more, and wait until it listens for notices, which is when it serves."""
        before = _listeners()
        command = [sys.executable, "-m", "luister.config.cli", "web", "--fd", str(self._listener.fileno())]
        env = {**os.environ, **self._env, "LUISTER_PROCESS": "web"}
        with self._log.open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    command, cwd=ROOT, env=env, stdout=log, stderr=log, pass_fds=[self._listener.fileno()],
                    preexec_fn=die_with_parent,
                )
            )  # fmt: skip
        _until(lambda: _listeners() > before, "a web process serves")

    def restart_oldest(self, *, by: signal.Signals = signal.SIGTERM) -> None:
        """End the one that has served longest, then start another."""
        oldest = self._processes.pop(0)
        oldest.send_signal(by)
        oldest.wait(60)
        _until(lambda: _listeners() == len(self._processes), "its connection is gone")
        self.start()

    def stop(self) -> None:
        """End all."""
        for process in self._processes:
            process.kill()
            process.wait()
        self._listener.close()


def _listeners() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN luister%'"
        )
        return int(cursor.fetchone()[0])


def run(plan: Plan, *, database_url: str, home: str) -> Outcome:
    """Restart every process in turn while customers write, and return what came of it."""
    storm = StormPlan((Idempotency.KEY,), posts=plan.replies, channels=1, workers=plan.workers)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="luister-rolling-") as place:
        folder = Path(place)
        deliveries = folder / "deliveries.jsonl"
        with _network(storm, log=deliveries) as address:
            (channel,) = _connect(storm, address)
            env = _environment(storm, database_url=database_url, home=home, address=address)
            env |= {"LUISTER_LATE_SECONDS": "10", "LUISTER_REQUEST_DEADLINE_SECONDS": "10"}  # it is crowded
            env |= {"LUISTER_HEARTBEAT_SECONDS": "5", "LUISTER_SETTLE_SECONDS": "20"}
            webs = Webs(env, folder / "web.log")
            try:
                outcome = _roll(plan, storm, channel, webs, env=env, address=address, folder=folder)
            finally:
                webs.stop()
            keys = Counter(json.loads(line)["key"] for line in deliveries.read_text().splitlines())
    sent = Outgoing.objects.filter(state=SendState.SENT)
    lost = sum(str(post.key) not in keys for post in sent) + Outgoing.objects.exclude(state=SendState.SENT).count()
    twice = sum(count - 1 for count in keys.values())
    return outcome(lost=lost, twice=twice, seconds=time.monotonic() - began)


def _roll(plan, storm, channel, webs, *, env, address, folder):  # noqa: ANN001, ANN202, PLR0913 - the parts of `run`
    cookies = [signed_in(channel.workspace) for _ in range(PEOPLE)]
    topic = f"workspace:{channel.workspace_id}"
    screens = [Screen(topic, cookies[number % PEOPLE]) for number in range(plan.screens)]
    pages = Pages(f"/w/{channel.workspace.slug}/inbox/inbox/", cookies[0])
    for _ in range(plan.webs):
        webs.start()
    with Farm(sending=4, env=env, log=folder / "workers.log") as farm:
        for _ in range(plan.workers):
            farm.spawn()
        audience = Audience(webs.port, screens, pages, every=1 / plan.pages_a_second)
        with noted(topic, database_url=env["DATABASE_URL"]) as changes, audience:
            with _customers(address, channel, every=1 / plan.posts_a_second) as written:
                restarts = 0
                for turn in range(plan.rounds):
                    share = plan.replies // plan.rounds
                    _queue(storm, [channel], begin=turn * share, end=(turn + 1) * share)
                    for _ in range(plan.webs):
                        webs.restart_oldest()
                        restarts += 1
                    for _ in range(plan.workers):
                        farm.restart_oldest()
                        restarts += 1
            _until(lambda: Case.objects.count() >= len(written), "every post has its case", seconds=300)
            _until(
                lambda: not Outgoing.objects.exclude(state=SendState.SENT).exists(), "every reply is out", seconds=120
            )
            counted = list(changes)  # more may come, of which nobody waits until it is told
            last = counted[-1] - SLACK_SECONDS
            _until(lambda: all(one.told_at[-1] >= last for one in screens), "all were told", seconds=60, fails=False)
    cases = Case.objects.count()
    lags = [lag(screen, at - SLACK_SECONDS) for screen in screens for at in counted if at > screen.told_at[0]]

    def outcome(*, lost: int, twice: int, seconds: float) -> Outcome:
        heard = [lag for lag in lags if lag is not None]
        return Outcome(
            screens=len(screens), restarts=restarts, posts=len(written), cases=cases,
            missed=lags.count(None), slowest_seconds=max(heard, default=0.0),
            reconnects=sum(screen.connects - 1 for screen in screens), pages=pages.asked,
            failed_pages=len(pages.failures), first_failure=next(iter(pages.failures), ""),
            replies=plan.replies // plan.rounds * plan.rounds, sent_twice=twice, lost=lost, seconds=seconds,
        )  # fmt: skip

    return outcome


def lag(screen: Screen, at: float) -> float | None:
    """Return how long after a change a screen was told to look; None when it never was."""
    place = bisect_left(screen.told_at, at)
    return screen.told_at[place] - at if place < len(screen.told_at) else None


@contextmanager
def _customers(address: str, channel: Channel, *, every: float) -> Iterator[list[int]]:
    """Have customers write for as long as the block lasts; yields their numbers."""
    stop, written = threading.Event(), list[int]()

    def write() -> None:
        due = time.monotonic()
        while not stop.is_set():
            number = len(written)
            _post(address, "/play", {"text": f"@{channel.handle} vraag {number}", "handle": f"klant_{number}"})
            written.append(number)
            due += every
            stop.wait(max(0.0, due - time.monotonic()))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join()


@contextmanager
def noted(topic: str, *, database_url: str) -> Iterator[list[float]]:
    """Note when PostgreSQL tells of each change of the list, for as long as the block lasts."""
    stop, heard = threading.Event(), list[float]()

    def listen() -> None:
        while not stop.is_set():
            with contextlib.suppress(psycopg.Error):
                listen_once()
            stop.wait(0.1)

    def listen_once() -> None:
        with psycopg.connect(database_url, autocommit=True) as at:
            at.execute("LISTEN luister_live")
            at.execute("SELECT 1")  # so that it does not count as a process that serves
            while not stop.is_set():
                for notice in at.notifies(timeout=0.2):
                    told = json.loads(notice.payload)
                    if (told["topic"], told["name"]) == (topic, "cases-changed"):
                        heard.append(time.time())

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield heard
    finally:
        stop.set()
        thread.join()


def signed_in(workspace: Workspace) -> str:
    """Return the cookie of a new colleague who is signed in."""
    number = User.objects.count()
    user = User.objects.create(email=f"collega{number}@example.nl", name=f"Collega {number}")
    Membership.objects.create(workspace=workspace, user=user, role=Role.AGENT)
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def _until(condition, what: str, *, seconds: float = 90.0, fails: bool = True) -> None:  # noqa: ANN001 - any condition
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            if fails:
                raise AssertionError(what)
            return
        time.sleep(0.05)
