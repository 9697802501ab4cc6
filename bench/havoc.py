"""Havoc: matchers share a stream while they are killed and frozen, and what is stored is compared to plain matching.

What has to be found is known before: posts carry marks by a seed, and each mark is asked for by a monitor.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.farm import die_with_parent
from bench.nats_server import NatsServer, until
from bench.town import DUTCH
from luister.accounts.enums import Role
from luister.accounts.models import Membership, User, Workspace
from luister.base.clock import utc_now
from luister.base.ids import new_uuid
from luister.channels.actions import NewChannel, connect
from luister.channels.enums import Owner
from luister.listening.actions import monitors
from luister.listening.actions.monitors import Wish
from luister.listening.models import Mention, Monitor
from luister.people.models import Contact, Identity
from luister.posts.models import Post
from luister.query import Moment, matches, parse, prepare
from luister.query.lines import read_post
from luister.streams.matcher.held import as_stored
from luister.streams.models import MatcherReport
from luister.streams.wire.address import parse_address

STREAM, GROUP = "POSTS", "luister"
SUBJECT = f"luister.posts.{STREAM}"
MARKS = tuple(f"merk{letter}" for letter in "abcdef")
QUERIES = (*MARKS[:4], "merke OR merkf", "merka merkb", "merkc -merkd", "merka network:x")
BEFORE, AFTER = "merkoud", "merknieuw"  # what the monitor asks for that is changed half-way
MARKED = 0.012  # of the posts, for each mark
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done to how many matchers over how many posts."""

    posts: int
    kills: int = 0
    freezes: int = 0
    restarts: int = 0  # of the server
    changes: bool = True  # a monitor, half-way
    matchers: int = 3
    ack_seconds: int = 2
    patience_seconds: float = 900.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What havoc came to; mentions are pairs of a monitor and a post."""

    posts: int
    mentions: int
    missing: int
    twice: int
    wrong: int  # found, and should not have been
    strays: int  # posts and people stored without need
    kills: int
    freezes: int
    restarts: int
    change_seconds: float  # until every matcher had looked at the changed monitor
    seconds: float


def run(
    plan: Plan,
    *,
    server: NatsServer,
    database_url: str,
    home: str,
    progress: Callable[[int], None] = lambda done: None,
) -> Outcome:
    """Wreak havoc and return what became of the posts."""
    member = _listen(server)
    lines = _lines(plan)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="luister-havoc-") as folder:
        fleet = Fleet(plan, server=server, env={"DATABASE_URL": database_url, "LUISTER_HOME": home}, folder=folder)
        try:
            changed = _harass(plan, lines, fleet=fleet, server=server, member=member, progress=progress)
            ends_at = time.monotonic() + plan.patience_seconds
            while server.left(STREAM, GROUP) != 0 and time.monotonic() < ends_at:
                fleet.tend()
                time.sleep(POLL_SECONDS)
        finally:
            fleet.end()
            if os.environ.get("HAVOC_LOG"):
                Path(os.environ["HAVOC_LOG"]).write_bytes((Path(folder) / "matchers.log").read_bytes())
    return _judge(plan, lines, changed, fleet=fleet, seconds=time.monotonic() - began)


@dataclass(frozen=True, slots=True)
class _Changed:
    """When a monitor was changed: after so many posts, and how long matchers took to see it."""

    after: int
    seconds: float


def _listen(server: NatsServer) -> Membership:
    workspace = Workspace.objects.create(slug=f"havoc-{new_uuid().hex[:8]}", name="Havoc")
    user = User.objects.create(email=f"{workspace.slug}@example.org", name="Havoc")
    member = Membership.objects.create(workspace=workspace, user=user, role=Role.LEAD)
    address = parse_address(server.address(STREAM))
    new = NewChannel(
        "stream",
        "Stroom",
        address.name,
        "public",
        settings={"address": address.text},
        owner=Owner.PUBLIC,
        network="web",
    )
    connect(new, workspace=workspace, by=None, now=utc_now())
    for query in (*QUERIES, BEFORE):
        monitors.make(Wish(name=query, query=query, days=1), by=member, now=utc_now())
    return member


def _lines(plan: Plan) -> list[bytes]:
    dice = random.Random(plan.seed)
    return [json.dumps(_post(number, dice), ensure_ascii=False).encode() for number in range(plan.posts)]


def _post(number: int, dice: random.Random) -> dict[str, Any]:
    words = dice.choices(DUTCH, k=dice.randint(8, 30))
    words += [mark for mark in (*MARKS, BEFORE, AFTER) if dice.random() < MARKED]
    dice.shuffle(words)
    return {
        "id": f"post-{number}",
        "text": " ".join(words),
        "author": f"klant_{dice.randint(1, 400)}",
        "network": dice.choice(("x", "facebook", "news")),
        "lang": "nl",
    }


class Fleet:
    """So many matchers, of which those that died are started anew, as systemd would."""

    def __init__(self, plan: Plan, *, server: NatsServer, env: Mapping[str, str], folder: str) -> None:
        self._plan, self._env = plan, {**os.environ, **env}
        self._dice = random.Random(plan.seed)
        self._log = (Path(folder) / "matchers.log").open("ab")
        arguments = ["match", "--from", server.address(STREAM), "--to", "database", "--ack-wait", str(plan.ack_seconds)]
        self._command = [sys.executable, "-m", "luister.config.cli", *arguments]
        self._processes: list[subprocess.Popen[bytes]] = []
        self._frozen: dict[int, float] = {}  # pid, until when
        self.kills = self.freezes = 0
        self.tend()

    @property
    def pids(self) -> list[int]:
        """The matchers that live and move."""
        return [one.pid for one in self._processes if one.poll() is None and one.pid not in self._frozen]

    def tend(self) -> None:
        """Replace the dead and thaw who was frozen long enough."""
        self._processes = [one for one in self._processes if one.poll() is None]
        for pid in [pid for pid, until_when in self._frozen.items() if until_when <= time.monotonic()]:
            self._signal(pid, signal.SIGCONT)
            del self._frozen[pid]
        while len(self._processes) < self._plan.matchers:
            started = subprocess.Popen(
                self._command, env=self._env, stdout=self._log, stderr=self._log, preexec_fn=die_with_parent
            )
            self._processes.append(started)

    def kill(self) -> None:
        """Kill one that is at work, frozen or not."""
        at_work = set(MatcherReport.objects.values_list("pid", flat=True))
        victim = self._dice.choice([one for one in self._processes if one.pid in at_work] or self._processes)
        self._frozen.pop(victim.pid, None)
        victim.kill()
        victim.wait(10)
        self.kills += 1

    def freeze(self) -> None:
        """Freeze one for longer than the server waits for it, but not the last that moves."""
        if len(self.pids) > 1:
            victim = self._dice.choice(self.pids)
            self._signal(victim, signal.SIGSTOP)
            self._frozen[victim] = time.monotonic() + self._plan.ack_seconds * self._dice.uniform(1.5, 3)
            self.freezes += 1

    def end(self) -> None:
        """End all, and wait for it."""
        for process in self._processes:
            self._signal(process.pid, signal.SIGCONT)
            process.terminate()
        for process in self._processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        self._log.close()

    def _signal(self, pid: int, number: int) -> None:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return


def _harass(
    plan: Plan,
    lines: Sequence[bytes],
    *,
    fleet: Fleet,
    server: NatsServer,
    member: Membership,
    progress: Callable[[int], None],
) -> _Changed | None:
    """Publish the posts part by part, and strike in each part once the matchers are somewhere in it."""
    dice = random.Random(plan.seed)
    strikes = ["kill"] * plan.kills + ["freeze"] * plan.freezes + ["restart"] * plan.restarts
    dice.shuffle(strikes)
    if plan.changes:
        strikes.insert(len(strikes) // 2, "change")
    changed, published = None, 0
    _wait(plan, fleet, lambda: server.left(STREAM, GROUP) is not None)
    for number, strike in enumerate([*strikes, ""], 1):
        end = len(lines) * number // (len(strikes) + 1)
        server.publish(SUBJECT, lines[published:end])
        left = int((end - published) * dice.random())
        published = end
        if strike:
            _wait(plan, fleet, lambda left=left: _has_come_to(server, left))
        if strike == "kill":
            fleet.kill()
        elif strike == "freeze":
            fleet.freeze()
        elif strike == "restart":
            server.stop()
            server.start()
        elif strike == "change":
            changed = _Changed(published, _change(plan, fleet, member))
        progress(published)
    return changed


def _has_come_to(server: NatsServer, left: int) -> bool:
    now = server.left(STREAM, GROUP)
    return now is not None and now <= left


def _wait(plan: Plan, fleet: Fleet, look: Callable[[], bool]) -> None:
    def tended() -> bool:
        fleet.tend()
        return look()

    until(tended, seconds=plan.patience_seconds, every=POLL_SECONDS)


def _change(plan: Plan, fleet: Fleet, member: Membership) -> float:
    """Have a monitor ask for something else, and return how long it took until every matcher had looked."""
    monitor = Monitor.objects.get(name=BEFORE, workspace_id=member.workspace_id)
    # Who starts at this moment sees the change with its first look; this is about those that run.
    _wait(plan, fleet, lambda: _reports(fleet).count() == plan.matchers)
    monitors.change(monitor.pk, Wish(name=BEFORE, query=AFTER, days=1), by=member, now=utc_now())
    changed_at = utc_now()
    looked: dict[int, datetime] = {}

    def have_looked() -> bool:
        for pid, at in _reports(fleet).filter(looked_at__gte=changed_at).values_list("pid", "looked_at"):
            looked.setdefault(pid, at)
        return len(looked) >= plan.matchers

    _wait(plan, fleet, have_looked)
    return max((at - changed_at).total_seconds() for at in looked.values())


def _reports(fleet: Fleet) -> Any:
    return MatcherReport.objects.filter(pid__in=fleet.pids)


def _judge(plan: Plan, lines: Sequence[bytes], changed: _Changed | None, *, fleet: Fleet, seconds: float) -> Outcome:
    must, may, left = _expected(lines, changed)
    found = Counter(Mention.objects.values_list("monitor__name", "post__external_id"))
    posts = {post for _, post in found}
    strays = Post.objects.exclude(external_id__in=posts | left).count()
    strays += Post.objects.count() - Post.objects.values("external_id").distinct().count()
    strays += Contact.objects.count() - Identity.objects.filter(pk__in=Post.objects.values("author_id")).count()
    return Outcome(
        posts=plan.posts,
        mentions=found.total(),
        missing=len(must - set(found)),
        twice=found.total() - len(found),
        wrong=len(set(found) - must - may),
        strays=strays,
        kills=fleet.kills,
        freezes=fleet.freezes,
        restarts=plan.restarts,
        change_seconds=changed.seconds if changed else 0.0,
        seconds=seconds,
    )


Pairs = set[tuple[str, str]]


def _expected(lines: Sequence[bytes], changed: _Changed | None) -> tuple[Pairs, Pairs, set[str]]:
    """Return which monitors have to find which posts, and which may, by matching each post with each query.

    And the posts that may be left of what a monitor asked for before it was changed.
    """
    moment = Moment(utc_now(), utc_now().tzinfo)
    nodes = {query: parse(query) for query in (*QUERIES, BEFORE, AFTER)}
    must: Pairs = set()
    may: Pairs = set()
    left: set[str] = set()
    for number, line in enumerate(lines):
        if b"merk" not in line:
            continue
        post = prepare(as_stored(read_post(line)))
        ident = f"post-{number}"
        found = {query for query, node in nodes.items() if matches(node, post, moment=moment)}
        must |= {(query, ident) for query in found & set(QUERIES)}
        if changed is None:
            must |= {(BEFORE, ident) for query in found & {BEFORE}}
            continue
        if BEFORE in found and number < changed.after:
            left.add(ident)
        if AFTER in found:  # of what was under way it may find what the change did not come too late for
            (must if number >= changed.after else may).add((BEFORE, ident))
    return must, may, left
