"""What a post that comes in costs from its payload to its case and mentions: processor time and statements.

All in this process, one job after the other, with the payloads as the practice network's connector fetches them, in
pages of a hundred. Processor time is that of this process, of the database's process that serves it, of the database's
other processes, and of the child that parses.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from bench import database

POSTS, MONITORS, PAGE = 5_000, 300, 100
MOST_MILLISECONDS = 12.0  # a post; two processors have 24 for each of 5,000 a minute
MOST_STATEMENTS = 1.0  # a post


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stage took for all posts: seconds of processor time, and statements."""

    ours: float
    database: float
    statements: int


def run(console: Console, share: float) -> list[str]:
    """Print the costs of a post by stage, and return what is dearer than it may be."""
    with database.fresh(fast=False) as _, tempfile.TemporaryDirectory() as folder:
        count, costs, beside = _measure(max(PAGE, round(POSTS * share)), Path(folder) / "log")
    table = Table(title=f"A post, of {count:,}, with {MONITORS} monitors", title_justify="left", box=SIMPLE)
    for name in ("", "our processor time, ms", "the database's, ms", "statements"):
        table.add_column(name, justify="right" if name else "left")
    for name, cost in costs.items():
        cells = (1000 * cost.ours / count, 1000 * cost.database / count, cost.statements / count)
        table.add_row(name, *(f"{cell:.2f}" for cell in cells))
    table.add_row("parsing in the child", f"{1000 * beside['parsing'] / count:.2f}", "", "")
    table.add_row("the database's other processes", "", f"{1000 * beside['database'] / count:.2f}", "")
    milliseconds = 1000 * (sum(beside.values()) + sum(cost.ours + cost.database for cost in costs.values())) / count
    statements = sum(cost.statements for cost in costs.values()) / count
    table.add_row("all", f"{milliseconds:.2f}, the database's with it", "", f"{statements:.2f}")
    console.print(table)
    dear = {"ms": (milliseconds, MOST_MILLISECONDS), "statements": (statements, MOST_STATEMENTS)}
    return [f"intake: {cost:.1f} {unit} a post, not {most:.0f}" for unit, (cost, most) in dear.items() if cost > most]


def _measure(count: int, log: Path) -> tuple[int, dict[str, Cost], dict[str, float]]:
    """Return how many payloads there were, what each stage took, and the seconds that was at work beside it."""
    from luister.base.clock import utc_now  # noqa: PLC0415 - needs Django set up
    from luister.base.connector import Fetched, RawItem  # noqa: PLC0415
    from luister.delivery import actions as delivery  # noqa: PLC0415
    from luister.pipeline import actions as pipeline  # noqa: PLC0415

    channel, items = prepared(count + PAGE, log, agents=20, monitors=MONITORS)

    def store(some: list[RawItem]) -> None:
        for start in range(0, len(some), PAGE):
            delivery.store_fetched(channel.pk, Fetched(tuple(some[start : start + PAGE]), {"at": start}), now=utc_now())

    def process() -> None:
        for job in take("delivery.process_raw"):
            delivery.process_raw(job["raw_ids"], now=utc_now())

    def pass_through() -> None:
        for job in take("pipeline.run_all"):
            pipeline.run_all(job["post_ids"], now=utc_now())

    first, rest = items[:PAGE], items[PAGE:]
    for stage in (lambda: store(first), process, pass_through):  # models are read, the child runs
        stage()
    parsing, postgres = _beside()
    stages: dict[str, Callable[[], None]] = {
        "payloads stored": lambda: store(rest),
        "parsed and stored as posts": process,
        "through the pipeline": pass_through,
    }
    costs = {name: cost(stage) for name, stage in stages.items()}
    parsed, served = _beside()
    others = served - postgres - sum(cost.database for cost in costs.values())
    return len(rest), costs, {"parsing": parsed - parsing, "database": max(0.0, others)}


def prepared(count: int, log: Path, *, agents: int, monitors: int) -> tuple[Any, list[Any]]:
    """Set up a desk, and return its channel and so many payloads as its connector would fetch them."""
    from bench.flooding import desk  # noqa: PLC0415 - needs Django set up
    from bench.flooding.network import HANDLE, TOKEN, Crowd  # noqa: PLC0415
    from luister.base.clock import utc_now  # noqa: PLC0415
    from luister.base.connector import Idempotency, RawItem  # noqa: PLC0415
    from luister.channels.models import Channel  # noqa: PLC0415
    from luister.practice.api import event_json  # noqa: PLC0415
    from luister.practice.server import PracticeServer  # noqa: PLC0415

    server = PracticeServer(log=log)
    brand = server.store.add_brand(HANDLE, token=TOKEN, idempotency=Idempotency.KEY)
    crowd = Crowd(server)
    for _ in range(count):
        crowd.write()
    desk.set_up(agents=agents, monitors=monitors, network=server.address)
    items = [
        RawItem(f"event-{event.id}", json.dumps(event_json(event, server.site_url)).encode(), utc_now())
        for event in server.store.events(brand.person, after=0, limit=10**9)
    ]
    return Channel.objects.get(), items


def take(name: str) -> list[Any]:
    """Return the arguments of the jobs that wait, and take them away."""
    from django.db import connection  # noqa: PLC0415 - needs Django set up

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = %s RETURNING id, args", [name])
        return [json.loads(arguments) for _, arguments in sorted(cursor.fetchall())]


def cost(stage: Callable[[], object]) -> Cost:
    """Return what a stage takes."""
    from django.db import connection  # noqa: PLC0415 - needs Django set up

    connection.ensure_connection()
    # The clock of another process, as clock_getcpuclockid(3) names it.
    server = (~connection.connection.info.backend_pid << 3) | 2
    with _counting() as statements:
        ours, theirs = time.process_time(), time.clock_gettime(server)
        stage()
        return Cost(time.process_time() - ours, time.clock_gettime(server) - theirs, len(statements))


@contextmanager
def _counting() -> Iterator[list[None]]:
    from django.db import connection  # noqa: PLC0415 - needs Django set up

    seen: list[None] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        if "SAVEPOINT" not in sql:
            seen.append(None)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        yield seen


def _beside() -> tuple[float, float]:
    """Return the processor seconds until now of the child that parses, and of all the database's processes."""
    from bench.flood import postgres  # noqa: PLC0415 - needs Django set up
    from bench.flooding.machine import uses  # noqa: PLC0415

    own = time.process_time()
    found = uses({"all": os.getpid(), "database": postgres()})
    return found["all"].seconds - found["database"].seconds - own, found["database"].seconds
