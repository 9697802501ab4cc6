"""`luister outbox`: what is on its way out, settled and stopped by hand where nobody is at a desk.

Django is imported inside the commands: its settings read the environment, which is complete only then.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from luister.base.clock import utc_now
from luister.config.cli import tables
from luister.config.cli.keep import json_option
from luister.config.errors import GroundError
from luister.config.hand import database_at_hand

if TYPE_CHECKING:
    from luister.accounts.models import Workspace

STATES = ("proposed", "queued", "sending", "unknown", "failed")
DECISIONS = ("sent", "again", "give-up")
workspace_option = click.option("--workspace", "slug", required=True, help="Which, by its short name in the address.")


@click.group()
def outbox() -> None:
    """Look at what is on its way out, and settle or stop it by hand."""


@contextmanager
def _at_hand() -> Iterator[None]:
    with database_at_hand():
        from luister.config.migrating import pending  # noqa: PLC0415 - needs Django set up

        if pending():
            raise GroundError("The tables are not up to date. Run “luister migrate” first.")
        yield


@outbox.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only these; else all that is not settled.")
@click.option("--workspace", "slug", help="Only of this one.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@json_option
def list_posts(*, state: str | None, slug: str | None, limit: int, as_json: bool) -> None:
    """List what waits, longest first: states and reasons, never what is said."""
    with _at_hand():
        from luister.config.outbox import lines  # noqa: PLC0415 - needs Django set up

        found = lines(state=state, workspace=slug, limit=limit)
    if as_json:
        click.echo(json.dumps({"ok": True, "posts": [line.row() for line in found]}))
        return
    if not found:
        click.echo("Nothing waits in the outbox.")
        return
    rows = []
    for line in found:
        due = f"{line.due_at:%d-%m-%Y %H:%M}"
        tries = str(line.attempts)
        rows.append((str(line.id), line.workspace, line.channel, line.state, due, tries, line.waits_for, line.reason))
    tables.show(("id", "workspace", "channel", "state", "due (UTC)", "tries", "waits for", "reason"), rows)


@outbox.command()
@click.argument("post", type=int)
@json_option
def show(post: int, *, as_json: bool) -> None:
    """Show one, with every try at sending it."""
    with _at_hand():
        from luister.config.outbox import details  # noqa: PLC0415 - needs Django set up

        found = details(post)
    if as_json:
        click.echo(json.dumps({"ok": True, **found}))
        return
    tries: list[dict[str, Any]] = found.pop("tries")
    for name, value in found.items():
        click.echo(f"{name.ljust(12)} {value}")
    for one in tries:
        click.echo(f"try {one['number']}        {one['started_at']}  {one['outcome']}")


@outbox.command()
@click.argument("post", type=int)
@click.argument("decision", type=click.Choice(DECISIONS))
@json_option
def resolve(post: int, decision: str, *, as_json: bool) -> None:
    """Settle one that failed, or of which nobody knows whether it arrived.

    DECISION: “sent” (you saw that it arrived), “again” (send it once more), “give-up” (leave it at that).
    """
    with _at_hand():
        from luister.config import outbox as of_all  # noqa: PLC0415 - needs Django set up

        if not of_all.resolve(post, decision=decision, now=utc_now()):
            raise GroundError(f"Post {post} waits for nobody's decision: “luister outbox show {post}” tells its state.")
    _say({"post": post, "decision": decision}, f"Post {post}: {decision}.", as_json=as_json)


@outbox.command()
@workspace_option
@json_option
def pause(slug: str, *, as_json: bool) -> None:
    """Stop everything that leaves a workspace, within two seconds; the queue stays as it is."""
    _set_sending(slug, stopped=True, as_json=as_json)


@outbox.command()
@workspace_option
@json_option
def resume(slug: str, *, as_json: bool) -> None:
    """Let a workspace send again, what waits first."""
    _set_sending(slug, stopped=False, as_json=as_json)


def _set_sending(slug: str, *, stopped: bool, as_json: bool) -> None:
    with _at_hand():
        from luister.delivery.actions import set_sending  # noqa: PLC0415 - needs Django set up

        changed = set_sending(_workspace(slug), stopped=stopped, by=None, now=utc_now())
    words = "is paused" if stopped else "sends"
    said = f"{slug} {words}." if changed else f"{slug} {words} already."
    _say({"workspace": slug, "paused": stopped, "changed": changed}, said, as_json=as_json)


def _workspace(slug: str) -> "Workspace":
    from luister.accounts.models import Workspace  # noqa: PLC0415 - needs Django set up

    found = Workspace.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Workspace.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise GroundError(f"There is no workspace “{slug}”; there are: {known}.")
    return found


def _say(found: dict[str, Any], words: str, *, as_json: bool) -> None:
    click.echo(json.dumps({"ok": True, **found}) if as_json else words)
