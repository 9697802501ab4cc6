"""Posts that programs hand in while web processes and the database are killed: what was accepted is there, once."""

import math
import signal
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from bench import database

if TYPE_CHECKING:
    from bench.arriving import Outcome

POSTS = 50_000
KILLS, CRASHES = 100, 3  # of web processes, of the database
CAPTION = """cut: requests that nobody answered · refused: answers that say that the database is away · again: how often
a post was handed in once more for that · drained: from the last answer until all posts were through"""


def run(console: Console, share: float) -> list[str]:
    """Hand posts in, kill what takes them, print what came of it, and return what was not as promised."""
    with database.breakable() as server:
        from bench import arriving  # noqa: PLC0415 - needs Django set up

        kills, crashes = math.ceil(KILLS * share), math.ceil(CRASHES * share)
        plan = arriving.Plan(posts=max(200, int(POSTS * share)), kills=kills, crashes=crashes)
        signals = iter([signal.SIGKILL, signal.SIGQUIT] * crashes)

        def crash() -> None:
            server.end(next(signals))
            server.revive()

        found = arriving.run(plan, crash, database_url=server.dsn, home=str(server.home))
    _print(console, found)
    return broken(found)


def _print(console: Console, found: "Outcome") -> None:
    table = Table(title="Arrivals", title_justify="left", caption=CAPTION, caption_justify="left", box=SIMPLE)
    columns = {
        "posts": f"{found.accepted:,}", "web killed": found.kills, "database": found.crashes, "cut": found.cut,
        "refused": found.refused, "again": found.again, "missing": found.missing, "doubled": found.doubled,
        "conversations": f"{found.conversations:,}", "not whole": found.torn, "a second": f"{found.rate:.0f}",
        "drained": f"{found.drained_seconds:.0f} s", "s": f"{found.seconds:.0f}",
    }  # fmt: skip
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row(*map(str, columns.values()))
    console.print(table)


def broken(found: "Outcome") -> list[str]:
    """Return what was not as promised."""
    promises = {
        f"{found.missing} posts that were accepted are missing, {found.doubled} are there twice": not (
            found.missing or found.doubled
        ),
        f"{found.torn} of {found.conversations} conversations are not one case with all their posts": not found.torn,
        f"{len(found.unclear)} answers did not say what is wrong ({next(iter(found.unclear), '')})": not found.unclear,
    }
    return [words for words, kept in promises.items() if not kept]
