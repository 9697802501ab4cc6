"""A flood of posts beside people at work: how long pages take, how late replies leave, and what it costs.

A whole installation as processes of their own on this machine: PostgreSQL with its ordinary settings, one web process,
one worker, the practice network as the connector reads it, and agents who work by script with open live streams. First
they work alone; then the same people work while the posts come in.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from bench import database
from bench.flooding.machine import parent_of, uses
from bench.flooding.report import Period, machine, pages, replies
from bench.flooding.running import answer, luister, running, tell, web

AGENTS, MONITORS = 20, 300
A_MINUTE = 5_000  # posts
FLOOD_MINUTES, QUIET_MINUTES = 10.0, 4.0
EARLIER = 1_500  # posts that are there when work begins
WARM_SECONDS = 30.0  # after signing in
LAST_SECONDS = 15.0  # for replies that may still be taken back at the end
PATIENCE_SECONDS = 300.0  # for the posts that come before everything else


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen; requests as the agents wrote them down, lateness of replies in seconds."""

    quiet: Period
    flood: Period
    requests: Sequence[str]
    late: Sequence[float]
    waiting: int  # posts, when the network had written the last


def run(console: Console, share: float) -> list[str]:
    """Flood a desk, print what was seen, and return what was not as promised."""
    with ExitStack() as stack:
        dsn, home = stack.enter_context(database.fresh(fast=False))
        seen = _measure(stack, Path(home), dsn, share, console)
    failed = pages(console, seen.requests, quiet=seen.quiet, flood=seen.flood)
    failed += replies(console, seen.late)
    failed += machine(console, quiet=seen.quiet, flood=seen.flood)
    behind = A_MINUTE / 60 * LAST_SECONDS
    if seen.waiting > behind:
        failed.append(f"flood: {seen.waiting} posts were waiting at the end")
    return failed


def _measure(stack: ExitStack, home: Path, dsn: str, share: float, console: Console) -> Seen:
    from bench.flooding import desk  # noqa: PLC0415 - needs Django set up

    quiet_seconds, flood_seconds = 60 * QUIET_MINUTES * share, 60 * FLOOD_MINUTES * share
    count = round(A_MINUTE * FLOOD_MINUTES * share)
    env = {**os.environ, "DATABASE_URL": dsn, "LUISTER_HOME": str(home), "LUISTER_LOG_LEVEL": "WARNING"}
    deliveries, requests = home / "deliveries.jsonl", home / "requests.jsonl"
    command = ["bench.flooding.network", str(deliveries)]
    network = stack.enter_context(running(command, env=env, log=home / "network.log"))
    env["LUISTER_ALLOW_HOSTS"] = place = f"127.0.0.1:{answer(network)}"
    desks = desk.set_up(agents=AGENTS, monitors=MONITORS, network=place)
    server, address = stack.enter_context(web(env=env, home=home))
    worker = stack.enter_context(luister("worker", env=env, home=home))
    tell(network, f"{EARLIER} 1")
    answer(network)
    _until_through(EARLIER)
    command = ["bench.flooding.agents", address, str(requests)]
    agents = stack.enter_context(running(command, env=env, log=home / "agents.log"))
    tell(agents, json.dumps(desks))
    ids = {"web": server.pid, "worker": worker.pid, "PostgreSQL": postgres()}
    ids |= {"agents": agents.pid, "network": network.pid}
    time.sleep(WARM_SECONDS)
    console.print(f"{AGENTS} agents, {MONITORS} monitors: {quiet_seconds:.0f} s without a flood", highlight=False)
    quiet = _watch(ids, seconds=quiet_seconds)
    console.print(f"{count:,} posts in {flood_seconds:.0f} s", highlight=False)
    tell(network, f"{count} {flood_seconds}")
    flood = _watch(ids, seconds=flood_seconds)
    wrote = answer(network)
    waiting = EARLIER + count - desk.through()
    console.print(f"written (posts, seconds): {wrote}; waiting at the end: {waiting}", highlight=False)
    time.sleep(LAST_SECONDS)
    console.print(f"{desk.mentions():,} mentions, {desk.cases():,} cases", highlight=False)
    late = desk.lateness(_arrivals(deliveries), since=flood.began, until=flood.ended)
    return Seen(quiet, flood, requests.read_text().splitlines(), late, waiting)


def _watch(ids: Mapping[str, int], *, seconds: float) -> Period:
    """Look at the processes each minute, or ten times where the time is short."""
    period = Period(time.time(), uses=[uses(ids)])
    every = min(60.0, seconds / 10)
    while (left := period.began + seconds - time.time()) > 0.1:
        time.sleep(min(left, every))
        period.uses.append(uses(ids))
    period.ended = time.time()
    return period


def _until_through(count: int) -> None:
    """Wait until so many posts went through the pipeline."""
    from bench.flooding import desk  # noqa: PLC0415 - needs Django set up

    ends_at = time.monotonic() + PATIENCE_SECONDS
    while desk.through() < count and time.monotonic() < ends_at:
        time.sleep(0.5)


def _arrivals(log: Path) -> dict[str, float]:
    """Return when each reply arrived, in seconds since 1970, by its key."""
    found = map(json.loads, log.read_text().splitlines() if log.exists() else [])
    return {one["key"]: datetime.fromisoformat(one["at"]).timestamp() for one in found}


def postgres() -> int:
    """Return the id of the database's first process."""
    from django.db import connection  # noqa: PLC0415 - needs Django set up

    connection.ensure_connection()
    return parent_of(connection.connection.info.backend_pid)
