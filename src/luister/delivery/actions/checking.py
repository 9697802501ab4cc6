"""Trying out a channel before it is connected, after it was changed, and whenever a person asks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from luister.accounts.models import Membership
from luister.base.connector import Account
from luister.channels import actions as channels
from luister.channels.actions import ChangedChannel, NewChannel
from luister.channels.models import Channel
from luister.connectors import stream as streams
from luister.connectors.stream import Seen as Seen  # for whoever looks
from luister.delivery.queries import account_of, connector_of, leads_elsewhere, stream_address


def check_channel(kind: str, *, handle: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    """Try reading and sending rights without changing anything on the network.

    Raises:
        ConnectorError: with the exact cause.
    """
    connector_of(kind).check(Account(0, handle, settings, secrets))


def connect_checked(new: NewChannel, *, by: Membership, now: datetime) -> Channel:
    """Connect an account once it answers; until then nothing is stored.

    Raises:
        ConnectorError: why it does not answer.
        RefusedError: not allowed, or this account is connected already.
    """
    check_channel(new.kind, handle=new.handle, settings=new.settings, secrets=new.secrets)
    return channels.connect(new, workspace=by.workspace, by=by, now=now)


def change_checked(
    channel: Channel, changed: ChangedChannel, *, secrets: Mapping[str, str], by: Membership, now: datetime
) -> None:
    """Change a channel once it answers with the new settings; secrets that are not given stay as they are.

    They do not stay when the channel leads to another server: whoever changes the address could otherwise have
    the stored password sent to a server of their own.

    Raises:
        ConnectorError: why it does not answer.
        RefusedError: not allowed.
    """
    given = {name: value for name, value in secrets.items() if value}
    keeps = given.keys() != secrets.keys() and not leads_elsewhere(channel, changed.settings)
    wanted = {**account_of(channel).secrets, **given} if keeps else given
    check_channel(channel.kind, handle=channel.handle, settings=changed.settings, secrets=wanted)
    channels.change(channel, changed, by=by, now=now)
    if given:
        channels.update_secrets(channel, wanted, by=by, now=now)


def check_again(channel: Channel, *, now: datetime) -> None:
    """Try a connected channel as it is set; one that needed attention works again when it answers.

    Raises:
        ConnectorError: why it does not answer.
    """
    account = account_of(channel)
    check_channel(channel.kind, handle=account.handle, settings=account.settings, secrets=account.secrets)
    channels.works_again(channel, now=now)


def look_at_stream(channel: Channel) -> Seen:
    """Return how a stream is doing on its server; nothing is changed there.

    Raises:
        ConnectorError: why nothing can be seen.
    """
    return streams.probe(stream_address(channel))
