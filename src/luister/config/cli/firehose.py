"""`luister match --from`: the options of matching a stream. What speaks to servers is imported when it is asked for."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import click

ACK_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    source: str
    to: str | None
    metrics: str | None
    group: str | None
    ack_seconds: float


def options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of matching a stream, as one argument: `wish`, None where there is no --from."""

    @click.option(
        "--from",
        "source",
        metavar="ADDRESS",
        envvar="LUISTER_FROM",  # beside the option: who lists processes sees what stands on a command line
        show_envvar=True,
        help="Match a stream: nats://HOST:PORT/STREAM.",
    )
    @click.option(
        "--to",
        "to",
        metavar="ADDRESS|database",
        envvar="LUISTER_TO",
        show_envvar=True,
        help="Where matches of a stream go; else standard output.",
    )
    @click.option("--metrics", metavar="HOST:PORT", help="Serve figures of a stream there, for Prometheus.")
    @click.option("--group", metavar="NAME", help="Share the stream with those of the same group alone.")
    @click.option(
        "--ack-wait",
        metavar="SECONDS",
        type=click.FloatRange(1, 3600),
        default=ACK_SECONDS,
        show_default=True,
        help="After which posts of a matcher that says nothing go to another.",
    )
    @functools.wraps(command)
    def wished(*, source: str | None, **given: Any) -> int:
        asked = {name: given.pop(name) for name in ("to", "metrics", "group")}
        ack_seconds = given.pop("ack_wait")
        if source is None and any(asked.values()):
            message = "--to, --metrics and --group are for a stream: name it with --from."
            raise click.UsageError(message)
        return command(**given, wish=Wish(source, ack_seconds=ack_seconds, **asked) if source else None)

    return wished
