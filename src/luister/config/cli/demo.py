"""Commands for the demo desk: load, remove, traffic.

Django is imported inside the commands: its settings read the environment, which is complete only then.
"""

import json
import signal
import threading

import click

from luister.base.clock import utc_now
from luister.config.cli.keep import json_option, progress_bar
from luister.config.cli.run import stage_option
from luister.config.errors import GroundError
from luister.config.hand import database_at_hand
from luister.config.home import address, home


@click.group()
def demo() -> None:
    """Fill a demo desk, take it away, or let its customers write.

    “luister start --demo” does the first and the last by itself.
    """


@demo.command()
@stage_option
@json_option
def load(*, stage: str, as_json: bool) -> None:
    """Fill a demo desk, unless there is one."""
    with database_at_hand(), progress_bar("Filling the demo desk", as_json=as_json) as bar:
        from luister.config import migrating  # noqa: PLC0415 - needs Django set up
        from luister.demo import actions  # noqa: PLC0415 - needs Django set up

        migrating.migrate(progress=lambda done, total: None)
        workspace = actions.load(stage=stage, now=utc_now(), site_url=address(home()), progress=bar)
        name = workspace.name
    click.echo(json.dumps({"ok": True, "workspace": name}) if as_json else f"The demo desk {name} is filled.")


@demo.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(*, yes: bool, as_json: bool) -> None:
    """Take the demo desk away, with all that was said on it."""
    with database_at_hand():
        from luister.demo import actions  # noqa: PLC0415 - needs Django set up
        from luister.demo.queries import demo_workspace  # noqa: PLC0415 - needs Django set up

        workspace = demo_workspace()
        if workspace is None:
            message = "There is no demo desk."
            raise GroundError(message)
        name = workspace.name
        if not yes:
            click.confirm(f"Take {name} away, with everything in it?", abort=True)
        actions.remove(workspace)
    click.echo(json.dumps({"ok": True, "workspace": name}) if as_json else f"The demo desk {name} is gone.")


@demo.command()
def traffic() -> None:
    """Let the demo's customers write and answer, until Ctrl-C."""
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    with database_at_hand():
        from luister.demo import traffic as customers  # noqa: PLC0415 - needs Django set up

        customers.run(stop)
