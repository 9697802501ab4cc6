"""Commands for who runs an installation: status, support-bundle.

Django is imported inside the commands: its settings read the environment, which is complete only then.
"""

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click

from luister.base.clock import utc_now
from luister.config.checks import Check, State
from luister.config.cli.keep import json_option, show_checks
from luister.config.hand import database_at_hand
from luister.config.home import address, home


@click.command()
@json_option
def status(*, as_json: bool) -> int:
    """Say how everything does, as /health/deep and the page Status do.

    Ends with 1 when something fails. “luister doctor” looks further, at settings and the machine too.
    """
    with database_at_hand():
        from django.utils import translation  # noqa: PLC0415 - needs Django set up

        from luister.config.vitals import vitals  # noqa: PLC0415 - needs Django set up

        with translation.override("en"):
            found = list(vitals(home(), now=utc_now(), clock=utc_now))
    failed = any(check.state is State.FAIL for check in found)
    if as_json:
        rows = [check.row() for check in found]
        click.echo(json.dumps({"ok": not failed, "version": version("luister"), "checks": rows}))
    else:
        click.echo(f"Luister {version('luister')} at {address(home())}")
        show_checks(found)
    return int(failed)


@click.command("support-bundle")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), required=False)
@json_option
def support_bundle(target: Path | None, *, as_json: bool) -> None:
    """Write a zip for who helps you to TARGET: versions, checks, counts, and logs without content.

    It holds no secrets, names, addresses or words of anybody; look through it before you pass it on.
    """
    now = utc_now()
    target = target or Path(f"luister-support-{now:%Y%m%d-%H%M%S}.zip")
    with database_at_hand():
        from luister.config import doctor, support  # noqa: PLC0415 - needs Django set up

        def examine() -> Iterator[Check]:
            return doctor.examine(home(), now=now, clock=utc_now)

        parts = support.write(target, home=home(), now=now, examine=examine)
    if as_json:
        click.echo(json.dumps({"ok": True, "file": str(target), "parts": parts}))
        return
    click.echo(f"Wrote {target}, readable by you alone, with:")
    for name in parts:
        click.echo(f"  {name}")
