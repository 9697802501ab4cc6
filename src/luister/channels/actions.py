"""Connecting, changing, pausing and mending channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from luister.accounts.actions import write_audit
from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership, Team, Workspace
from luister.base.errors import Reason
from luister.channels.enums import ChannelState, Owner, Purpose
from luister.channels.models import Channel
from luister.channels.secrets import seal
from luister.events.live import publish, workspace_topic


@dataclass(frozen=True, slots=True)
class NewChannel:
    """What a person says of an account that they connect; without a network, it is the kind."""

    kind: str
    name: str
    handle: str
    publicness: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    purpose: Purpose = Purpose.SERVICE
    owner: Owner = Owner.US
    team: Team | None = None
    caret_signature: bool = False
    undo_seconds: int = 10
    network: str = ""


@transaction.atomic
def connect(
    new: NewChannel,
    *,
    workspace: Workspace,
    by: Membership | None,
    now: datetime,
    permission: Permission = Permission.MANAGE_CHANNELS,
) -> Channel:
    """Connect an account; reading begins within seconds. `permission` is another one for what is only listened to.

    Raises:
        RefusedError: not allowed, or this account is connected already.
    """
    _require(by, workspace=workspace, permission=permission)
    try:
        with transaction.atomic():
            channel = Channel.objects.create(
                workspace=workspace,
                kind=new.kind,
                network=new.network or new.kind,
                name=new.name,
                handle=new.handle,
                publicness=new.publicness,
                settings=dict(new.settings),
                purpose=new.purpose,
                owner=new.owner,
                team=new.team,
                caret_signature=new.caret_signature,
                undo_seconds=new.undo_seconds,
                state_since=now,
            )
    except IntegrityError as error:
        raise RefusedError(_("This account is connected already.")) from error
    channel.sealed_secrets = seal(new.secrets, channel_id=channel.pk)
    channel.save(update_fields=["sealed_secrets"])
    detail = {"kind": channel.kind, "handle": channel.handle}
    write_audit("channel.connected", workspace=workspace, by=by, target=channel, now=now, detail=detail)
    _announce(channel)
    return channel


@dataclass(frozen=True, slots=True)
class ChangedChannel:
    """What may be changed of a connected account; which account it is stays."""

    name: str
    settings: Mapping[str, Any]
    purpose: str
    team: Team | None
    caret_signature: bool
    undo_seconds: int


@transaction.atomic
def change(
    channel: Channel,
    changed: ChangedChannel,
    *,
    by: Membership | None,
    now: datetime,
    permission: Permission = Permission.MANAGE_CHANNELS,
) -> None:
    """Change how a channel is called and set; one that needed attention is tried again at once.

    Raises:
        RefusedError: not allowed.
    """
    _require(by, workspace=channel.workspace, permission=permission)
    channel = Channel.objects.select_for_update(of=("self",)).select_related("team").get(pk=channel.pk)
    before = _described(channel)
    channel.name, channel.settings, channel.purpose = changed.name, dict(changed.settings), changed.purpose
    channel.team, channel.caret_signature = changed.team, changed.caret_signature
    channel.undo_seconds = changed.undo_seconds
    channel.save(update_fields=["name", "settings", "purpose", "team", "caret_signature", "undo_seconds"])
    detail = {"before": before, "after": _described(channel)}
    write_audit("channel.changed", workspace=channel.workspace, by=by, target=channel, now=now, detail=detail)
    if channel.state == ChannelState.ATTENTION:
        _set_state(channel, ChannelState.ACTIVE, reason=None, now=now)
    else:
        _announce(channel)


@transaction.atomic
def update_secrets(
    channel: Channel,
    secrets: Mapping[str, str],
    *,
    by: Membership | None,
    now: datetime,
    permission: Permission = Permission.MANAGE_CHANNELS,
) -> None:
    """Replace what a channel signs in with; a channel that needed attention is tried again at once.

    Raises:
        RefusedError: not allowed.
    """
    _require(by, workspace=channel.workspace, permission=permission)
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    channel.sealed_secrets = seal(secrets, channel_id=channel.pk)
    channel.save(update_fields=["sealed_secrets"])
    # Which secrets, never what they are.
    detail = {"names": sorted(secrets)}
    write_audit("channel.secrets_changed", workspace=channel.workspace, by=by, target=channel, now=now, detail=detail)
    if channel.state == ChannelState.ATTENTION:
        _set_state(channel, ChannelState.ACTIVE, reason=None, now=now)


@transaction.atomic
def pause(
    channel: Channel,
    *,
    by: Membership | None,
    now: datetime,
    permission: Permission = Permission.MANAGE_CHANNELS,
) -> None:
    """Stop reading and sending; what waits keeps waiting.

    Raises:
        RefusedError: not allowed.
    """
    _require(by, workspace=channel.workspace, permission=permission)
    _change_state(channel, ChannelState.PAUSED, verb="channel.paused", by=by, now=now)


@transaction.atomic
def resume(
    channel: Channel,
    *,
    by: Membership | None,
    now: datetime,
    permission: Permission = Permission.MANAGE_CHANNELS,
) -> None:
    """Read and send again.

    Raises:
        RefusedError: not allowed.
    """
    _require(by, workspace=channel.workspace, permission=permission)
    _change_state(channel, ChannelState.ACTIVE, verb="channel.resumed", by=by, now=now)


@transaction.atomic
def remove(channel: Channel, *, by: Membership | None, now: datetime, permission: Permission) -> None:
    """Read it no more and show it no more; what came in stays, and it can be connected again.

    Raises:
        RefusedError: not allowed.
    """
    _require(by, workspace=channel.workspace, permission=permission)
    _change_state(channel, ChannelState.REMOVED, verb="channel.removed", by=by, now=now)


@transaction.atomic
def rename(channel: Channel, *, name: str, by: Membership | None, now: datetime, permission: Permission) -> None:
    """Change how a channel is called.

    Raises:
        RefusedError: not allowed.
    """
    _require(by, workspace=channel.workspace, permission=permission)
    detail = {"before": {"name": channel.name}, "after": {"name": name}}
    Channel.objects.filter(pk=channel.pk).update(name=name)
    write_audit("channel.changed", workspace=channel.workspace, by=by, target=channel, now=now, detail=detail)
    _announce(channel)


@transaction.atomic
def needs_attention(channel: Channel, *, reason: Reason, now: datetime) -> bool:
    """Note that only a person can mend this channel; nothing is sent meanwhile. False when that was known."""
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    known = (channel.state, channel.reason_code) == (ChannelState.ATTENTION, reason.code)
    if known or channel.state in {ChannelState.PAUSED, ChannelState.REMOVED}:
        return False
    _set_state(channel, ChannelState.ATTENTION, reason=reason, now=now)
    return True


@transaction.atomic
def works_again(channel: Channel, *, now: datetime) -> bool:
    """Note that a channel that needed attention works; False when it did not need any."""
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    if channel.state != ChannelState.ATTENTION:
        return False
    _set_state(channel, ChannelState.ACTIVE, reason=None, now=now)
    return True


def _change_state(channel: Channel, state: ChannelState, *, verb: str, by: Membership | None, now: datetime) -> None:
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    if channel.state != state:
        _set_state(channel, state, reason=None, now=now)
        write_audit(verb, workspace=channel.workspace, by=by, target=channel, now=now)


def _set_state(channel: Channel, state: ChannelState, *, reason: Reason | None, now: datetime) -> None:
    channel.state, channel.state_since = state, now
    channel.reason_code = reason.code if reason else ""
    channel.reason_values = dict(reason.values) if reason else {}
    channel.save(update_fields=["state", "state_since", "reason_code", "reason_values"])
    _announce(channel)


def _described(channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "settings": channel.settings,
        "purpose": channel.purpose,
        "team": channel.team.name if channel.team else "",
        "caret_signature": channel.caret_signature,
        "undo_seconds": channel.undo_seconds,
    }


def _announce(channel: Channel) -> None:
    publish(workspace_topic(channel.workspace_id), "channels-changed", channel=channel.pk)


def _require(
    by: Membership | None, *, workspace: Workspace, permission: Permission = Permission.MANAGE_CHANNELS
) -> None:
    """None is the command line and the system itself, which may."""
    if by is not None and not (by.workspace_id == workspace.pk and by.may(permission)):
        raise RefusedError(_("You may not do this."))
