"""From an empty workspace to a connected account on the practice network with one button."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from luister.accounts.enums import Role
from luister.base.clock import utc_now
from luister.channels.models import Channel
from luister.practice import actions, queries
from tests.factories import MembershipFactory, WorkspaceFactory


@pytest.fixture
def member(client, transactional_db, settings, live_server, monkeypatch):
    settings.LUISTER_PRACTICE = True
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1,localhost")
    workspace = WorkspaceFactory(slug="luchthaven-zuiderveld", name="Luchthaven Zuiderveld")
    member = MembershipFactory(workspace=workspace, role=Role.ADMINISTRATOR)
    client.force_login(member.user)
    client.defaults["HTTP_HOST"] = urlsplit(live_server.url).netloc
    return member


def connect(client, member):
    return client.post(reverse("practice:connect", args=[member.workspace.slug]))


def test_button_connects_an_account_that_answers(client, member):
    answer = connect(client, member)

    assert answer.headers["Location"] == reverse("practice:square")
    channel = Channel.objects.get()
    assert (channel.workspace, channel.handle, channel.state) == (member.workspace, "luchthaven_zuiderveld", "active")
    assert queries.person("luchthaven_zuiderveld").name == "Luchthaven Zuiderveld"


def test_account_of_another_desk_keeps_its_token(client, member):
    known = actions.open_brand("luchthaven_zuiderveld", name="Ander", now=utc_now())

    connect(client, member)

    assert Channel.objects.get().handle == "luchthaven_zuiderveld_2"
    assert [brand.person.name for brand in queries.brands() if brand.person.handle == known.person.handle] == ["Ander"]


def test_network_that_is_off_connects_nothing(client, member, settings):
    settings.LUISTER_PRACTICE = False

    assert connect(client, member).status_code == 404
    assert Channel.objects.count() == 0


def test_network_that_is_out_of_reach_says_why(client, member, monkeypatch):
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "")

    answer = client.post(reverse("practice:connect", args=[member.workspace.slug]), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("delivery:start", args=[member.workspace.slug])
    assert "LUISTER_ALLOW_HOSTS" in answer.text
    assert Channel.objects.count() == 0


def test_first_page_offers_what_there_is(client, member, settings):
    page = reverse("delivery:start", args=[member.workspace.slug])
    offer = f'action="{reverse("practice:connect", args=[member.workspace.slug])}"'
    assert offer in client.get(page).text

    settings.LUISTER_PRACTICE = False
    assert offer not in client.get(page).text
