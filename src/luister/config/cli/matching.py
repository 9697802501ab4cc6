"""Matching a stream, for as long as nobody says that it is enough: what `luister match --from` runs."""

import asyncio
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click

from luister.base.clock import utc_now
from luister.config.cli.firehose import Wish
from luister.config.cli.lines import NOTHING_RAN
from luister.query import Node
from luister.streams.matcher.bucket import BucketSource
from luister.streams.matcher.figures import Figures
from luister.streams.matcher.held import Held, Infer, Query
from luister.streams.matcher.run import Plan, Run
from luister.streams.matcher.work import FileSource, PassingOn, Printing, Sink, Source, Work
from luister.streams.wire.address import StreamAddress, parse_address
from luister.streams.wire.errors import StreamError

DATABASE = "database"
GROUPS = {"": "luister-print", DATABASE: "luister"}  # by where matches go; one for each stream they are passed on to


def match_stream(wish: Wish, *, queries: Mapping[str, Node] | None, infer: Infer) -> int:
    """Match a stream until SIGTERM or SIGINT, and return the exit code.

    Args:
        queries: those of a file by id, or None for the monitors.
    """
    try:
        address = parse_address(wish.source)
        to = parse_address(wish.to) if wish.to not in (None, DATABASE) and wish.to else None
        if queries is not None and wish.to == DATABASE:
            message = "What monitors find is stored: leave QUERIES away, or write to a stream or standard output."
            raise click.UsageError(message)
        if to is not None and to.name == address.name:
            message = "--to names the stream that is read: choose another."
            raise click.UsageError(message)
        plan = Plan(address, _group(wish, to), to=to, ack_seconds=wish.ack_seconds)
        figures = Figures(stream=address.name)
        _serve(figures, wish.metrics)
        if queries is None and to is None:
            return _with_database(plan, figures, is_stored=wish.to == DATABASE, infer=infer)
        return _without_database(plan, figures, queries=queries, infer=infer)
    except StreamError as error:
        click.echo(f"Error: {error}", err=True)
        return NOTHING_RAN


def _group(wish: Wish, to: StreamAddress | None) -> str:
    if wish.group:
        return wish.group
    return f"luister-to-{to.stream}" if to else GROUPS[wish.to or ""]


def _serve(figures: Figures, metrics: str | None) -> None:
    if metrics is None:
        return
    host, _, port = metrics.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        message = f"--metrics takes HOST:PORT, such as 127.0.0.1:9464, and not “{metrics}”."
        raise click.UsageError(message)
    try:
        figures.serve(host.strip("[]") or "127.0.0.1", int(port))
    except OSError as error:
        message = f"Metrics cannot be served on {metrics}: {error.strerror or error}."
        raise StreamError(message) from None


def _without_database(plan: Plan, figures: Figures, *, queries: Mapping[str, Node] | None, infer: Infer) -> int:
    held = Held(infer=infer)
    source: Source = FileSource()
    if queries is not None:
        held.change({name: Query(node) for name, node in queries.items()})
    else:
        assert plan.to is not None
        source = BucketSource(stream=plan.to.stream)
    work = Work(source, _sink(plan), held=held, clock=utc_now)
    with _stopping() as stop:
        run = Run(plan, work=work, keeper=None, figures=figures, tell=_tell, stop=stop)
        asyncio.run(run.match())
    return 0


def _with_database(plan: Plan, figures: Figures, *, is_stored: bool, infer: Infer) -> int:
    from luister.config.hand import database_at_hand  # noqa: PLC0415 - only here a database is needed

    with database_at_hand(), _stopping() as stop:
        from luister.config.migrating import check_tables  # noqa: PLC0415 - needs Django set up
        from luister.streams.matcher.monitors import (  # noqa: PLC0415 - needs Django set up
            Database,
            DatabaseKeeper,
            DatabaseSource,
            Ear,
            Storing,
        )

        check_tables()
        held = Held(infer=infer)
        database = Database(tell=_tell, stop=stop)
        source = DatabaseSource(plan.address, database=database, clock=utc_now)
        sink: Sink = _sink(plan)
        if is_stored:
            sink = Storing(source, held=held, database=database, clock=utc_now)
        keeper = DatabaseKeeper(plan.address, source=source, database=database, clock=utc_now)
        work = Work(source, sink, held=held, clock=utc_now)
        run = Run(plan, work=work, keeper=keeper, figures=figures, tell=_tell, stop=stop)
        Ear(run.changed, stop=stop).start()
        asyncio.run(run.match())
    return 0


def _sink(plan: Plan) -> Sink:
    if plan.to is not None:
        return PassingOn()
    out = sys.stdout
    return Printing(lambda line: print(line, file=out), out.flush)


def _tell(words: str) -> None:
    click.echo(words, err=True)


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Yield what is set when the process is asked to end; asked twice, it ends at once."""
    stop = threading.Event()
    known = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def ask(number: int, _frame: object) -> None:
        if stop.is_set():
            sys.exit(128 + number)
        stop.set()

    for number in known:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        stop.set()
        for number, handler in known.items():
            signal.signal(number, handler)
