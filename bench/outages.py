"""The database stopped, killed and cut off under load: what web, workers and screens make of it, and what is lost."""

import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from bench import database
from bench.pooler import pooled
from bench.proxy import Proxy

if TYPE_CHECKING:
    from bench.outage import Fault, Outcome

ROUNDS = 4  # of every fault
REPLIES = 400
SCREENS = 100
AWAY_SECONDS = 12.0
CUT_SECONDS = 40.0  # longer than it takes until TCP itself gives up
INSTALLED = Path("/usr/lib/postgresql/15")  # the oldest that is supported
CAPTION = """web, worker, screens: the longest time from when the database was back until a page was answered, something
new was stored, and every screen was told to look · alone: the workers were killed with it, and started once web
answered"""


def run(console: Console, share: float) -> list[str]:
    """Have every fault in turn on the newest and on the oldest PostgreSQL, the newest also through a pooler."""
    failed = []
    for programs, has_pooler in ((None, False), (INSTALLED, False), (None, True)):
        with database.breakable(programs) as server, proxied(server.dsn) as (proxy, address):
            from bench import outage  # noqa: PLC0415 - needs Django set up

            faults = all_faults(server, proxy, rounds=math.ceil(ROUNDS * share))
            count = max(40, round(REPLIES * share))
            plan = outage.Plan(screens=SCREENS, webs=2, replies=count, reply_seconds=25 * len(faults) / count)
            with pooled(address) if has_pooler else nullcontext(address) as used:
                env = {"DATABASE_URL": used, "LUISTER_DATABASE_DIRECT": address, "LUISTER_HOME": str(server.home)}
                found = outage.run(plan, faults, database_url=server.dsn, env=env)
            name = _version(server.dsn) + (", through PgBouncer" if has_pooler else "")
        _print(console, name, found)
        failed += [f"{name}: {words}" for words in broken(found)]
    return failed


@contextmanager
def proxied(dsn: str) -> Iterator[tuple[Proxy, str]]:
    """Give a network to the database that can be cut, and the database's address through it."""
    there = psycopg.conninfo.conninfo_to_dict(dsn)
    with Proxy(str(there["host"]), int(there["port"] or 5432)) as proxy:
        yield proxy, dsn.replace(f":{there['port']}/", f":{proxy.port}/")


def all_faults(server: database.Breakable, proxy: Proxy, *, rounds: int) -> "list[Fault]":
    """Return what happens: stopped, killed in two ways, cut off, cut off silently, and stopped without workers."""
    from bench.outage import Fault  # noqa: PLC0415 - needs Django set up

    def end(by: signal.Signals) -> None:
        server.end(by)

    return [
        Fault("stopped", lambda: end(signal.SIGINT), server.revive, AWAY_SECONDS),
        Fault("killed", lambda: end(signal.SIGKILL), server.revive, 0.0),
        Fault("ended at once", lambda: end(signal.SIGQUIT), server.revive, AWAY_SECONDS / 4),
        Fault("cut off", proxy.cut, proxy.mend, AWAY_SECONDS),
        Fault("cut off silently", proxy.silence, proxy.mend, CUT_SECONDS),
        Fault("stopped, alone", lambda: end(signal.SIGINT), server.revive, AWAY_SECONDS, alone=True),
    ] * rounds


def _version(dsn: str) -> str:
    with psycopg.connect(dsn) as at:
        row = at.execute("SHOW server_version").fetchone()
        return f"PostgreSQL {row[0]}" if row else "PostgreSQL"


def _print(console: Console, version: str, found: "Outcome") -> None:
    table = Table(title=version, title_justify="left", caption=CAPTION, caption_justify="left", box=SIMPLE)
    for name in ("fault", "times", "web", "worker", "screens"):
        table.add_column(name, justify="left" if name == "fault" else "right")
    for fault in dict.fromkeys(one.fault for one in found.recoveries):
        ones = [one for one in found.recoveries if one.fault == fault]
        longest = (max(one.web for one in ones), max(one.worker for one in ones), max(one.screens for one in ones))
        table.add_row(fault, str(len(ones)), *(f"{seconds:.1f} s" for seconds in longest))
    console.print(table)
    told = (
        f"{found.confirmed} replies confirmed, {found.accepted} posts accepted, {found.written} read: {found.missing} "
        f"missing, {found.doubled} doubled. Replies lost {found.lost}, sent twice {found.sent_twice}. Changes missed "
        f"on a screen {found.missed}, told after {found.told_seconds:.1f} s at most. {found.refused} answers said that "
        f"the database is away, {len(found.unclear)} something else; the slowest took "
        f"{found.slowest_seconds:.1f} s. {found.seconds:.0f} s in all."
    )
    console.print(told, highlight=False)


def broken(found: "Outcome") -> list[str]:
    """Return what was not as promised."""
    promises = {
        f"{found.missing} that were confirmed are missing, {found.doubled} are there twice": not (
            found.missing or found.doubled
        ),
        f"{found.lost} replies are lost, {found.sent_twice} were sent twice": not (found.lost or found.sent_twice),
        f"{found.missed} changes were not told on a screen": not found.missed,
        f"{len(found.unclear)} answers did not say what is wrong ({next(iter(found.unclear), '')})": not found.unclear,
    }
    return [words for words, kept in promises.items() if not kept]
