"""A storm: posts are sent through real workers over the practice network while workers are killed or frozen.

What arrived is read from the network's own record, which the workers cannot touch.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from bench.farm import ROOT, Farm, die_with_parent
from bench.proxy import Proxy
from luister.accounts.models import Workspace
from luister.base.clock import utc_now
from luister.base.connector import Idempotency
from luister.base.ids import new_uuid
from luister.base.posts import Author
from luister.channels.actions import NewChannel, connect
from luister.channels.models import Channel
from luister.delivery import actions
from luister.delivery.enums import AttemptOutcome, SendState
from luister.delivery.models import Attempt, Outgoing
from luister.delivery.queries import ONE_AT_A_TIME
from luister.posts.models import Post

AHEAD = 400  # so many posts wait at most
AT_ONCE = 50  # so many are queued between two looks

ENDED = (SendState.SENT, SendState.FAILED, SendState.ABANDONED)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done to how many posts, and how long the times are that in earnest are minutes."""

    classes: tuple[Idempotency, ...]
    posts: int  # over all classes, an equal share each
    kills: int = 0
    freezes: int = 0
    freeze_seconds: float = 11.0
    cuts: int = 0  # times that the database drops every connection
    severs: int = 0  # times that the network between workers and database is gone, every other time silently
    sever_seconds: float = 4.0
    crashes: int = 0  # times that the database's server is killed and started again
    workers: int = 4
    sending: int = 5  # posts at once in each worker
    channels: int = 2  # of each class
    lane_length: int = 1  # posts in a row that must keep their order
    deadline_seconds: float = 3.0
    settle_seconds: float = 4.0
    echo_wait_seconds: float = 8.0
    patience_seconds: float = 600.0
    seed: int = 1
    faults: Mapping[str, str] = field(default_factory=dict)  # options of the practice server


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the posts of one class."""

    posts: int
    sent: int
    lost: int  # called sent, or failed, or nothing at all, and not on the network
    twice: int
    out_of_order: int  # lanes
    flagged: int  # unknown, and put before a person
    flagged_arrived: int  # of these, how many the network has
    resolved: int  # were unknown for a while, and the machine found out
    deserted: int  # attempts that nobody came back from
    ambiguous: int  # attempts that the network left without a clear answer
    slowest_flag_seconds: float  # from the attempt until a person was asked


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a storm came to."""

    classes: Mapping[Idempotency, Verdict]
    kills: int
    freezes: int
    cuts: int
    severs: int
    crashes: int
    seconds: float


def run(
    plan: Plan,
    *,
    database_url: str,
    home: str,
    progress: Callable[[int], None] = lambda done: None,
    crash: Callable[[], None] = lambda: None,
) -> Outcome:
    """Raise the storm and return what became of the posts; `crash` kills the database and has it started again."""
    there = urlsplit(database_url)
    with (
        tempfile.TemporaryDirectory(prefix="luister-storm-") as folder,
        Proxy(there.hostname or "", there.port or 5432) as proxy,
    ):
        log = Path(folder) / "deliveries.jsonl"
        with _network(plan, log=log) as address:
            channels = _connect(plan, address)
            severable = database_url.replace(f":{there.port}/", f":{proxy.port}/")
            env = _environment(plan, database_url=severable, home=home, address=address)
            with Farm(sending=plan.sending, env=env, log=Path(folder) / "workers.log", seed=plan.seed) as farm:
                for _ in range(plan.workers):
                    farm.spawn()
                began = time.monotonic()
                trouble = _harass(plan, channels, Trouble(plan, farm, proxy, crash), progress)
                seconds = time.monotonic() - began
                if os.environ.get("STORM_LOG"):
                    Path(os.environ["STORM_LOG"]).write_bytes((Path(folder) / "workers.log").read_bytes())
        deliveries = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    classes = {kind: _judge(kind, plan, deliveries) for kind in plan.classes}
    return Outcome(classes, trouble.kills, trouble.freezes, trouble.cuts, trouble.severs, trouble.crashes, seconds)


@dataclass(frozen=True, slots=True)
class Read:
    """What became of what customers wrote."""

    written: int
    missing: int
    twice: int
    kills: int
    seconds: float


def read(plan: Plan, *, customers: int, database_url: str, home: str) -> Read:
    """Have customers write while workers that read are killed, and return what was stored."""
    folder = tempfile.TemporaryDirectory(prefix="luister-storm-")
    with folder as place, _network(plan, log=Path(place) / "deliveries.jsonl") as address:
        (channel,) = _connect(plan, address)
        env = _environment(plan, database_url=database_url, home=home, address=address)
        began = time.monotonic()
        with Farm(sending=1, env=env, log=Path(place) / "workers.log", seed=plan.seed) as farm:
            for _ in range(plan.workers):
                farm.spawn()
            kills = _ask(plan, channel, farm, address=address, customers=customers)
            ends_at = time.monotonic() + plan.patience_seconds
            while _stored(channel) < customers and time.monotonic() < ends_at:
                time.sleep(0.1)
    texts = Counter(Post.objects.filter(channel=channel).values_list("text", flat=True))
    asked = [f"@{channel.handle} vraag {number}" for number in range(customers)]
    return Read(
        written=customers,
        missing=sum(text not in texts for text in asked),
        twice=sum(count - 1 for count in texts.values()),
        kills=kills,
        seconds=time.monotonic() - began,
    )


def _ask(plan: Plan, channel: Channel, farm: Farm, *, address: str, customers: int) -> int:
    """Write as so many customers while workers are killed; return how many were."""
    dice, kills = random.Random(plan.seed), 0
    for number in range(customers):
        _post(address, "/play", {"text": f"@{channel.handle} vraag {number}", "handle": f"klant_{number}"})
        if kills < plan.kills and number >= customers * (kills + 1) / (plan.kills + 1):
            kills += 1
            farm.kill_one()
        time.sleep(dice.uniform(0, 0.04))
    return kills


def _stored(channel: Channel) -> int:
    return Post.objects.filter(channel=channel).count()


@contextmanager
def _network(plan: Plan, *, log: Path) -> Iterator[str]:
    options = [f"--{name.replace('_', '-')}={value}" for name, value in plan.faults.items()]
    command = [sys.executable, "-m", "luister.practice.server", f"--log={log}"]
    command += [f"--seed={plan.seed}", *options]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
    try:
        assert server.stdout is not None
        yield f"127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.kill()
        server.communicate()


def _connect(plan: Plan, address: str) -> list[Channel]:
    workspace = Workspace.objects.create(slug=f"storm-{new_uuid().hex[:8]}", name="Storm")
    channels = []
    for number in range(plan.channels):
        for kind in plan.classes:
            handle, token = f"{kind}_{number}", f"token-{kind}-{number}"
            _post(address, "/accounts", {"handle": handle, "token": token, "class": kind})
            settings = {"base_url": f"http://{address}/practice/api", "handle": handle, "idempotency": kind}
            new = NewChannel("practice", handle, handle, "both", settings=settings, secrets={"token": token})
            channels.append(connect(new, workspace=workspace, by=None, now=utc_now()))
    return channels


def _post(address: str, path: str, body: Mapping[str, Any]) -> None:
    content = json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"http://{address}{path}", content), timeout=10) as answer:
        answer.read()


def _environment(plan: Plan, *, database_url: str, home: str, address: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "LUISTER_HOME": home,
        "LUISTER_ALLOW_HOSTS": address,
        "LUISTER_REQUEST_DEADLINE_SECONDS": str(plan.deadline_seconds),
        "LUISTER_SETTLE_SECONDS": str(plan.settle_seconds),
        "LUISTER_ECHO_WAIT_SECONDS": str(plan.echo_wait_seconds),
        "LUISTER_LATE_SECONDS": "1",
        "LUISTER_RETRY_SECONDS": "0.5",
        "LUISTER_WATCH_SECONDS": "0.5",
        "LUISTER_HEARTBEAT_SECONDS": "1",
        "LUISTER_LOG_LEVEL": "WARNING",
    }


def _queue(plan: Plan, channels: Sequence[Channel], *, begin: int, end: int) -> None:
    """Queue the posts of these numbers."""
    now = utc_now()
    for number in range(begin, end):
        channel = channels[number % len(channels)]
        # Where nobody could tell, a post of unknown outcome rightly keeps the rest of its lane waiting for ever.
        length = 1 if channel.settings["idempotency"] in ONE_AT_A_TIME else plan.lane_length
        actions.queue_post(
            channel=channel,
            lane=channel.pk * 1_000_000 + number // len(channels) // length,
            by=None,
            key=new_uuid(),
            text=f"Antwoord {number} ^Pim",
            is_public=True,
            recipient=Author("customer"),
            parent=None,
            send_after=now,
            now=now,
        )


def _harass(plan: Plan, channels: Sequence[Channel], trouble: "Trouble", progress: Callable[[int], None]) -> "Trouble":
    """Queue the posts and make trouble evenly over the work, until every post has an outcome."""
    dice, queued = random.Random(plan.seed), 0
    ends_at = time.monotonic() + plan.patience_seconds
    while (done := _done()) < plan.posts and time.monotonic() < ends_at:
        end = max(queued, min(plan.posts, done + AHEAD, queued + AT_ONCE))
        _queue(plan, channels, begin=queued, end=end)
        queued = end
        trouble.make(done)
        progress(done)
        time.sleep(dice.uniform(0.05, 0.25))
    trouble.end()
    return trouble


class Trouble:
    """Kills and freezes workers and takes the database from them, each so many times, evenly over the work."""

    def __init__(self, plan: Plan, farm: Farm, proxy: Proxy, crash: Callable[[], None]) -> None:
        self._plan, self._farm, self._proxy, self._crash = plan, farm, proxy, crash
        self._dice = random.Random(plan.seed)
        self._frozen: dict[int, float] = {}
        self._mend_at: float | None = None
        self.kills = self.freezes = self.cuts = self.severs = self.crashes = 0

    def make(self, done: int) -> None:
        """Make the trouble that is due after so many posts."""
        plan = self._plan
        if self._is_due(self.kills, plan.kills, done):
            self.kills += 1
            self._farm.kill_one()
        if self._is_due(self.cuts, plan.cuts, done):
            self.cuts += 1
            _cut_connections()
        if self._mend_at is None and self._is_due(self.severs, plan.severs, done):
            self._sever()
        if self._is_due(self.crashes, plan.crashes, done):
            self.crashes += 1
            connection.close()
            self._crash()
        # Somebody has to be left at work.
        if len(self._frozen) < max(1, plan.workers // 2) and self._is_due(self.freezes, plan.freezes, done):
            self.freezes += 1
            seconds = plan.freeze_seconds * self._dice.uniform(0.5, 1.5)
            self._frozen[self._farm.freeze_one()] = time.monotonic() + seconds
        self._thaw(until=time.monotonic())
        self._mend(until=time.monotonic())

    def _sever(self) -> None:
        self.severs += 1
        self._mend_at = time.monotonic() + self._plan.sever_seconds
        if self.severs % 2:
            self._proxy.cut()
        else:
            self._proxy.silence()

    def _mend(self, *, until: float) -> None:
        if self._mend_at is not None and self._mend_at <= until:
            self._proxy.mend()
            self._mend_at = None

    def end(self) -> None:
        """Let everybody go on, and give them the time to end what they had begun."""
        waking = bool(self._frozen)
        self._thaw(until=float("inf"))
        self._mend(until=float("inf"))
        if waking:
            time.sleep(self._plan.deadline_seconds + 1)

    def _is_due(self, made: int, wanted: int, done: int) -> bool:
        return made < wanted and done >= self._plan.posts * made / (wanted + 1)

    def _thaw(self, *, until: float) -> None:
        for worker in [worker for worker, thaw_at in self._frozen.items() if thaw_at <= until]:
            self._farm.thaw(worker)
            del self._frozen[worker]


def _cut_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _done() -> int:
    """Return how many posts have an outcome, or stand before a person, or behind one that does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM delivery_outgoing o"
            " WHERE state = ANY(%s) OR EXISTS (SELECT 1 FROM delivery_outgoing a"
            " WHERE a.lane = o.lane AND a.id <= o.id AND a.state = 'unknown' AND a.asked_at IS NOT NULL)",
            [[state.value for state in ENDED]],
        )
        return int(cursor.fetchone()[0])


def _is_held(post: Outgoing, flagged: Sequence[Outgoing]) -> bool:
    """Whether a post stands before a person, or waits in its lane for one that does."""
    if post.state == SendState.QUEUED:
        return any(asked.lane == post.lane and asked.pk < post.pk for asked in flagged)
    return post in flagged


def _judge(kind: Idempotency, plan: Plan, deliveries: Sequence[Mapping[str, Any]]) -> Verdict:
    arrived = Counter(one["key"] for one in deliveries if not one["replaces"])
    first_at: dict[str, int] = {}
    for place, one in enumerate(deliveries):
        first_at.setdefault(one["key"], place)
    posts = list(Outgoing.objects.filter(channel__settings__idempotency=kind).order_by("id"))
    attempts = Attempt.objects.filter(outgoing__in=posts)
    flagged = [post for post in posts if post.state == SendState.UNKNOWN and post.asked_at]
    unknown = set(attempts.filter(outcome__in=["", AttemptOutcome.UNKNOWN]).values_list("outgoing_id", flat=True))
    lanes = defaultdict(list)
    for post in posts:
        if str(post.key) in first_at:
            lanes[post.lane].append(first_at[str(post.key)])
    return Verdict(
        posts=len(posts),
        sent=sum(post.state == SendState.SENT for post in posts),
        lost=sum(
            (str(post.key) not in arrived or post.state != SendState.SENT) and not _is_held(post, flagged)
            for post in posts
        ),
        twice=sum(arrived[str(post.key)] - 1 for post in posts if str(post.key) in arrived),
        out_of_order=sum(places != sorted(places) for places in lanes.values()),
        flagged=len(flagged),
        flagged_arrived=sum(str(post.key) in arrived for post in flagged),
        resolved=sum(post.state == SendState.SENT and post.pk in unknown for post in posts),
        deserted=attempts.filter(outcome="").count(),
        ambiguous=attempts.filter(outcome=AttemptOutcome.UNKNOWN).count(),
        slowest_flag_seconds=max(((post.asked_at - post.attempted_at).total_seconds() for post in flagged), default=0),
    )
