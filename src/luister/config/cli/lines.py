"""Lines in and lines out: files or standard input, read and written as they come."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

STANDARD_INPUT = "-"
NOTHING_RAN = 2
SHOW_EVERY = 200  # lines between two looks at the progress bar


def numbered(lines: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, line


@contextmanager
def opened(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """Open a file or standard input, and tell how many bytes it has, where that is known."""
    if name == STANDARD_INPUT:
        yield sys.stdin.buffer, None
        return
    with Path(name).open("rb") as file:
        yield file, os.fstat(file.fileno()).st_size or None


@contextmanager
def written_to(out: str | None, posts: str) -> Iterator[Callable[[str], None] | None]:
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


@contextmanager
def told(posts: str) -> Iterator[None]:
    """Tell of a file that cannot be read in one sentence, and end when nobody listens any more."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it ends
        raise click.exceptions.Exit(1) from None
    except OSError as error:
        click.echo(f"Error: {error.filename or posts}: {error.strerror or error}.", err=True)
        raise click.exceptions.Exit(NOTHING_RAN) from None
