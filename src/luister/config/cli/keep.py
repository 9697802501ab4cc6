"""Commands that keep an installation: migrate, doctor, create-admin.

Django is imported inside the commands: its settings read the environment, which is complete only then.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import Progress

from luister.base.clock import utc_now
from luister.config import environment
from luister.config.checks import Check, State
from luister.config.embedded import EmbeddedPostgres
from luister.config.errors import GroundError
from luister.config.hand import database_at_hand
from luister.config.home import address, home

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@json_option
def migrate(*, dry_run: bool, as_json: bool) -> None:
    """Bring the database's tables up to date.

    Safe to run twice, and by several at once: the second waits, and finds nothing left to do.
    """
    with database_at_hand():
        from luister.config import migrating  # noqa: PLC0415 - needs Django set up
        from luister.config.vitals_fence import advice  # noqa: PLC0415 - needs Django set up

        waiting = migrating.pending()
        if not dry_run:  # without a step too: the fence around workspaces may have to be put up
            with progress_bar("Migrating", as_json=as_json) as bar:
                migrating.migrate(progress=bar)
        advised = advice() if not (dry_run and waiting) else ""
    if advised:
        click.echo(advised, err=True)
    if as_json:
        click.echo(json.dumps({"ok": True, "applied": not dry_run, "migrations": waiting}))
    elif not waiting:
        click.echo("Nothing to do: the tables are up to date.")
    else:
        verb = "Would apply" if dry_run else "Applied"
        click.echo(f"{verb} {len(waiting)} migrations: {', '.join(waiting)}.")


@contextmanager
def progress_bar(words: str, *, as_json: bool) -> Iterator["Bar"]:
    """Show a bar on a terminal's standard error while something long runs."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=as_json or not console.is_terminal) as bars:
        yield Bar(bars, words)


class Bar:
    """A function that moves one bar."""

    def __init__(self, bars: Progress, words: str) -> None:
        self._bars = bars
        self._task = bars.add_task(words, total=None)

    def __call__(self, done: int, total: int | None) -> None:
        """Show that so many are done, of how many, where that is known."""
        self._bars.update(self._task, completed=done, total=total)

    def echo(self, line: str, *, err: bool = False) -> None:
        """Write a line to the terminal above the bar, or where there is no bar as click does."""
        if self._bars.disable:
            click.echo(line, err=err)
        else:
            self._bars.console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)


@click.command()
@json_option
def doctor(*, as_json: bool) -> int:
    """Look at everything that can be wrong, and say what mends it.

    Ends with 0 when all is well or only worth a look, with 1 when something fails, and with 3 when going on would be
    unsafe.
    """
    found = list(environment.checks(os.environ))
    if environment.refusal(os.environ) is not None:
        return _show(found, as_json)  # the rest cannot be looked at with settings like these
    if "DATABASE_URL" not in os.environ and not EmbeddedPostgres(home()).exists():
        nothing = Check("database", State.FAIL, f"There is none in {home()} yet", "Run “luister start”.")
        return _show([*found, nothing], as_json)
    try:
        with database_at_hand():
            from luister.config.doctor import examine  # noqa: PLC0415 - needs Django set up

            found += examine(home(), now=utc_now(), clock=utc_now)
    except GroundError as error:
        found.append(Check("database", State.FAIL, str(error), "Mend that, and ask again."))
    return _show(found, as_json)


def _show(checks: Sequence[Check], as_json: bool) -> int:
    failed = any(check.state is State.FAIL for check in checks)
    if as_json:
        click.echo(json.dumps({"ok": not failed, "checks": [check.row() for check in checks]}))
    else:
        show_checks(checks)
    return 3 if any(check.is_unsafe for check in checks) else int(failed)


def show_checks(checks: Sequence[Check]) -> None:
    """Print checks in lines, each with what mends it."""
    width = max(16, *(len(check.name) for check in checks))
    for check in checks:
        color = COLORS[check.state]
        click.echo(f"{click.style(check.state.ljust(5), fg=color)} {check.name.ljust(width)} {check.text}")
        if check.fix:
            click.echo(f"{' ' * (width + 7)}{check.fix}")


@click.command("create-admin")
@click.option("--email", prompt="E-mail address", help="With which they sign in.")
@click.option("--name", prompt="Name", help="As colleagues see it.")
@click.option("--workspace", help="Name of the workspace to administer; made if it is new.")
@click.option("--password", envvar="LUISTER_ADMIN_PASSWORD", show_envvar=True, help="Better given by the variable.")
@click.option("--no-password", is_flag=True, help="Print a link that signs them in once instead.")
@json_option
def create_admin(
    *, email: str, name: str, workspace: str | None, password: str | None, no_password: bool, as_json: bool
) -> None:
    """Make an administrator.

    What is not given is asked for.
    """
    if not no_password and password is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with database_at_hand():
        from luister.config import administrator, migrating  # noqa: PLC0415 - needs Django set up

        migrating.migrate(progress=lambda done, total: None)
        if workspace is None:
            known = administrator.workspace_names()
            workspace = known[0] if len(known) == 1 else click.prompt("Workspace", default=known[0] if known else None)
        link = administrator.create_admin(
            email, name=name, password=None if no_password else password, workspace=workspace, now=utc_now()
        )
    if as_json:
        click.echo(json.dumps({"ok": True, "email": email, "workspace": workspace, "link": link}))
        return
    click.echo(f"{name} administers {workspace}.")
    if link:
        click.echo(f"Sign in with this link, which works once: {address(home())}{link}")
