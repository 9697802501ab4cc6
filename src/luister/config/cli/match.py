"""The command that finds which of many queries find which posts, line by line; it needs no database."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC
from typing import BinaryIO

import click
from msgspec.structs import replace

from luister.base.clock import utc_now
from luister.config.cli import firehose
from luister.config.cli.keep import progress_bar
from luister.config.cli.lines import NOTHING_RAN, SHOW_EVERY, STANDARD_INPUT, numbered, opened, told, written_to
from luister.query import Moment, Node, QueryError, asked_fields, matches, parse, prepare, sentence
from luister.query.documents import Document
from luister.query.lines import LineError, read_post, read_query
from luister.text import UNDETERMINED, understand

INFERRED = frozenset({"lang", "sentiment", "says"})


@click.command()
@click.argument("queries", required=False)
@click.argument("posts", required=False)
@click.option("--out", metavar="FILE", help="Write what was found to a file instead of standard output.")
@firehose.options
def match(queries: str | None, posts: str | None, *, out: str | None, wish: firehose.Wish | None) -> int:
    """Say for each post which queries find it.

    QUERIES and POSTS are files with a JSON object a line, {"id": …, "query": …} and {"id": …, "text": …}; “-” is
    standard input. For each post that was found a line is written: {"id": …, "queries": […]}.

    Ends with 1 when lines of POSTS could not be used (each is named, the others are matched), and with 2 when nothing
    could be matched: a file that cannot be read, or a query with a mistake.

    With --from the posts come out of a stream, until the command is asked to end (SIGTERM); all that read it share its
    posts. Without QUERIES the monitors of the workspaces that listen to the stream are matched.
    """
    if wish is not None:
        return _match_stream(wish, queries, posts, out=out)
    if queries is None or posts is None:
        message = "Give QUERIES and POSTS, or a stream with --from."
        raise click.UsageError(message)
    if queries == posts == STANDARD_INPUT:
        message = "Only one of QUERIES and POSTS can be standard input."
        raise click.UsageError(message)
    with told(posts):
        standing = _read_queries(queries)
        if standing is None:
            return NOTHING_RAN
        with opened(posts) as (lines, size), written_to(out, posts) as write:
            return _match(standing, posts, lines, size=size, write=write)


def _match_stream(wish: firehose.Wish, queries: str | None, posts: str | None, *, out: str | None) -> int:
    if posts is not None or out is not None:
        message = "With --from the posts come from the stream, and --to says where matches go: no POSTS and no --out."
        raise click.UsageError(message)
    from luister.config.cli.matching import match_stream  # noqa: PLC0415 - slow to load, and seldom asked for

    if queries is None:
        return match_stream(wish, queries=None, infer=_completed)
    with told(queries):
        standing = _read_queries(queries)
    if standing is None:
        return NOTHING_RAN
    return match_stream(wish, queries={query.id: query.node for query in standing}, infer=_completed)


@dataclass(frozen=True, slots=True)
class _Standing:
    id: str
    node: Node


def _read_queries(name: str) -> list[_Standing] | None:
    """Return the queries of a file, or None after saying what is wrong with it."""
    standing: list[_Standing] = []
    lines_of: dict[str, int] = {}
    is_well = True
    with opened(name) as (lines, _):
        for number, line in numbered(lines):
            try:
                ident, text = _read_query(line, number, lines_of)
                standing.append(_Standing(ident, parse(text, standing=True)))
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
    standing: list[_Standing], name: str, lines: BinaryIO, *, size: int | None, write: Callable[[str], None] | None
) -> int:
    moment = Moment(utc_now(), UTC)
    asked = {field for query in standing for field in asked_fields(query.node)} & INFERRED
    code = 0
    done = 0
    with progress_bar("Matching", as_json=False) as bar:
        for number, line in numbered(lines):
            done += len(line)
            if number % SHOW_EVERY == 0:
                bar(done, size)
            try:
                post = prepare(_inferred(read_post(line), asked))
            except LineError as error:
                code = 1
                bar.echo(f"{name}:{number}: {sentence(error.reason)}", err=True)
                continue
            found = [query.id for query in standing if matches(query.node, post, moment=moment)]
            if found:
                (write or bar.echo)(json.dumps({"id": post.document.id, "queries": found}))
    return code


def _completed(post: Document) -> Document:
    return _inferred(post, INFERRED)


def _inferred(post: Document, asked: Collection[str]) -> Document:
    """Return a post with what it does not tell and some query asks for: its language, sentiment and what it says."""
    if all(getattr(post, field) is not None for field in asked):
        return post
    found = understand(post.text, title=post.title, lang=post.lang or "")
    lang = None if found.lang == UNDETERMINED else found.lang
    return replace(
        post,
        lang=lang if post.lang is None else post.lang,
        sentiment=found.sentiment.value if post.sentiment is None else post.sentiment,
        says=[kind.value for kind in found.kinds] if post.says is None else post.says,
    )
