"""What a flood came to: tables, and what was not as promised."""

import json
import os
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from bench.flooding.machine import Use

LATEST_SECONDS = 5.0  # p95 of replies
SLOWER = 1.2  # p95 of pages, as a multiple of the quiet one
GROWN = 1.15  # memory at the end, as a multiple of that after the first fifth of the flood
FEWEST = 20  # requests of a page for a p95 that says something
ALL = "all pages"
CAPTION = "“anew”: drawn anew by the browser because it heard that something changed, not waited for by anybody"


@dataclass(slots=True)
class Period:
    """What was seen in a quiet or a flooded time; moments in seconds since 1970."""

    began: float
    ended: float = 0.0
    uses: list[dict[str, Use]] = field(default_factory=list)  # each minute, the first at its beginning

    def processors(self, name: str) -> float:
        """Return how many processors a process used on average."""
        return (self.uses[-1][name].seconds - self.uses[0][name].seconds) / (self.ended - self.began)


def pages(console: Console, log: Sequence[str], *, quiet: Period, flood: Period) -> list[str]:
    """Show how long pages took, and return which were slower than they may be."""
    asked = [json.loads(line) for line in log]
    times = {"quiet": _by_page(asked, quiet), "flood": _by_page(asked, flood)}
    table = _table("Pages, in milliseconds", "page", caption=CAPTION)
    for name in ("quiet", "p50", "p95", "in the flood", "p50", "p95", "p95, times quiet"):
        table.add_column(name, justify="right")
    failed = []
    for page in sorted(times["flood"], key=lambda page: (page == ALL, page.endswith("anew"), page)):
        before, during = times["quiet"].get(page, []), times["flood"][page]
        if min(len(before), len(during)) < FEWEST:
            table.add_row(page, str(len(before)), "", "", str(len(during)), "", "", "too few")
            continue
        ratio = _p(95, during) / _p(95, before)
        cells = [(str(len(some)), f"{_p(50, some):.0f}", f"{_p(95, some):.0f}") for some in (before, during)]
        table.add_row(page, *cells[0], *cells[1], f"{ratio:.2f}")
        if ratio > SLOWER and not page.endswith("anew"):
            failed.append(f"flood: {page}: p95 is {ratio:.2f} times the quiet one, not {SLOWER}")
    console.print(table)
    refused = Counter(f"{page} {status}" for _, _, page, _, status in asked if status not in {200, 204, 302})
    console.print(f"{len(asked):,} requests; refused or lost: {dict(refused) or 'none'}", highlight=False)
    return failed + ([f"flood: {refused.total()} requests were refused or lost"] if refused else [])


def _by_page(asked: Sequence[Sequence[float | str]], period: Period) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for at, _, page, milliseconds, _ in asked:
        if period.began <= float(at) <= period.ended:
            found.setdefault(str(page), []).append(float(milliseconds))
            if not str(page).endswith("anew"):
                found.setdefault(ALL, []).append(float(milliseconds))
    return found


def replies(console: Console, late: Sequence[float]) -> list[str]:
    """Show how late replies arrived, and return whether that is later than they may."""
    if not late:
        return ["flood: no reply left"]
    p95 = _p(95, late)
    console.print(
        f"{len(late)} replies arrived after they were due by p50 {_p(50, late):.2f} s, p95 {p95:.2f} s, at most"
        f" {max(late):.2f} s",
        highlight=False,
    )
    return [f"flood: replies leave in p95 {p95:.1f} s, not {LATEST_SECONDS:.0f}"] if p95 > LATEST_SECONDS else []


def machine(console: Console, *, quiet: Period, flood: Period) -> list[str]:
    """Show memory and processors, and return which memory grew."""
    processes = list(flood.uses[0])
    table = _table(f"Memory in MB by minute of the flood, and processors of {os.cpu_count()}", "process")
    for minute in range(len(flood.uses)):
        table.add_column(str(minute), justify="right")
    table.add_column("quiet", justify="right")
    table.add_column("flood", justify="right")
    for name in processes:
        memory = [f"{use[name].megabytes:.0f}" for use in flood.uses]
        table.add_row(name, *memory, f"{quiet.processors(name):.2f}", f"{flood.processors(name):.2f}")
    console.print(table)
    settled = flood.uses[len(flood.uses) // 5]
    grown = {name: flood.uses[-1][name].megabytes / settled[name].megabytes for name in ("web", "worker")}
    return [f"flood: the memory of {name} grew {by:.2f} times" for name, by in grown.items() if by > GROWN]


def _table(title: str, first: str, *, caption: str = "") -> Table:
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left", box=SIMPLE)
    table.add_column(first)
    return table


def _p(percent: int, values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]
