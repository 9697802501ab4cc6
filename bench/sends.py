"""Sending while workers are killed (SIGKILL) and frozen (SIGSTOP): what is lost, sent twice, or left to a person."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bench import database

if TYPE_CHECKING:
    from bench.storm import Outcome, Plan, Verdict


@dataclass(frozen=True, slots=True)
class Trial:
    """One row of the table."""

    kind: str  # the class of the network
    posts: int
    kills: int = 0
    freezes: int = 0
    cuts: int = 0
    severs: int = 0  # of the network to the database
    crashes: int = 0  # of the database


TRIALS = (
    Trial("key", 10_000, kills=200),
    Trial("overwrite", 10_000, kills=200),
    Trial("lookup", 10_000, kills=200),
    Trial("echo", 2_000, kills=200),
    Trial("human", 2_000, kills=200),
    Trial("key", 3_000, freezes=45),
    Trial("lookup", 3_000, freezes=45),
    Trial("human", 1_000, freezes=45),
    Trial("lookup", 2_000, cuts=20),
    Trial("human", 1_000, cuts=20),
    Trial("lookup", 2_000, severs=5),
    Trial("key", 2_000, crashes=20),
    Trial("human", 1_000, crashes=20),
)
DOUBTFUL = {"echo", "human"}
CAPTION = """kill: workers ended by kill -9 · stop: workers frozen by SIGSTOP, 5 to 16 s each · cut: times
that the database dropped every connection · sever: the network to it gone, 90 s each, every other
time silently · crash: its server killed and started again · order: lanes that arrived in another order · doubt: tries
without an answer, of network or worker · person: posts put before a person in the end · asked: the
slowest of these, in seconds"""


def run(console: Console, share: float) -> list[str]:
    """Run every trial, print the table, and return what was not as promised."""
    table = Table(title="Sends", title_justify="left", caption=CAPTION, caption_justify="left", box=SIMPLE)
    for name in (
        "class",
        "posts",
        "kill",
        "stop",
        "cut",
        "sever",
        "crash",
        "lost",
        "twice",
        "order",
        "doubt",
        "person",
        "asked",
        "s",
    ):
        table.add_column(name, justify="left" if name == "class" else "right", no_wrap=True)
    failed = []
    # A server that is killed keeps what it committed only with an installation's settings.
    with database.crashing() as (dsn, home, crash):
        for trial in TRIALS:
            outcome = _raise(trial, share, dsn=dsn, home=home, crash=crash, console=console)
            (verdict,) = outcome.classes.values()
            table.add_row(*_row(trial, outcome, verdict))
            broken = _broken(trial, outcome, verdict)
            # An hour of work is not to be lost with the last trial.
            how = "; ".join(broken) or "as promised"
            console.print(f"{trial.kind}, {verdict.posts:,} posts: {how}", highlight=False)
            failed += broken
            database.empty()
    console.print(table)
    return failed


def _raise(
    trial: Trial, share: float, *, dsn: str, home: str, crash: Callable[[], None], console: Console
) -> "Outcome":
    from bench import storm  # noqa: PLC0415 - needs Django set up

    plan = _plan(trial, share)
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*bar, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(
            f"{trial.kind}: {plan.kills} × kill, {plan.freezes} × stop, {plan.cuts} × cut, {plan.severs} × sever, "
            f"{plan.crashes} × crash",
            total=plan.posts,
        )
        return storm.run(
            plan, database_url=dsn, home=home, crash=crash, progress=lambda done: progress.update(task, completed=done)
        )


def _plan(trial: Trial, share: float) -> "Plan":
    from bench.storm import Plan  # noqa: PLC0415 - needs Django set up
    from luister.base.connector import Idempotency  # noqa: PLC0415

    faults = {"listing_delay_seconds": "1"} if trial.kind == "lookup" else {}
    return Plan(
        (Idempotency(trial.kind),),
        posts=max(50, round(trial.posts * share)),
        kills=round(trial.kills * share),
        freezes=round(trial.freezes * share),
        cuts=round(trial.cuts * share),
        severs=math.ceil(trial.severs * share),
        sever_seconds=90.0,
        # Who is cut off for five times this and a deadline counts as stuck: in earnest that is more than seven minutes.
        settle_seconds=24.0 if trial.severs else 4.0,
        crashes=math.ceil(trial.crashes * share),
        workers=5,
        sending=5,
        channels=8,
        lane_length=5,
        # Of a look-up it says how long the machine tries by itself: longer than the database is away.
        echo_wait_seconds=240.0 if trial.kind == "lookup" else 30.0,
        patience_seconds=6 * 3600,
        faults=faults,
    )


def _row(trial: Trial, outcome: "Outcome", verdict: "Verdict") -> list[str]:
    figures = (
        *(
            verdict.posts,
            outcome.kills,
            outcome.freezes,
            outcome.cuts,
            outcome.severs,
            outcome.crashes,
            verdict.lost,
            verdict.twice,
            verdict.out_of_order,
        ),
        *(verdict.deserted + verdict.ambiguous, verdict.flagged, round(verdict.slowest_flag_seconds)),
        round(outcome.seconds),
    )
    return [trial.kind, *(f"{figure:,}" for figure in figures)]


def _broken(trial: Trial, outcome: "Outcome", verdict: "Verdict") -> list[str]:
    """Return which promises did not hold."""
    # A worker that dies leaves at most one post of each account in doubt; the rest is what the network did not say.
    bound = verdict.deserted + verdict.ambiguous if trial.kind in DOUBTFUL else 0
    wrong = {
        "lost": verdict.lost,
        "sent twice": verdict.twice,
        "lanes out of order": verdict.out_of_order,
        "left to a person beyond the bound": max(0, verdict.flagged - bound),
    }
    faults = f"{outcome.kills} kills, {outcome.freezes} freezes, {outcome.cuts} cuts"
    name = f"sends, {trial.kind}, {faults}, {outcome.severs} severs, {outcome.crashes} crashes"
    return [f"{name}: {count} {what}" for what, count in wrong.items() if count]
