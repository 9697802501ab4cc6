"""Adding and changing streams: sources that matchers read, not workers."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership
from luister.channels import actions as channels
from luister.channels.actions import ChangedChannel, NewChannel
from luister.channels.enums import ChannelState, Owner, Purpose
from luister.channels.models import Channel
from luister.delivery.queries import PART_OF, STREAM, StreamAddress


@dataclass(frozen=True, slots=True)
class StreamSource:
    """What a person says of a stream: where it is, what it is called, and who looks at it there."""

    address: StreamAddress
    name: str
    purpose: str = Purpose.NEWS

    @property
    def settings(self) -> dict[str, str]:
        """What is kept of it in the open."""
        return {"address": self.address.text, "user": self.address.user}

    @property
    def secrets(self) -> dict[str, str]:
        """What is kept of it sealed."""
        return {"password": self.address.password} if self.address.password else {}


@transaction.atomic
def add_stream(new: StreamSource, *, by: Membership, now: datetime) -> Channel:
    """Listen to a stream from now on; one that was removed before is the same one again, with its posts.

    Raises:
        RefusedError: not allowed, or it is listened to already.
    """
    handle = new.address.name
    known = Channel.objects.select_for_update().filter(workspace=by.workspace, kind=STREAM, handle__iexact=handle)
    channel = known.first()
    if channel is not None and channel.state != ChannelState.REMOVED:
        raise RefusedError(_("This stream is listened to already, as “%(name)s”.") % {"name": channel.name})
    if channel is not None:
        channels.resume(channel, by=by, now=now, permission=Permission.MANAGE_LISTENING)
        Channel.objects.filter(pk=channel.pk).update(handle=handle)  # its capitals may differ now
        _change(channel, new, by=by, now=now)
        return channel
    described = NewChannel(
        kind=STREAM,
        name=new.name,
        handle=handle,
        publicness="public",
        settings=new.settings,
        secrets=new.secrets,
        purpose=Purpose(new.purpose),
        owner=Owner.PUBLIC,
    )
    return channels.connect(described, workspace=by.workspace, by=by, now=now, permission=Permission.MANAGE_LISTENING)


@transaction.atomic
def change_stream(channel: Channel, changed: StreamSource, *, by: Membership, now: datetime) -> None:
    """Change how a stream is called, how its server is reached and who signs in there; which stream it is stays.

    A password that is not given stays as it is, unless the connection would lose its TLS or another user signs in.

    Raises:
        RefusedError: not allowed, or the address is another stream's.
    """
    if changed.address.name != channel.handle:
        raise RefusedError(_("This is another stream. Add it as a source of its own."))
    _change(channel, changed, by=by, now=now)


def _keeps_secret(channel: Channel, address: StreamAddress) -> bool:
    """Return whether the stored password can stay when a stream gets this address."""
    before = StreamAddress.parse(str(channel.settings["address"]))
    is_safe = address.scheme == "tls" or address.scheme == before.scheme
    return is_safe and address.user == str(channel.settings.get("user") or "")


def _change(channel: Channel, changed: StreamSource, *, by: Membership, now: datetime) -> None:
    keeps = not changed.address.password and _keeps_secret(channel, changed.address)
    described = ChangedChannel(
        name=changed.name,
        settings=changed.settings,
        purpose=changed.purpose,
        team=channel.team,
        caret_signature=channel.caret_signature,
        undo_seconds=channel.undo_seconds,
    )
    channels.change(channel, described, by=by, now=now, permission=Permission.MANAGE_LISTENING)
    Channel.objects.filter(kind=STREAM, settings__contains={PART_OF: channel.pk}).update(name=changed.name)
    if not keeps:
        channels.update_secrets(channel, changed.secrets, by=by, now=now, permission=Permission.MANAGE_LISTENING)
