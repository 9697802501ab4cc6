"""`luister outbound`: the lock on everything that leaves, which a restored backup puts on.

Django is imported inside the commands: its settings read the environment, which is complete only then.
"""

import json
from typing import TYPE_CHECKING

import click

from luister.base.clock import utc_now
from luister.config.cli import tables
from luister.config.cli.keep import json_option
from luister.config.errors import GroundError
from luister.config.hand import database_at_hand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luister.delivery.queries import OutboundLock

workspace_option = click.option("--workspace", "slug", help="Only this one, by its short name in the address.")


@click.group()
def outbound() -> None:
    """Lock everything that leaves (a copy must not answer customers), look at it, and let it go."""


@outbound.command()
@json_option
def status(*, as_json: bool) -> None:
    """Say for each workspace whether something may leave, and what waits."""
    with database_at_hand():
        found = _found(None)
    if as_json:
        rows = [
            {
                "workspace": one.workspace.slug, "locked": one.workspace.outbound_locked_at is not None,
                "waiting": one.waiting, "from_backup": one.doubtful,
            }
            for one in found
        ]  # fmt: skip
        click.echo(json.dumps({"ok": True, "workspaces": rows}))
        return
    shown = []
    for one in found:
        since = one.workspace.outbound_locked_at
        words = f"locked since {since:%d-%m-%Y %H:%M} UTC" if since else "open"
        shown.append((one.workspace.slug, words, str(one.waiting), str(one.doubtful)))
    tables.show(("workspace", "outbound", "replies that wait", "of these in the queue at the backup"), shown)


@outbound.command()
@workspace_option
@json_option
def lock(*, slug: str | None, as_json: bool) -> None:
    """Let nothing leave before somebody unlocks: for a copy that must not answer customers."""
    with database_at_hand():
        from luister.delivery import actions  # noqa: PLC0415 - needs Django set up

        found = [one.workspace for one in _found(slug)]
        changed = [one.slug for one in found if actions.lock_outbound(one, now=utc_now())]
    if as_json:
        click.echo(json.dumps({"ok": True, "locked": changed}))
    else:
        click.echo(f"Locked: {', '.join(changed)}." if changed else "Nothing to do: everything is locked.")


@outbound.command()
@workspace_option
@click.option(
    "--send-waiting", is_flag=True,
    help="Also send what stood in the queue when the backup was made; without this people are asked of each.",
)  # fmt: skip
@json_option
def unlock(*, slug: str | None, send_waiting: bool, as_json: bool) -> None:
    """Let replies leave again, once you are sure that no other installation sends them too."""
    with database_at_hand():
        from luister.delivery import actions  # noqa: PLC0415 - needs Django set up

        opened: dict[str, int] = {}
        for one in _found(slug):
            asked = actions.unlock_outbound(one.workspace, by=None, send_all=send_waiting, now=utc_now())
            if asked is not None:
                opened[one.workspace.slug] = asked
    if as_json:
        click.echo(json.dumps({"ok": True, "unlocked": opened}))
        return
    if not opened:
        click.echo("Nothing to do: nothing is locked.")
    for name, asked in opened.items():
        more = f" {asked} replies from before the backup are put before people in their cases." if asked else ""
        click.echo(f"{name}: replies may leave.{more}")


def _found(slug: str | None) -> "Sequence[OutboundLock]":
    from luister.delivery import queries  # noqa: PLC0415 - needs Django set up

    found = [one for one in queries.outbound_locks() if slug in (None, one.workspace.slug)]
    if slug is not None and not found:
        names = ", ".join(one.workspace.slug for one in queries.outbound_locks()) or "none yet"
        message = f"There is no workspace “{slug}”; there are: {names}."
        raise GroundError(message)
    return found
