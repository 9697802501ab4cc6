"""Settings › Sending in the browser's eyes, and what every page says of it."""

import pytest
from django.urls import reverse

from luister.accounts.enums import Role
from luister.delivery.enums import SendState
from tests.factories import NOW, MembershipFactory, OutgoingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return MembershipFactory(role=Role.LEAD)


def text_of(response):
    return " ".join(response.content.decode().split())


def test_lead_stops_everything_and_lets_it_go_on(client, lead):
    slug = lead.workspace.slug
    client.force_login(lead.user)
    OutgoingFactory(workspace=lead.workspace, state=SendState.QUEUED)
    assert "Stop al het verzenden" in text_of(client.get(reverse("delivery:sending", args=[slug])))

    stopped = client.post(reverse("delivery:sending-stop", args=[slug]), follow=True)

    assert "Er wacht één antwoord in de wachtrij." in text_of(stopped)
    lead.workspace.refresh_from_db()
    assert lead.workspace.sending_stopped_at is not None

    going = client.post(reverse("delivery:sending-resume", args=[slug]), follow=True)

    assert "Antwoorden worden weer verzonden." in text_of(going)
    lead.workspace.refresh_from_db()
    assert lead.workspace.sending_stopped_at is None


def test_agents_are_told_but_may_not_stop(client, lead):
    agent = MembershipFactory(workspace=lead.workspace, role=Role.AGENT)
    client.force_login(agent.user)
    slug = lead.workspace.slug
    assert "Er wordt niets verzonden" not in text_of(client.get(f"/w/{slug}/inbox/inbox/"))
    lead.workspace.sending_stopped_at = NOW
    lead.workspace.save()

    assert client.post(reverse("delivery:sending-stop", args=[slug])).status_code == 404
    assert client.get(reverse("delivery:sending", args=[slug])).status_code == 404
    for page in (reverse("delivery:sending-state", args=[slug]), f"/w/{slug}/inbox/inbox/"):
        assert "Er wordt niets verzonden" in text_of(client.get(page))


def test_narrow_screens_hear_of_it_by_the_same_answer(client, lead):
    client.force_login(lead.user)
    slug = lead.workspace.slug
    lead.workspace.sending_stopped_at = NOW
    lead.workspace.save()

    answer = client.get(reverse("delivery:sending-state", args=[slug])).content.decode()
    page = client.get(f"/w/{slug}/settings/sending/").content.decode()

    assert '<p id="sending-short" role="status" hx-swap-oob="true">' in answer
    assert '<p id="sending-short" role="status"><svg' in page
