"""`luister token`: tokens of the API from the command line.

Django is imported inside the commands: its settings read the environment, which is complete only then.
"""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import click

from luister.base.clock import utc_now
from luister.config.cli import tables
from luister.config.cli.keep import json_option
from luister.config.errors import GroundError
from luister.config.hand import database_at_hand

_SPAN = re.compile(r"([1-9][0-9]{0,4})d")
workspace_option = click.option("--workspace", required=True, metavar="SLUG", help="Its name in addresses.")


@click.group()
def token() -> None:
    """Make, list and revoke tokens of the API."""


@token.command()
@workspace_option
@click.option(
    "--as", "email", required=True, metavar="EMAIL", help="The member it acts as; it may do no more than they."
)
@click.option("--name", help="What it is for.", default="")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    metavar="SCOPE",
    help="Such as cases:read or replies:write; “read” for all that can be read, “all” for everything. Repeat it.",
)
@click.option(
    "--expires", default="90d", show_default=True, help="Days such as 30d, a date such as 2027-01-31, or never."
)
@json_option
def create(*, workspace: str, email: str, name: str, scopes: tuple[str, ...], expires: str, as_json: bool) -> None:
    """Make a token and print it, once.

    On standard output stands the token alone, so that it can go into a file or a variable.
    """  # fmt: skip
    now = utc_now()
    expires_at = _moment(expires, now=now)
    with database_at_hand():
        from luister.accounts.errors import RefusedError  # noqa: PLC0415 - needs Django set up
        from luister.api.actions import tokens as actions  # noqa: PLC0415
        from luister.api.enums import GROUPS, SCOPES  # noqa: PLC0415
        from luister.api.queries import tokens as queries  # noqa: PLC0415

        found = _workspace(workspace)
        member = queries.member_called(found, email=email)
        if member is None:
            raise GroundError(f"Nobody in “{workspace}” has the address {email}.")
        try:
            made, text = actions.make(name, member=member, scopes=scopes, expires_at=expires_at, by=None, now=now)
        except ValueError as error:
            known = ", ".join([*GROUPS, *SCOPES])
            raise click.UsageError(f"There is no scope “{error}”; there are: {known}.") from error
        except RefusedError as error:
            raise GroundError(str(error)) from error
        told = {"id": made.pk, "name": made.name, "scopes": made.scopes, "expires_at": _plain(made.expires_at)}
    if as_json:
        click.echo(json.dumps({"ok": True, "token": text, **told}))
        return
    click.echo(text)
    until = f"until {expires_at:%Y-%m-%d}" if expires_at else "until it is revoked"
    click.echo(f"“{told['name']}” acts as {email}, {until}. It is shown only now.", err=True)


@token.command("list")
@workspace_option
@json_option
def list_tokens(*, workspace: str, as_json: bool) -> None:
    """List the tokens of a workspace, and when each was last used."""
    with database_at_hand():
        rows = _rows(workspace, now=utc_now())
    if as_json:
        click.echo(json.dumps({"ok": True, "tokens": rows}))
        return
    if not rows:
        click.echo(f"No tokens yet: luister token create --workspace {workspace} --as EMAIL --scope read")
        return
    from luister.api.enums import in_short  # noqa: PLC0415 - needs Django set up

    lines = []
    for row in rows:
        scopes, used = ", ".join(in_short(row["scopes"])), row["last_used_at"] or "–"
        lines.append((str(row["id"]), row["name"], row["prefix"], row["as"], scopes, used, row["state"]))
    tables.show(("id", "name", "begins with", "acts as", "scopes", "last used", "state"), lines)


@token.command()
@workspace_option
@click.argument("token_id", type=int)
@json_option
def revoke(*, workspace: str, token_id: int, as_json: bool) -> None:
    """End a token at once, by its id in the list."""
    with database_at_hand():
        from luister.api.actions import tokens as actions  # noqa: PLC0415 - needs Django set up
        from luister.api.queries import tokens as queries  # noqa: PLC0415

        every = queries.tokens_of_workspace(_workspace(workspace))
        one = next((one for one in every if one.pk == token_id), None)
        if one is None:
            raise GroundError(f"There is no token {token_id} in “{workspace}”.")
        is_new = actions.revoke(one, by=None, now=utc_now())
    if as_json:
        click.echo(json.dumps({"ok": True, "revoked": is_new}))
    else:
        click.echo(f"Token {token_id} is revoked." if is_new else f"Token {token_id} had ended already.")


def _workspace(slug: str) -> Any:
    from luister.api.queries import tokens as queries  # noqa: PLC0415 - needs Django set up

    found = queries.workspace_called(slug)
    if found is None:
        known = ", ".join(queries.workspace_slugs())
        raise GroundError(f"There is no workspace “{slug}”; there are: {known}.")
    return found


def _rows(workspace: str, *, now: datetime) -> list[dict[str, Any]]:
    from luister.api.access import is_held  # noqa: PLC0415 - needs Django set up
    from luister.api.queries import tokens as queries  # noqa: PLC0415

    def state(one: Any) -> str:
        if one.ended_at is not None:
            return str(one.ending)
        if not one.is_alive(now=now):
            return "expired"
        return "works" if is_held(one) else "member gone"

    return [
        {
            "id": one.pk,
            "name": one.name,
            "prefix": one.prefix,
            "as": one.member.user.email,
            "scopes": one.scopes,
            "created_at": _plain(one.created_at),
            "expires_at": _plain(one.expires_at),
            "last_used_at": _plain(one.last_used_at),
            "state": state(one),
        }
        for one in queries.tokens_of_workspace(_workspace(workspace))
    ]


def _plain(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _moment(text: str, *, now: datetime) -> datetime | None:
    """Return when a token ends; None is never."""
    if text == "never":
        return None
    span = _SPAN.fullmatch(text)
    if span:
        return now + timedelta(days=int(span[1]))
    try:
        return datetime.fromisoformat(text).astimezone(now.tzinfo)
    except ValueError:
        raise click.UsageError(
            f"“{text}” is no end: give days such as 30d, a date such as 2027-01-31, or never."
        ) from None
