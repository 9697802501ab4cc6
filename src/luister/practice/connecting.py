"""An account on the practice network, opened for a workspace and connected to its desk."""

import re
from datetime import datetime

from luister.accounts.models import Membership
from luister.channels.actions import NewChannel
from luister.channels.models import Channel
from luister.delivery import actions as delivery
from luister.practice import queries
from luister.practice.actions import open_brand

NAME = "Plein"


def connect_brand(*, api_url: str, by: Membership, now: datetime) -> Channel:
    """Open a new account named after the member's workspace, and connect it once it answers.

    Raises:
        ConnectorError: the practice network cannot be reached at this address.
        RefusedError: they may not.
    """
    handle = _free_handle(by.workspace.slug)
    opened = open_brand(handle, name=by.workspace.name[:60], now=now)
    new = NewChannel(
        kind="practice",
        name=NAME,
        handle=handle,
        publicness="both",
        settings={"base_url": api_url, "idempotency": "key"},
        secrets={"token": opened.token},
        caret_signature=True,
    )
    return delivery.connect_checked(new, by=by, now=now)


def _free_handle(slug: str) -> str:
    """Make a handle that nobody has: another desk's account would lose its token."""
    wanted = re.sub(r"[^a-z0-9]+", "_", slug.lower()).strip("_")[:24] or "desk"
    if not wanted[0].isalpha():
        wanted = f"desk_{wanted}"
    number, handle = 1, wanted
    while queries.person(handle) is not None:
        number += 1
        handle = f"{wanted}_{number}"
    return handle
