"""The matcher: posts a second with 100 to 10,000 standing queries, from the JSON line to the list of query ids.

Rates are shares of what finding the words alone takes (`re.findall` on the lower-cased text) on the same posts in the
same run. What is compared is measured in turn, each round on posts of its own; the figures are medians.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from bench import matching_beside, matching_command, matching_plot, matching_real
from bench.matching_posts import Town
from bench.matching_queries import queries_of
from bench.matching_rounds import ROUNDS, Posts, differences, measured, one_processor, rounds_of
from luister.query import Node, parse

POSTS = 16_000  # of each round
AIMS = {100: 0.30, 1_000: 0.22, 10_000: 0.15}  # by how many queries: the least share
BROAD = {"narrow": 0.0, "5 % broad": 0.05}
MOST_RARE = 0.001  # of the posts: what most queries find less than
PLOT = Path(__file__).parent.parent / "docs" / "images" / "matching.svg"
CAPTION = """words, matcher: µs a post · share: posts a second of the matcher, JSON read and everything counted, divided
by those of re.findall(r"\\[#@]?\\w+", text.lower()) · found: queries that found a post, on average · rare: queries
that found less than one post in a thousand"""

Nodes = Mapping[str, Node]


def run(console: Console, share: float) -> list[str]:
    """Print the figures and return what is slower than promised or finds something else than it should."""
    town = Town()
    texts = {name: queries_of(town.talk, max(AIMS), broad=broad) for name, broad in BROAD.items()}
    made = town.posts(max(500, int(POSTS * share)) * (ROUNDS + 1))
    rates, failed = _compared(console, {name: _parsed(queries) for name, queries in texts.items()}, rounds_of(made))
    if share == 1:
        matching_plot.write(PLOT, rates)
    return failed + matching_command.run(console, texts["narrow"], made, share)


def run_on_data(console: Console, share: float, data: Path) -> list[str]:
    """Do the same on real posts, with queries made of their own words."""
    posts, talk = matching_real.read(data, share)
    texts = {name: queries_of(talk, max(AIMS), broad=broad) for name, broad in BROAD.items()}
    return _compared(console, {name: _parsed(queries) for name, queries in texts.items()}, rounds_of(posts))[1]


def _parsed(queries: Sequence[tuple[str, str]]) -> dict[str, Node]:
    return {ident: parse(text, standing=True) for ident, text in queries}


def _compared(
    console: Console, sets: Mapping[str, Nodes], posts: Sequence[Posts]
) -> tuple[list[matching_plot.Rate], list[str]]:
    """Print what each set of queries came to, by itself and beside other engines; return that and what failed."""
    with one_processor():
        table, rates, failed = _shares(sets, posts)
        console.print(table, CAPTION)
        beside, more_rates, more_failed = matching_beside.compared(sets, posts, counts=list(AIMS))
        console.print(beside, matching_beside.CAPTION)
    console.print(f"Load when it ended: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.")
    return rates + more_rates, failed + more_failed


def _shares(sets: Mapping[str, Nodes], posts: Sequence[Posts]) -> tuple[Table, list[matching_plot.Rate], list[str]]:
    title = f"Matching, {ROUNDS} rounds of {len(posts[0].lines):,} posts"
    table = Table(title=title, title_justify="left", box=SIMPLE)
    for name in ("queries", "set", "words", "matcher", "posts a second", "share", "aim", "found", "rare"):
        table.add_column(name, justify="left" if name == "set" else "right", no_wrap=True)
    rates, failed = [], []
    for name, every in sets.items():
        for count, aim in AIMS.items():
            nodes = dict(list(every.items())[:count])
            came_to = measured(nodes, posts)
            rare = sum(came_to.found.get(ident, 0) < MOST_RARE * came_to.posts for ident in nodes) / count
            table.add_row(
                f"{count:,}", name, f"{1e6 * came_to.words:.1f}", f"{1e6 * came_to.matcher:.1f}",
                f"{1 / came_to.matcher:,.0f}", f"{came_to.share:.3f}", f"{aim:.2f}",
                f"{sum(came_to.found.values()) / came_to.posts:.2f}", f"{100 * rare:.0f} %",
            )  # fmt: skip
            rates += [
                matching_plot.Rate("finding the words", name, count, 1 / came_to.words),
                matching_plot.Rate("Luister", name, count, 1 / came_to.matcher),
            ]
            if came_to.share < aim:
                failed.append(f"match, {count:,} queries ({name}): {came_to.share:.3f} of finding words, not {aim}")
            failed += differences(nodes, posts[0].lines)
    return table, rates, failed
