"""The command that feeds a stream with posts, line by line; it needs no database."""

import click


@click.command()
@click.argument("posts")
@click.option(
    "--to",
    "to",
    metavar="ADDRESS",
    envvar="LUISTER_TO",
    show_envvar=True,
    required=True,
    help="The stream: nats://HOST:PORT/STREAM.",
)
def publish(posts: str, *, to: str) -> int:
    """Put posts into a stream, from which matchers read them.

    POSTS is a file with a JSON object a line, {"id": …, "text": …}, or “-” for standard input. The stream is made if it
    is not there. A post that was published in the last two minutes is not published again, so that a run that broke off
    can be repeated.

    Ends with 1 when lines could not be published (each is named, the others are), and with 2 when nothing could be: a
    file that cannot be read, no server, a wrong address.
    """
    from luister.config.cli.publishing import publish_lines  # noqa: PLC0415 - slow to load, and seldom asked for

    return publish_lines(posts, to=to)
