"""Nothing leaves a workspace that is locked, and who unlocks it decides about what the backup had in its queue."""

from datetime import timedelta

import pytest
from django.urls import reverse

from luister.accounts.enums import Role
from luister.accounts.errors import RefusedError
from luister.accounts.models import AuditEntry, Workspace
from luister.delivery import actions, queries
from luister.delivery.enums import SendState
from tests.delivery.helpers import fresh, jobs, send
from tests.factories import NOW, MembershipFactory, OutgoingFactory

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=10)


def restored(workspace):
    Workspace.objects.filter(pk=workspace.pk).update(outbound_locked_at=NOW, restored_from_at=NOW - timedelta(days=1))
    workspace.refresh_from_db()
    return workspace


@pytest.mark.sql
def test_nothing_leaves_while_locked_and_all_by_hand_goes_on_afterwards(channel, connector):
    outgoing = OutgoingFactory(channel=channel, workspace=channel.workspace)
    assert actions.lock_outbound(channel.workspace, now=NOW)
    assert not actions.lock_outbound(channel.workspace, now=LATER)

    assert send(outgoing).state == SendState.QUEUED
    assert actions.wake_forgotten(now=LATER) == 0
    assert (connector.sent, jobs("delivery.send")) == ([], [])

    assert actions.unlock_outbound(channel.workspace, by=None, send_all=False, now=LATER) == 0
    assert jobs("delivery.send") == [{"outgoing_id": outgoing.pk}]
    assert send(outgoing).state == SendState.SENT


@pytest.mark.parametrize("send_all", [True, False])
def test_who_unlocks_decides_about_what_was_queued_at_the_backup(channel, connector, send_all):
    member = MembershipFactory(workspace=restored(channel.workspace), role=Role.ADMINISTRATOR)
    old = OutgoingFactory(channel=channel, workspace=channel.workspace, created_at=NOW - timedelta(days=1))
    new = OutgoingFactory(channel=channel, workspace=channel.workspace, created_at=NOW + timedelta(minutes=1))
    (lock,) = queries.outbound_locks()
    assert (lock.waiting, lock.doubtful) == (2, 1)

    assert actions.confirm_outbound(by=member, send_all=send_all, now=LATER)

    assert send(new, now=LATER).state == SendState.SENT
    old = fresh(old) if not send_all else send(old, now=LATER)
    assert (old.state, old.reason_code) == ((SendState.SENT, "") if send_all else (SendState.FAILED, "send.restored"))
    channel.workspace.refresh_from_db()
    assert (channel.workspace.outbound_locked_at, channel.workspace.restored_from_at) == (None, None)
    assert AuditEntry.objects.get(verb="outbound.unlocked").user == member.user
    assert not actions.confirm_outbound(by=member, send_all=send_all, now=LATER)


def test_only_administrators_unlock(channel, client):
    lead = MembershipFactory(workspace=restored(channel.workspace), role=Role.LEAD)
    with pytest.raises(RefusedError):
        actions.confirm_outbound(by=lead, send_all=True, now=LATER)

    slug = channel.workspace.slug
    client.force_login(lead.user)
    assert client.post(reverse("delivery:sending-unlock", args=[slug])).status_code == 404
    page = client.get(reverse("delivery:sending", args=[slug])).content.decode()
    assert "Vraag het een beheerder van de werkplek." in page
    assert "unlock" not in page


def test_every_page_says_it_and_an_administrator_confirms_on_screen(channel, client):
    administrator = MembershipFactory(workspace=restored(channel.workspace), role=Role.ADMINISTRATOR)
    OutgoingFactory(channel=channel, workspace=channel.workspace, created_at=NOW - timedelta(days=1))
    slug = channel.workspace.slug
    client.force_login(administrator.user)

    inbox = client.get(f"/w/{slug}/inbox/inbox/").content.decode()
    banner = client.get(reverse("delivery:sending-state", args=[slug])).content.decode()
    page = client.get(reverse("delivery:sending", args=[slug])).content.decode()

    assert 'hx-trigger="load, luister:sending-changed' in inbox
    assert "Er gaat nog niets uit" in inbox
    assert "Er wacht één antwoord." in banner
    assert f'href="/w/{slug}/settings/sending/"' in banner
    assert 'name="waiting" value="ask"' in page

    done = client.post(reverse("delivery:sending-unlock", args=[slug]), {"waiting": "ask"}, follow=True)

    assert "Antwoorden worden weer verzonden." in done.content.decode()
    restored(channel.workspace)
    for name in ("sending-state", "sending"):
        assert "Er wacht geen antwoord" in client.get(reverse(f"delivery:{name}", args=[slug])).content.decode()
    assert [one.reason_code for one in map(fresh, [queries.Outgoing.objects.get()])] == ["send.restored"]
