"""Adding, renaming, pausing, reading and removing sources."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership
from luister.channels import actions as channels
from luister.channels.actions import NewChannel
from luister.channels.enums import ChannelState, Owner, Purpose
from luister.channels.models import Channel
from luister.delivery import actions as delivery
from luister.delivery.queries import STREAM

LONGEST_HANDLE = 200


@dataclass(frozen=True, slots=True)
class NewSource:
    """What a person says of a feed that they add."""

    address: str
    name: str
    network: str
    purpose: str = Purpose.NEWS
    user: str = ""
    password: str = ""


@transaction.atomic
def add_source(new: NewSource, *, by: Membership, now: datetime) -> Channel:
    """Read a feed from now on; one that was removed before is the same one again, with its posts.

    Raises:
        RefusedError: not allowed, or it is read already.
    """
    handle = handle_of(new.address)
    known = Channel.objects.select_for_update().filter(workspace=by.workspace, kind="feed", handle__iexact=handle)
    channel = known.order_by("state", "pk").first()
    if channel is not None and channel.state != ChannelState.REMOVED:
        raise RefusedError(_("This feed is read already, as “%(name)s”.") % {"name": channel.name})
    if channel is not None:
        channels.resume(channel, by=by, now=now, permission=Permission.MANAGE_LISTENING)
        channels.rename(channel, name=new.name, by=by, now=now, permission=Permission.MANAGE_LISTENING)
    else:
        settings = {"address": new.address, "user": new.user, "network": new.network}
        described = NewChannel(
            kind="feed",
            name=new.name,
            handle=handle,
            publicness="public",
            settings=settings,
            secrets={"password": new.password} if new.password else {},
            purpose=Purpose(new.purpose),
            owner=Owner.PUBLIC,
            network=new.network,
        )
        channel = channels.connect(
            described, workspace=by.workspace, by=by, now=now, permission=Permission.MANAGE_LISTENING
        )
    delivery.read_soon(channel, now=now)
    return channel


def rename_source(channel: Channel, *, name: str, by: Membership, now: datetime) -> None:
    """Change how a source is called.

    Raises:
        RefusedError: not allowed.
    """
    channels.rename(channel, name=name, by=by, now=now, permission=Permission.MANAGE_LISTENING)


def pause_source(channel: Channel, *, by: Membership, now: datetime) -> None:
    """Read it no more until somebody says so.

    Raises:
        RefusedError: not allowed.
    """
    channels.pause(channel, by=by, now=now, permission=Permission.MANAGE_LISTENING)


@transaction.atomic
def resume_source(channel: Channel, *, by: Membership, now: datetime) -> None:
    """Read it again, at once.

    Raises:
        RefusedError: not allowed.
    """
    channels.resume(channel, by=by, now=now, permission=Permission.MANAGE_LISTENING)
    if channel.kind != STREAM:  # matchers take it up by themselves
        delivery.read_soon(channel, now=now)


def read_source(channel: Channel, *, by: Membership, now: datetime) -> None:
    """Read it as soon as a worker looks.

    Raises:
        RefusedError: not allowed, it is paused, or matchers read it.
    """
    if not (by.workspace_id == channel.workspace_id and by.may(Permission.MANAGE_LISTENING)):
        raise RefusedError(_("You may not do this."))
    if channel.state == ChannelState.PAUSED:
        raise RefusedError(_("This source is paused. Let it go on first."))
    if channel.kind == STREAM:
        raise RefusedError(_("Matchers read this stream; see its page for how to start one."))
    delivery.read_soon(channel, now=now)


def remove_source(channel: Channel, *, by: Membership, now: datetime) -> None:
    """Read it no more; what came in stays.

    Raises:
        RefusedError: not allowed.
    """
    channels.remove(channel, by=by, now=now, permission=Permission.MANAGE_LISTENING)


def handle_of(address: str) -> str:
    """Return the name under which a feed's address is known once: without its scheme, and not too long."""
    bare = address.partition("://")[2].rstrip("/") or address
    if len(bare) <= LONGEST_HANDLE:
        return bare
    digest = hashlib.sha256(bare.encode()).hexdigest()[:16]
    return f"{bare[: LONGEST_HANDLE - 17]}#{digest}"
