"""Commands that run Luister: start, and the web and worker processes that start is made of.

Django is imported inside the commands that need it: its settings read the environment, which is complete only then,
and the supervisor stays small without it.
"""

import os
import socket
import sys
from collections.abc import Callable

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from luister.config.hand import database_at_hand, set_up_django
from luister.config.home import home
from luister.config.supervisor import Options, Supervisor
from luister.config.web import listen
from luister.config.web import run as run_web

STEPS = {
    "database": "Starting the database",
    "tables": "Bringing the tables up to date",
    "demo": "Filling the demo desk",
    "web": "Starting the web process",
}
NICENESS = 5  # of workers: people wait for pages, not for what comes in
STAGES = ("quiet", "busy", "crisis")
host_option = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
port_option = click.option(
    "--port", envvar="PORT", show_envvar=True, type=click.IntRange(0, 65_535), default=8000, show_default=True,
    help="Port to listen on; 0 takes a free one.",
)  # fmt: skip

stage_option = click.option(
    "--stage", type=click.Choice(STAGES), default="busy", show_default=True, help="How busy the demo's day is."
)


@click.command()
@host_option
@port_option
@click.option("--demo", is_flag=True, help="Fill a demo desk, if there is none, and let customers keep coming.")
@stage_option
def start(*, host: str, port: int, demo: bool, stage: str) -> None:
    """Start everything: database, web and worker.

    Prints the address and a link that signs you in once. Ctrl-C stops it all. Logs are in the data folder.
    """
    options = Options(home=home(), host=host, port=port, stage=stage if demo else None)
    on_terminal = sys.stderr.isatty()
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"),
        console=Console(stderr=True), transient=True, disable=not on_terminal,
    ) as bars:  # fmt: skip

        def say(line: str) -> None:
            bars.stop()  # else the line is written behind a bar
            click.echo(line)

        Supervisor(options, say=say, progress=_shown_on(bars), echo=not on_terminal).run()


def _shown_on(bars: Progress) -> Callable[[str, int, int], None]:
    """Return a function that shows how far each step is; bars that are full go away."""
    tasks = {name: bars.add_task(words, total=None, visible=False, count="") for name, words in STEPS.items()}

    def show(step: str, done: int, total: int) -> None:
        count = f"{done}/{total}" if total > 1 else ""
        # What cannot be counted is shown as moving.
        bars.update(tasks[step], completed=done, total=total if count else None, visible=done < total, count=count)

    return show


@click.command()
@host_option
@port_option
@click.option("--fd", type=int, hidden=True, help="A listening socket that was inherited.")
def web(host: str, port: int, fd: int | None) -> None:
    """Run the web process alone, on the database of DATABASE_URL or of a running “luister start”."""
    os.environ.setdefault("LUISTER_PROCESS", "web")
    with socket.socket(fileno=fd) if fd is not None else listen(host, port) as listener, database_at_hand():
        from luister.config import measures, migrating, tracing  # noqa: PLC0415 - needs Django set up

        migrating.refuse_newer_tables_if_known()
        measures.serve_process()
        tracing.switch_on()
        run_web(listener)


@click.command()
def worker() -> None:
    """Run the worker process alone: background jobs and the channels' listeners."""
    os.environ.setdefault("LUISTER_PROCESS", "worker")
    os.nice(NICENESS)
    with database_at_hand():
        from luister.config import measures, migrating, tracing  # noqa: PLC0415 - needs Django set up
        from luister.config.worker import run  # noqa: PLC0415 - needs Django set up

        migrating.refuse_other_tables_if_known()
        measures.serve_process()
        tracing.switch_on()
        run()


@click.command(hidden=True)
@click.option("--address", required=True, help="Where the web process will answer.")
@click.option("--stage", type=click.Choice(STAGES), help="Of the demo, if one is wanted.")
def prepare(address: str, stage: str | None) -> None:
    """Make tables and demo ready and print a sign-in link, as JSON lines; “start” runs this."""
    set_up_django()
    from luister.config.prepare import prepare as prepare_all  # noqa: PLC0415 - needs Django set up

    prepare_all(address=address, stage=stage)
