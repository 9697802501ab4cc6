"""The command that finds which of many queries find which posts, line by line; it needs no database."""

import json
from collections.abc import Callable
from datetime import UTC
from typing import BinaryIO

import click
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from luister.base.clock import utc_now
from luister.base.garbage import kept
from luister.config.cli import firehose
from luister.config.cli.keep import progress_bar
from luister.config.cli.lines import NOTHING_RAN, SHOW_EVERY, STANDARD_INPUT, numbered, opened, told, written_to
from luister.query import (
    Document,
    Explained,
    ExplainingMatcher,
    Matcher,
    Moment,
    Node,
    QueryError,
    parse,
    sentence,
)
from luister.query.lines import LineError, read_post, read_query
from luister.text import UNDETERMINED, understand

MOST_SHOWN = 60  # characters of an anchor, in a table


@click.command()
@click.argument("queries", required=False)
@click.argument("posts", required=False)
@click.option("--out", metavar="FILE", help="Write what was found to a file instead of standard output.")
@click.option("--explain", is_flag=True, help="Tell of each query where it waits, and what it costs.")
@firehose.options
def match(queries: str | None, posts: str | None, *, out: str | None, explain: bool, wish: firehose.Wish | None) -> int:
    """Say for each post which queries find it.

    QUERIES and POSTS are files with a JSON object a line, {"id": …, "query": …} and {"id": …, "text": …}; “-” is
    standard input. For each post that was found a line is written: {"id": …, "queries": […]}.

    Ends with 1 when lines of POSTS could not be used (each is named, the others are matched), and with 2 when nothing
    could be matched: a file that cannot be read, or a query with a mistake.

    With --explain a line is written for each query instead: {"id": …, "anchor": […], "reached": …, "found": …,
    "microseconds": …}. Only posts with one of the anchor's words reach the query; the time is that of looking at them.
    On a terminal it is a table, the costliest first. A query without an anchor is held against every post.

    With --from the posts come out of a stream, until the command is asked to end (SIGTERM); all that read it share its
    posts. Without QUERIES the monitors of the workspaces that listen to the stream are matched.
    """
    if wish is not None:
        return _match_stream(wish, queries, posts, is_other=out is not None or explain)
    if queries is None or posts is None:
        message = "Give QUERIES and POSTS, or a stream with --from."
        raise click.UsageError(message)
    if queries == posts == STANDARD_INPUT:
        message = "Only one of QUERIES and POSTS can be standard input."
        raise click.UsageError(message)
    with told(posts):
        matcher = ExplainingMatcher[str](infer=inferred) if explain else Matcher[str](infer=inferred)
        with kept():
            standing = _read_queries(queries)
            if standing is None:
                return NOTHING_RAN
            for ident, node in standing.items():
                matcher.put(ident, node)
        with opened(posts) as (lines, size), written_to(out, posts) as write:
            if not isinstance(matcher, ExplainingMatcher):
                return _match(matcher, posts, lines, size=size, write=write)
            code = _match(matcher, posts, lines, size=size, write=_nowhere)
            _tell(matcher.explained(), write)
            return code


def _match_stream(wish: firehose.Wish, queries: str | None, posts: str | None, *, is_other: bool) -> int:
    if posts is not None or is_other:
        message = "With --from the stream gives the posts and --to takes the matches: no POSTS, --out or --explain."
        raise click.UsageError(message)
    from luister.config.cli.matching import match_stream  # noqa: PLC0415 - slow to load, and seldom asked for

    if queries is None:
        return match_stream(wish, queries=None, infer=inferred)
    with told(queries), kept():
        standing = _read_queries(queries)
    if standing is None:
        return NOTHING_RAN
    return match_stream(wish, queries=standing, infer=inferred)


def _read_queries(name: str) -> dict[str, Node] | None:
    """Return the queries of a file, or None after saying what is wrong with it."""
    standing: dict[str, Node] = {}
    lines_of: dict[str, int] = {}
    is_well = True
    with opened(name) as (lines, _):
        for number, line in numbered(lines):
            try:
                ident, text = _read_query(line, number, lines_of)
                standing[ident] = parse(text, standing=True)
            except QueryError as error:
                is_well = False
                place = f"query “{ident}”, character {error.offset + 1}"
                click.echo(f"{name}:{number}: {place}: {sentence(error.reason)}", err=True)
            except LineError as error:
                is_well = False
                click.echo(f"{name}:{number}: {sentence(error.reason)}", err=True)
    return standing if is_well else None


def _read_query(line: bytes, number: int, lines_of: dict[str, int]) -> tuple[str, str]:
    ident, text = read_query(line)
    if ident in lines_of:
        raise LineError("query.line_twice", id=ident, line=str(lines_of[ident]))
    lines_of[ident] = number
    return ident, text


def _match(
    matcher: Matcher[str], name: str, lines: BinaryIO, *, size: int | None, write: Callable[[str], None] | None
) -> int:
    moment = Moment(utc_now(), UTC)
    code = 0
    done = 0
    with progress_bar("Matching", as_json=False) as bar:
        for number, line in numbered(lines):
            done += len(line)
            if number % SHOW_EVERY == 0:
                bar(done, size)
            try:
                post = read_post(line)
            except LineError as error:
                code = 1
                bar.echo(f"{name}:{number}: {sentence(error.reason)}", err=True)
                continue
            found = matcher.find(post, moment=moment)
            if found:
                (write or bar.echo)(json.dumps({"id": post.id, "queries": found}))
    return code


def _nowhere(_line: str) -> None:
    """Write nothing: what is asked for comes at the end."""


def _tell(explained: list[Explained[str]], write: Callable[[str], None] | None) -> None:
    """Tell what came of each query, and name those without an anchor."""
    if write is None:
        Console().print(_table(explained))
    else:
        for one in explained:
            told = {"id": one.ident, "anchor": one.anchor, "reached": one.reached, "found": one.found}
            write(json.dumps(told | {"microseconds": round(one.microseconds)}))
    free = [one.ident for one in explained if one.anchor is None]
    if free:
        click.echo(f"Held against every post, for want of an anchor ({len(free)}): {', '.join(free)}.", err=True)


def _table(explained: list[Explained[str]]) -> Table:
    table = Table(box=None)
    table.add_column("query", overflow="fold")
    table.add_column("anchor", overflow="fold")
    for name in ("reached", "found", "µs"):
        table.add_column(name, justify="right", no_wrap=True, overflow="fold")
    for one in sorted(explained, key=lambda one: -one.microseconds):
        table.add_row(one.ident, _shown(one.anchor), f"{one.reached:,}", f"{one.found:,}", f"{one.microseconds:,.0f}")
    return table


def _shown(anchor: list[str] | None) -> str:
    """Return an anchor in a few words."""
    if anchor is None:
        return "every post"
    count = next((count for count in range(len(anchor), 1, -1) if len(" or ".join(anchor[:count])) <= MOST_SHOWN), 1)
    more = len(anchor) - count
    return " or ".join(anchor[:count]) + (f" and {more} more" if more else "")


def inferred(post: Document) -> Document:
    """Return a post with what it does not tell: its language, its sentiment and what it says."""
    found = understand(post.text, title=post.title, lang=post.lang or "")
    lang = None if found.lang == UNDETERMINED else found.lang
    return replace(
        post,
        lang=lang if post.lang is None else post.lang,
        sentiment=found.sentiment.value if post.sentiment is None else post.sentiment,
        says=[kind.value for kind in found.kinds] if post.says is None else post.says,
    )
