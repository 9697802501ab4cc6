"""The command's root: its verbs, and how errors end.

Exit codes: 0 all is well, 1 it went wrong, 2 wrong use, 3 unsafe or locked. What goes wrong is said in one sentence on
standard error (with --json as an object on standard output); the traceback goes to the data folder's logs/luister.log.
"""

import json
import os
import sys
import traceback
from importlib.metadata import version

import click

from luister.base.clock import utc_now
from luister.config import secret_files
from luister.config.cli import demo, imports, keep, run
from luister.config.cli.backup import backup
from luister.config.cli.jobs import jobs
from luister.config.cli.match import match
from luister.config.cli.move import move_database
from luister.config.cli.operate import status, support_bundle
from luister.config.cli.outbound import outbound
from luister.config.cli.outbox import outbox
from luister.config.cli.publish import publish
from luister.config.cli.schedules import schedules
from luister.config.cli.token import token
from luister.config.cli.understand import understand
from luister.config.cli.webhooks import webhooks
from luister.config.errors import GroundError
from luister.config.home import home


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("luister"), prog_name="luister")
def cli() -> None:
    """Luister, the open-source webcare suite.

    Hear what people say on every channel, answer well, improve. Start with “luister start --demo”.

    The data folder is LUISTER_HOME (else ~/.local/share/luister). Without DATABASE_URL an embedded
    PostgreSQL keeps its data there.
    """
    secret_files.take_in(os.environ)


for command in (
    run.start, demo.demo, run.web, run.worker, run.prepare, keep.migrate, keep.doctor, keep.create_admin, match,
    publish, understand, imports.import_file, backup, outbound, webhooks, token, move_database, outbox, status,
    support_bundle, jobs, schedules,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run the command line and end with its exit code."""
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    try:
        result = cli.main(arguments, prog_name="luister", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return error.exit_code
    except (GroundError, click.ClickException) as error:
        return _fail(error.format_message() if isinstance(error, click.ClickException) else str(error), error.exit_code)
    except click.Abort:
        return _fail("Stopped.", 1)
    except Exception as error:  # noqa: BLE001 - the outermost place: nobody should have to read a traceback
        return _fail(_unexpected(error), 1)
    return result if isinstance(result, int) else 0


def _fail(sentence: str, code: int) -> int:
    if "--json" in sys.argv:
        click.echo(json.dumps({"ok": False, "error": sentence}))
    click.echo(f"Error: {sentence}", err=True)
    return code


def _unexpected(error: Exception) -> str:
    """Return a sentence about an error nobody foresaw, and keep its traceback."""
    if os.environ.get("LUISTER_DEBUG"):
        traceback.print_exception(error)
    words = " ".join(str(error).split()) or "no details"
    log = home() / "logs" / "luister.log"
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with log.open("a") as file:
            file.write(f"{utc_now().isoformat()} {' '.join(sys.argv)}\n{''.join(traceback.format_exception(error))}\n")
    except OSError:
        return f"{type(error).__name__}: {words}."
    return f"{type(error).__name__}: {words} (details in {log})."
