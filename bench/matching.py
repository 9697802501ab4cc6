"""The matcher: posts a second with 100 to 10,000 standing queries, from the JSON line to the list of query ids.

Rates are shares of what finding the words alone takes (`re.findall` on the lower-cased text) on the same posts in the
same run. Both are measured in turn, each round on posts of its own; the figures are medians.
"""

import os
import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import chain

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

import luister.query as language
from bench.matching_posts import Town, lines_of
from bench.matching_queries import queries_of
from luister.base.clock import utc_now
from luister.query import Moment
from luister.query.lines import read_post

ROUNDS = 7
POSTS = 10_000  # of each round
AIMS = {100: 0.30, 1_000: 0.22, 10_000: 0.15}  # by how many queries: the least share
BROAD = {"narrow": 0.0, "5 % broad": 0.05}
MOST_RARE = 0.001  # of the posts: what most queries find less than
CHECKED = 500_000  # pairs of a query and a post that are decided by the plain evaluator too
CAPTION = """share: posts a second of the matcher, JSON read and everything counted, divided by those of
re.findall(r"\\[#@]?\\w+", text.lower()) · rare: queries that found less than one post in a thousand"""
_words = re.compile(r"[#@]?\w+").findall


@dataclass(frozen=True, slots=True)
class Posts:
    """The posts of a round: as lines, and the texts on them."""

    lines: Sequence[bytes]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Rates:
    """What the rounds came to, in seconds a post and queries a post, and in how many posts each query was found."""

    words: float
    matcher: float
    found: dict[str, int]
    posts: int

    @property
    def share(self) -> float:
        """The matcher's posts a second, as a share of those of finding words."""
        return self.words / self.matcher


def run(console: Console, share: float) -> list[str]:
    """Print the figures and return what is slower than promised or finds something else than it should."""
    on_one_processor()
    town = Town()
    posts = rounds_of(town.posts(max(500, int(POSTS * share)) * (ROUNDS + 1)))
    table, failed = shares(
        {name: queries_of(town.talk, max(AIMS), broad=broad) for name, broad in BROAD.items()}, posts
    )
    console.print(table)
    return failed


def on_one_processor() -> None:
    """Keep this process to one processor, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def rounds_of(posts: Sequence[dict[str, object]]) -> list[Posts]:
    """Deal out posts to the rounds and the one before them, that is not counted."""
    size = len(posts) // (ROUNDS + 1)
    parts = [posts[start : start + size] for start in range(0, size * (ROUNDS + 1), size)]
    return [Posts(lines_of(part), [str(post["text"]) for post in part]) for part in parts]


def shares(sets: dict[str, list[tuple[str, str]]], posts: Sequence[Posts]) -> tuple[Table, list[str]]:
    """Return a table of what each set of queries came to, and what is not as promised."""
    title = f"Matching, {ROUNDS} rounds of {len(posts[0].lines):,} posts"
    table = Table(title=title, title_justify="left", caption=CAPTION, caption_justify="left", box=SIMPLE)
    for name in (
        "queries",
        "set",
        "words, µs",
        "matcher, µs",
        "posts a second",
        "share",
        "aim",
        "found a post",
        "rare",
    ):
        table.add_column(name, justify="left" if name == "set" else "right", no_wrap=True)
    failed = []
    for name, queries in sets.items():
        for count, aim in AIMS.items():
            nodes = {ident: language.parse(text, standing=True) for ident, text in queries[:count]}
            rates = measured(nodes, posts)
            rare = sum(rates.found.get(ident, 0) < MOST_RARE * rates.posts for ident in nodes) / len(nodes)
            table.add_row(
                f"{count:,}", name, f"{1e6 * rates.words:.1f}", f"{1e6 * rates.matcher:.1f}",
                f"{1 / rates.matcher:,.0f}", f"{rates.share:.3f}", f"{aim:.2f}",
                f"{sum(rates.found.values()) / rates.posts:.2f}", f"{100 * rare:.0f} %",
            )  # fmt: skip
            if rates.share < aim:
                failed.append(f"match, {count:,} queries ({name}): {rates.share:.3f} of finding words, not {aim}")
            failed += differences(nodes, posts[0].lines)
    return table, failed


def measured(nodes: dict[str, language.Node], posts: Sequence[Posts]) -> Rates:
    """Take the rounds with these queries; the first warms up."""
    matcher = language.Matcher()
    for ident, node in nodes.items():
        matcher.put(ident, node)
    moment = Moment(utc_now(), UTC)
    found: dict[str, int] = {}
    times: dict[str, list[float]] = {"words": [], "matcher": []}
    for turn in posts:
        start = time.process_time()
        for text in turn.texts:
            _words(text.lower())
        between = time.process_time()
        every = [matcher.find(read_post(line), moment=moment) for line in turn.lines]
        end = time.process_time()
        times["words"].append(between - start)
        times["matcher"].append(end - between)
        for ident in chain.from_iterable(every):
            found[ident] = found.get(ident, 0) + 1
    size = len(posts[0].lines)
    words, ours = (statistics.median(times[name][1:]) / size for name in ("words", "matcher"))
    return Rates(words, ours, found, size * len(posts))


def differences(nodes: dict[str, language.Node], lines: Sequence[bytes]) -> list[str]:
    """Return the first post of which the matcher and the plain evaluator find something else."""
    matcher = language.Matcher()
    for ident, node in nodes.items():
        matcher.put(ident, node)
    moment = Moment(utc_now(), UTC)
    for line in lines[: CHECKED // len(nodes)]:
        post = read_post(line)
        prepared = language.prepare(post)
        right = [ident for ident, node in nodes.items() if language.matches(node, prepared, moment=moment)]
        if list(matcher.find(post, moment=moment)) != right:
            return [f"match, {len(nodes):,} queries: something else is found of {post.id} than one by one"]
    return []
