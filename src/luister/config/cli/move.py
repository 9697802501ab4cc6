"""`luister move-database`: from the trial's database to one of one's own.

Django is imported inside the command: its settings read the environment, which is complete only then.
"""

import json

import click

from luister.config.cli.keep import json_option, progress_bar
from luister.config.hand import database_at_hand
from luister.config.home import home


@click.command("move-database")
@click.option(
    "--to",
    "url",
    envvar="LUISTER_MOVE_TO",
    show_envvar=True,
    required=True,
    metavar="postgres://…",
    help="Address of the new, empty database; by the variable its password is not seen in the list of processes.",
)
@json_option
def move_database(*, url: str, as_json: bool) -> None:
    """Copy everything into a PostgreSQL of your own, count it there, and say what to set.

    Luister has to be stopped meanwhile. The old database stays as it was.
    """
    with database_at_hand():
        from luister.config.backups import move  # noqa: PLC0415 - needs Django set up

        target = move.parsed(url)
        with progress_bar("Moving", as_json=as_json) as bar:
            moved = move.move(target, progress=bar)
    if as_json:
        versions = {"from": moved.from_version, "to": moved.to_version}
        click.echo(json.dumps({"ok": True, "tables": moved.tables, "rows": moved.rows, **versions}))
        return
    click.echo(
        f"Moved {moved.rows:,} rows in {moved.tables} tables from PostgreSQL {moved.from_version} "
        f"to {moved.to_version}: the counts agree."
    )
    click.echo("Now set DATABASE_URL to the new address wherever Luister runs, and start it.")
    click.echo(f"Files and keys stay where they are, in {home()}. The old database is untouched: remove it later.")
