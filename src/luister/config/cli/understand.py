"""The command that says of each post what it says, line by line; it needs no database."""

import json
from collections.abc import Callable
from typing import Any, BinaryIO

import click

from luister.config.cli.keep import progress_bar
from luister.config.cli.lines import SHOW_EVERY, STANDARD_INPUT, numbered, opened, told, written_to
from luister.query import sentence
from luister.query.documents import Document
from luister.query.lines import LineError, read_post
from luister.text import Understanding
from luister.text import understand as understand_text
from luister.text.language import LANGUAGES


@click.command()
@click.argument("posts")
@click.option("--out", metavar="FILE", help="Write to a file instead of standard output.")
@click.option("--prior", metavar="LANG", default="", help="The language that most posts are in, such as nl.")
def understand(posts: str, *, out: str | None, prior: str) -> int:
    """Say of each post what it says, and why.

    POSTS is a file with a JSON object a line, {"id": …, "text": …}, or “-” for standard input; a "lang" that it gives
    is believed. For each a line is written: {"id", "lang", "sentiment", "score", "kinds", "need", "urgency",
    "neglected", "wants_human", "personal_data", "why"}.

    Ends with 1 when lines could not be used (each is named, the others are understood), and with 2 when the file
    cannot be read.
    """
    if prior and prior not in LANGUAGES:
        message = f"“{prior}” is no language that is recognised. Choose one of: {', '.join(sorted(LANGUAGES))}."
        raise click.UsageError(message)
    with told(posts), opened(posts) as (lines, size), written_to(out, posts) as write:
        return _understand(posts, lines, size=size, prior=prior, write=write)


def _understand(
    name: str, lines: BinaryIO, *, size: int | None, prior: str, write: Callable[[str], None] | None
) -> int:
    code = 0
    done = 0
    show_every = 1 if name == STANDARD_INPUT else SHOW_EVERY
    with progress_bar("Understanding", as_json=False) as bar:
        for number, line in numbered(lines):
            done += len(line)
            if number % show_every == 0:
                bar(done, size)
            try:
                post = read_post(line)
            except LineError as error:
                code = 1
                bar.echo(f"{name}:{number}: {sentence(error.reason)}", err=True)
                continue
            found = understand_text(post.text, title=post.title, lang=post.lang or "", prior=prior)
            (write or bar.echo)(json.dumps(_line(post, found), ensure_ascii=False))
    return code


def _line(post: Document, found: Understanding) -> dict[str, Any]:
    return {
        "id": post.id,
        "lang": found.lang,
        "sentiment": found.sentiment,
        "score": found.score,
        "kinds": found.kinds,
        "need": found.need,
        "urgency": found.urgency,
        "neglected": found.neglected,
        "wants_human": found.wants_human,
        "personal_data": [{"kind": each.kind, "start": each.start, "end": each.end} for each in found.personal_data],
        "why": {aspect: [reason._asdict() for reason in reasons] for aspect, reasons in found.why.items()},
    }
