"""Streams: matchers on one stream, beside the matcher alone; and what is stored when they are killed and frozen."""

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bench import database
from bench.farm import die_with_parent
from bench.matching_posts import Town, lines_of
from bench.matching_queries import queries_of
from bench.nats_server import PROGRAM, NatsServer, served, until
from luister.base.clock import utc_now
from luister.query import Matcher, Moment, parse
from luister.query.lines import read_post

if TYPE_CHECKING:
    from bench.havoc import Outcome

ROUNDS = 3
POSTS = 60_000  # of each round
QUERIES = 1_000
MATCHERS = (1, 2, 3)
HAVOC_POSTS, HAVOC_KILLS, HAVOC_FREEZES = 200_000, 50, 10
SOON_SECONDS = 5.0  # in which every matcher has to know of a change
STREAM, GROUP = "POSTS", "luister-print"
CAPTION = """posts/s: from the JSON line to the query ids; of streams with reading, printing and acknowledging,
all processes and the server on this machine · times: as many as the matcher alone · per core: posts a second
of processor time of the matchers, which what else runs changes little · server: its, in µs a post"""


def run(console: Console, share: float) -> list[str]:
    """Print the figures and return what was not as promised."""
    if not Path(PROGRAM).exists():
        return ["stream: there is no nats-server here (Debian: nats-server)"]
    console.print(_rates(share))
    with database.fresh() as (dsn, home), served() as server:
        outcome = _wreak(console, share, server=server, dsn=dsn, home=home)
    console.print(_told(outcome))
    return _broken(outcome)


# --- how fast ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Taken:
    """Seconds that a stream took: elapsed, and of the processors for matchers and server."""

    elapsed: float
    matching: float
    serving: float = 0.0


def _rates(share: float) -> Table:
    town = Town()
    lines = lines_of(town.posts(max(2_000, int(POSTS * share))))
    queries = queries_of(town.talk, QUERIES)
    rounds: dict[int, list[_Taken]] = {count: [] for count in (0, *MATCHERS)}
    with tempfile.TemporaryDirectory(prefix="luister-stream-") as folder:
        asked = Path(folder) / "queries.jsonl"
        asked.write_text("".join(json.dumps({"id": name, "query": query}) + "\n" for name, query in queries))
        for _ in range(ROUNDS):
            rounds[0].append(_alone(queries, lines))
            for count in MATCHERS:
                rounds[count].append(_together(count, asked, lines))
    table = Table(
        title="Matchers on a stream", title_justify="left", caption=CAPTION, caption_justify="left", box=SIMPLE
    )
    for name in ("", "posts/s", "times", "per core", "server"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    alone = statistics.median(one.elapsed for one in rounds[0])
    for count, taken in rounds.items():
        elapsed = statistics.median(one.elapsed for one in taken)
        matching = statistics.median(one.matching for one in taken)
        serving = statistics.median(one.serving for one in taken)
        table.add_row(
            f"{count} on the stream" if count else f"the matcher alone, {QUERIES:,} queries",
            f"{len(lines) / elapsed:,.0f}",
            f"{alone / elapsed:.2f}",
            f"{len(lines) / matching:,.0f}",
            f"{1e6 * serving / len(lines):.0f}" if count else "",
        )
    return table


def _alone(queries: Sequence[tuple[str, str]], lines: Sequence[bytes]) -> _Taken:
    """Read and match lines in memory, in this process."""
    matcher: Matcher[str] = Matcher()
    for name, query in queries:
        matcher.put(name, parse(query, standing=True))
    moment = Moment(utc_now(), UTC)
    began, processor = time.perf_counter(), time.process_time()
    for line in lines:
        matcher.find(read_post(line), moment=moment)
    return _Taken(time.perf_counter() - began, time.process_time() - processor)


def _together(count: int, queries: Path, lines: Sequence[bytes]) -> _Taken:
    """Have so many matchers match a stream that is full when they begin."""
    with served() as server, _matchers(count, server, queries) as processes:
        until(lambda: _waiting(server) >= 2 * count)  # each asks for two batches
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        server.publish(f"luister.posts.{STREAM}", lines)
        pids = [process.pid for process in processes]
        began, matching, serving = time.perf_counter(), _processor_seconds(pids), _processor_seconds([server.pid])
        for process in processes:
            process.send_signal(signal.SIGCONT)
        until(lambda: server.left(STREAM, GROUP) == 0, seconds=1200, every=0.1)
        return _Taken(
            time.perf_counter() - began,
            _processor_seconds(pids) - matching,
            _processor_seconds([server.pid]) - serving,
        )


def _processor_seconds(pids: Sequence[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # in user and in system mode
    return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def _matchers(count: int, server: NatsServer, queries: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    async def make(js: JetStreamContext) -> None:
        await js.add_stream(StreamConfig(name=STREAM, subjects=[f"luister.posts.{STREAM}"]))

    server.run(make)
    command = [sys.executable, "-m", "luister.config.cli", "match", str(queries), "--from", server.address(STREAM)]
    processes = [
        subprocess.Popen(
            [*command, "--ack-wait", "600"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            preexec_fn=die_with_parent,
        )
        for _ in range(count)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait(10)


def _waiting(server: NatsServer) -> int:
    async def look(js: JetStreamContext) -> int:
        return (await js.consumer_info(STREAM, GROUP)).num_waiting or 0

    with contextlib.suppress(Exception):  # there is no group before the first matcher joins
        return server.run(look)
    return 0


# --- how safe ----------------------------------------------------------------------------------------------------


def _wreak(console: Console, share: float, *, server: NatsServer, dsn: str, home: str) -> "Outcome":
    from bench import havoc  # noqa: PLC0415 - needs Django set up

    plan = havoc.Plan(
        posts=max(2_000, round(HAVOC_POSTS * share)),
        kills=max(1, round(HAVOC_KILLS * share)),
        freezes=max(1, round(HAVOC_FREEZES * share)),
        restarts=1,
        patience_seconds=3600,
    )
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*bar, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"{plan.kills} × kill, {plan.freezes} × stop", total=plan.posts)
        return havoc.run(
            plan,
            server=server,
            database_url=dsn,
            home=home,
            progress=lambda done: progress.update(task, completed=done),
        )


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    figure: str


def _told(outcome: "Outcome") -> Table:
    table = Table(title="Matchers killed and frozen", title_justify="left", box=SIMPLE, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for row in (
        _Row("posts", f"{outcome.posts:,}"),
        _Row("matchers killed, frozen; servers ended", f"{outcome.kills}, {outcome.freezes}; {outcome.restarts}"),
        _Row("matches", f"{outcome.mentions:,}"),
        _Row("missing, twice, wrong, strays", ", ".join(str(one) for one in _faults(outcome).values())),
        _Row("a change known to all, seconds at most", f"{outcome.change_seconds:.1f}"),
        _Row("seconds", f"{outcome.seconds:,.0f}"),
    ):
        table.add_row(row.name, row.figure)
    return table


def _faults(outcome: "Outcome") -> dict[str, int]:
    return {
        "missing": outcome.missing,
        "twice": outcome.twice,
        "wrong": outcome.wrong,
        "strays": outcome.strays,
    }


def _broken(outcome: "Outcome") -> list[str]:
    """Return which promises did not hold."""
    broken = [f"stream: {count:,} matches {what}" for what, count in _faults(outcome).items() if count]
    if outcome.change_seconds > SOON_SECONDS:
        broken.append(f"stream: a change took {outcome.change_seconds:.1f} s to reach every matcher")
    return broken
