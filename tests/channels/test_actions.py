"""Connecting, changing, pausing and mending channels."""

import pytest

from luister.accounts.enums import Role
from luister.accounts.errors import RefusedError
from luister.accounts.models import AuditEntry
from luister.base.errors import Reason
from luister.channels import actions
from luister.channels.actions import NewChannel
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.channels.secrets import unseal
from tests.factories import NOW, ChannelFactory, MembershipFactory

NEW = NewChannel("practice", "Plein", "luchthaven", "both", settings={"base_url": "x"}, secrets={"token": "geheim"})
REASON = Reason("mail.password_refused", {"server": "imap.example.net"})


@pytest.fixture
def administrator(db):
    return MembershipFactory(role=Role.ADMINISTRATOR)


def test_connect_seals_the_secrets_and_leaves_an_audit_entry(administrator):
    channel = actions.connect(NEW, workspace=administrator.workspace, by=administrator, now=NOW)

    stored = Channel.objects.get()
    assert unseal(stored.sealed_secrets, channel_id=stored.pk) == {"token": "geheim"}
    assert (stored.state, stored.state_since, stored.settings) == (ChannelState.ACTIVE, NOW, {"base_url": "x"})
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.object_id, entry.user) == ("channel.connected", str(channel.pk), administrator.user)
    assert "geheim" not in str(entry.detail)


def test_connect_refuses_an_account_that_is_connected(administrator):
    actions.connect(NEW, workspace=administrator.workspace, by=administrator, now=NOW)

    with pytest.raises(RefusedError):
        actions.connect(NEW, workspace=administrator.workspace, by=administrator, now=NOW)

    assert Channel.objects.count() == 1


@pytest.mark.parametrize("role", [Role.LEAD, Role.AGENT, Role.ANALYST, Role.PARTNER])
def test_channels_are_managed_by_administrators_of_the_workspace(role, administrator):
    channel = ChannelFactory(workspace=administrator.workspace)
    member = MembershipFactory(workspace=administrator.workspace, role=role)
    stranger = MembershipFactory(role=Role.ADMINISTRATOR)

    for by in (member, stranger):
        for change in (
            lambda by=by: actions.connect(NEW, workspace=administrator.workspace, by=by, now=NOW),
            lambda by=by: actions.update_secrets(channel, {"token": "x"}, by=by, now=NOW),
            lambda by=by: actions.pause(channel, by=by, now=NOW),
            lambda by=by: actions.resume(channel, by=by, now=NOW),
        ):
            with pytest.raises(RefusedError):
                change()
    assert not AuditEntry.objects.exists()


def test_update_secrets_lets_a_channel_try_again(administrator):
    channel = ChannelFactory(workspace=administrator.workspace)
    actions.needs_attention(channel, reason=REASON, now=NOW)

    actions.update_secrets(channel, {"token": "nieuw"}, by=administrator, now=NOW)

    channel.refresh_from_db()
    assert unseal(channel.sealed_secrets, channel_id=channel.pk) == {"token": "nieuw"}
    assert (channel.state, channel.reason_code) == (ChannelState.ACTIVE, "")
    assert AuditEntry.objects.get().detail == {"names": ["token"]}


def test_pause_and_resume_once_each(administrator):
    channel = ChannelFactory(workspace=administrator.workspace)
    for _ in range(2):
        actions.pause(channel, by=administrator, now=NOW)
    channel.refresh_from_db()
    assert channel.state == ChannelState.PAUSED

    for _ in range(2):
        actions.resume(channel, by=administrator, now=NOW)

    channel.refresh_from_db()
    assert channel.state == ChannelState.ACTIVE
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["channel.paused", "channel.resumed"]


def test_needs_attention_is_said_once_for_each_reason(db):
    channel = ChannelFactory()

    assert actions.needs_attention(channel, reason=REASON, now=NOW)
    assert not actions.needs_attention(channel, reason=REASON, now=NOW)
    assert actions.needs_attention(channel, reason=Reason("mail.folder_gone"), now=NOW)

    channel.refresh_from_db()
    assert (channel.state, channel.reason_code, channel.reason_values) == ("attention", "mail.folder_gone", {})


def test_needs_attention_leaves_a_paused_channel_paused(db):
    channel = ChannelFactory(state=ChannelState.PAUSED)

    assert not actions.needs_attention(channel, reason=REASON, now=NOW)
    assert not actions.works_again(channel, now=NOW)


def test_works_again_clears_the_reason(db):
    channel = ChannelFactory()
    actions.needs_attention(channel, reason=REASON, now=NOW)

    assert actions.works_again(channel, now=NOW)

    channel.refresh_from_db()
    assert (channel.state, channel.reason_code, channel.reason_values) == ("active", "", {})
