"""`luister webhooks`: who is told what happens, what became of it, and telling them again.

Django is imported inside the commands: its settings read the environment, which is complete only then.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from luister.base.clock import utc_now
from luister.config.cli import tables
from luister.config.cli.keep import json_option
from luister.config.errors import GroundError
from luister.config.hand import database_at_hand

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def webhooks() -> None:
    """Look after webhooks: how they are doing, what they were told, and telling them again."""


@webhooks.command("list")
@click.option("--workspace", "slug", help="Only of this one, by its short name in the address.")
@json_option
def list_all(*, slug: str | None, as_json: bool) -> None:
    """List the webhooks, with what became lately of what they were told."""
    with _at_hand():
        from luister.webhooks.queries.endpoints import every_endpoint  # noqa: PLC0415 - needs Django set up

        rows = [
            {
                "id": health.endpoint.pk,
                "workspace": health.endpoint.workspace.slug,
                "address": health.endpoint.address.partition("?")[0],
                "description": health.endpoint.description,
                "state": health.endpoint.state,
                "failing_since": _iso(health.endpoint.failing_since),
                "delivered": health.delivered,
                "failed": health.failed,
                "waiting": health.waiting,
            }
            for health in every_endpoint(now=utc_now(), slug=slug)
        ]
    _print("webhooks", rows, as_json=as_json)


@webhooks.command()
@click.argument("webhook", type=click.IntRange(1))
@click.option("--state", type=click.Choice(["waiting", "delivered", "failed"]), help="Only those.")
@click.option("--most", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many, the newest first.")
@json_option
def deliveries(webhook: int, *, state: str | None, most: int, as_json: bool) -> None:
    """List what WEBHOOK (the number that “list” gives) was told, newest first."""
    with _at_hand():
        from luister.webhooks.queries import endpoints  # noqa: PLC0415 - needs Django set up

        _must_exist(webhook)
        rows = [
            {
                "id": row.delivery.pk,
                "webhook_id": row.delivery.message_id,
                "kind": row.delivery.kind,
                "made": _iso(row.delivery.created_at),
                "state": row.delivery.state,
                "attempts": row.attempts,
                "next_try": _iso(row.delivery.due_at) if row.delivery.state == "waiting" else None,
                "last": row.last.sentence if row.last else "",
            }
            for row in endpoints.deliveries_to(webhook, state=state or "", limit=most)
        ]
    _print("deliveries", rows, as_json=as_json)


@webhooks.command()
@click.argument("webhook", type=click.IntRange(1))
@click.option("--delivery", "delivery_id", type=click.IntRange(1), help="One delivery, by its number.")
@click.option("--since", type=MOMENT, help="Everything that failed since this moment, in UTC.")
@json_option
def replay(webhook: int, *, delivery_id: int | None, since: datetime | None, as_json: bool) -> None:
    """Tell WEBHOOK again, under the same ids: one delivery, or all that failed since a moment."""
    if (delivery_id is None) == (since is None):
        raise click.UsageError("Say either --delivery NUMBER or --since MOMENT.")
    with _at_hand():
        from luister.accounts.errors import RefusedError  # noqa: PLC0415 - needs Django set up
        from luister.webhooks.actions import endpoints as actions  # noqa: PLC0415 - needs Django set up

        _must_exist(webhook)
        try:
            if since is not None:
                moment = since.replace(tzinfo=UTC)
                count = actions.replay_failed(webhook, since=moment, by=None, now=utc_now())
            else:
                count = int(actions.replay(delivery_id or 0, endpoint_id=webhook, by=None, now=utc_now()))
        except RefusedError as error:
            raise GroundError(str(error)) from error
    if as_json:
        click.echo(json.dumps({"ok": True, "replayed": count}))
    else:
        click.echo(f"Told again: {count}.")


@contextmanager
def _at_hand() -> Iterator[None]:
    """Have the database at hand, and speak the language of the command line."""
    with database_at_hand():
        from django.utils import translation  # noqa: PLC0415 - needs Django set up

        with translation.override("en"):
            yield


def _must_exist(webhook: int) -> None:
    from luister.webhooks.queries.endpoints import every_endpoint  # noqa: PLC0415 - needs Django set up

    known = [str(health.endpoint.pk) for health in every_endpoint(now=utc_now())]
    if str(webhook) not in known:
        message = f"There is no webhook {webhook}; there are: {', '.join(known) or 'none yet'}."
        raise GroundError(message)


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def _print(name: str, rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"ok": True, name: rows}))
    elif not rows:
        click.echo(f"No {name}.")
    else:
        titles = [title.replace("_", " ") for title in rows[0]]
        tables.show(titles, (["" if value is None else str(value) for value in row.values()] for row in rows))
