"""The command that finds which of many queries find which posts, line by line; it needs no database."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

import click

from luister.base.clock import utc_now
from luister.config.cli.keep import progress_bar
from luister.query import Moment, Node, QueryError, matches, parse, prepare, sentence
from luister.query.lines import LineError, read_post, read_query

STANDARD_INPUT = "-"
NOTHING_RAN = 2
SHOW_EVERY = 200  # lines between two looks at the progress bar


@click.command()
@click.argument("queries")
@click.argument("posts")
@click.option("--out", metavar="FILE", help="Write what was found to a file instead of standard output.")
def match(queries: str, posts: str, *, out: str | None) -> int:
    """Say for each post which queries find it.

    QUERIES and POSTS are files with a JSON object a line, {"id": …, "query": …} and {"id": …, "text": …}; “-” is
    standard input. For each post that was found a line is written: {"id": …, "queries": […]}.

    Ends with 1 when lines of POSTS could not be used (each is named, the others are matched), and with 2 when nothing
    could be matched: a file that cannot be read, or a query with a mistake.
    """
    if queries == posts == STANDARD_INPUT:
        message = "Only one of QUERIES and POSTS can be standard input."
        raise click.UsageError(message)
    try:
        standing = _read_queries(queries)
        if standing is None:
            return NOTHING_RAN
        with _opened(posts) as (lines, size), _written_to(out, posts) as write:
            return _match(standing, posts, lines, size=size, write=write)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it ends
        return 1
    except OSError as error:
        click.echo(f"Error: {error.filename or posts}: {error.strerror or error}.", err=True)
        return NOTHING_RAN


@dataclass(frozen=True, slots=True)
class _Standing:
    id: str
    node: Node


def _read_queries(name: str) -> list[_Standing] | None:
    """Return the queries of a file, or None after saying what is wrong with it."""
    standing: list[_Standing] = []
    lines_of: dict[str, int] = {}
    is_well = True
    with _opened(name) as (lines, _):
        for number, line in _numbered(lines):
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
    code = 0
    done = 0
    with progress_bar("Matching", as_json=False) as bar:
        for number, line in _numbered(lines):
            done += len(line)
            if number % SHOW_EVERY == 0:
                bar(done, size)
            try:
                post = prepare(read_post(line))
            except LineError as error:
                code = 1
                bar.echo(f"{name}:{number}: {sentence(error.reason)}", err=True)
                continue
            found = [query.id for query in standing if matches(query.node, post, moment=moment)]
            if found:
                (write or bar.echo)(json.dumps({"id": post.document.id, "queries": found}))
    return code


def _numbered(lines: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, line


@contextmanager
def _opened(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """Open a file or standard input, and tell how many bytes it has, where that is known."""
    if name == STANDARD_INPUT:
        yield sys.stdin.buffer, None
        return
    with Path(name).open("rb") as file:
        yield file, os.fstat(file.fileno()).st_size or None


@contextmanager
def _written_to(out: str | None, posts: str) -> Iterator[Callable[[str], None] | None]:
    """Yield what writes a line to a file or standard output; None for a terminal, which may show a progress bar too."""
    if out is not None:
        if posts != STANDARD_INPUT and Path(out).exists() and Path(out).samefile(posts):
            message = "--out names the file with the posts: choose another."
            raise click.UsageError(message)
        with Path(out).open("w", encoding="utf-8") as file:
            yield lambda line: print(line, file=file)
        return
    if sys.stdout.isatty():
        yield None
        return
    # The progress bar takes over what is printed; this is for whoever listens.
    stdout = sys.stdout
    is_live = posts == STANDARD_INPUT
    yield lambda line: print(line, file=stdout, flush=is_live)
    stdout.flush()
