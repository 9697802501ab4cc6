"""A rolling restart under load: posts come in and screens are open while web and worker processes are restarted."""

from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from bench import database

if TYPE_CHECKING:
    from bench.rolled import Outcome

SCREENS = 200
POSTS_A_SECOND = 20.0
ROUNDS = 2  # times that each process is restarted
CAPTION = """told: the longest time from a case's change until a screen was told to look · pages: asked for meanwhile,
a new connection each · sent twice, lost: of replies that were sent meanwhile"""


def run(console: Console, share: float) -> list[str]:
    """Restart everything in turn, print what screens heard, and return what was not as promised."""
    with database.fresh() as (dsn, home):
        from bench import rolled  # noqa: PLC0415 - needs Django set up

        plan = rolled.Plan(screens=max(20, int(SCREENS * share)), posts_a_second=POSTS_A_SECOND, rounds=ROUNDS)
        outcome = rolled.run(plan, database_url=dsn, home=home)
    console.print(_table(outcome))
    return broken(outcome)


def _table(found: "Outcome") -> Table:
    table = Table(title="Rolling restart", title_justify="left", caption=CAPTION, caption_justify="left", box=SIMPLE)
    columns = {
        "screens": found.screens, "restarts": found.restarts, "posts": found.posts, "cases": found.cases,
        "told": f"{found.slowest_seconds:.1f} s", "missed": found.missed, "reconnects": found.reconnects,
        "pages": found.pages, "pages failed": found.failed_pages, "replies": found.replies,
        "sent twice": found.sent_twice, "lost": found.lost, "s": f"{found.seconds:.0f}",
    }  # fmt: skip
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row(*map(str, columns.values()))
    return table


def broken(found: "Outcome") -> list[str]:
    """Return what was not as promised."""
    promises = {
        f"{found.missed} changes were not told on a screen": not found.missed,
        f"{found.failed_pages} pages failed ({found.first_failure})": not found.failed_pages,
        f"{found.cases} cases of {found.posts} posts": found.cases == found.posts,
        f"{found.sent_twice} replies were sent twice, {found.lost} were lost": not (found.sent_twice or found.lost),
    }
    return [words for words, kept in promises.items() if not kept]
