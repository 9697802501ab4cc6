"""A mailbox is connected on the screen: a wrong password says what the server said, the right one turns it green."""

import pytest
from django.urls import reverse

from luister.accounts.enums import Role
from luister.channels.models import Channel
from tests.factories import MembershipFactory
from tests.mail_servers import HOST, PASSWORD

pytestmark = pytest.mark.mail
DESK = "klantenservice@luister.example"


@pytest.fixture
def member(client, db, monkeypatch):
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", HOST)
    member = MembershipFactory(role=Role.ADMINISTRATOR, user__language="en")
    client.force_login(member.user)
    return member


def connect(client, member, servers, **changed):
    filled_in = {
        "name": "Klantenservice",
        "purpose": "service",
        "undo_seconds": "10",
        "its_address": DESK,
        "its_imap_host": HOST,
        "its_imap_port": servers.imap_port,
        "its_imap_security": "plain",
        "its_user": DESK,
        "its_password": PASSWORD,
        "its_folder": "INBOX",
        "its_smtp_host": HOST,
        "its_smtp_port": servers.smtp_port,
        "its_smtp_security": "plain",
    }
    address = reverse("delivery:connect", args=[member.workspace.slug, "email"])
    return client.post(address, filled_in | changed, follow=True)


def test_wrong_password_says_what_the_server_said_and_stores_nothing(client, member, mail_servers):
    answer = connect(client, member, mail_servers, its_password="onjuist")

    assert "did not accept the user name and password. Server says: “" in answer.text
    assert "Authentication failed" in answer.text
    assert "onjuist" not in answer.text
    assert Channel.objects.count() == 0


def test_folder_that_is_not_there_is_named(client, member, mail_servers):
    answer = connect(client, member, mail_servers, its_folder="Postvak X")

    assert "The folder Postvak X cannot be opened." in answer.text
    assert Channel.objects.count() == 0


def test_right_password_turns_it_green(client, member, mail_servers):
    answer = connect(client, member, mail_servers)

    assert "Klantenservice answers and is connected." in answer.text
    assert 'data-tone="ok"' in answer.text
    assert PASSWORD not in answer.text
    channel = Channel.objects.get()
    assert (channel.kind, channel.handle, channel.publicness) == ("email", DESK, "private")
    assert channel.settings["imap_port"] == mail_servers.imap_port

    tried = client.post(reverse("delivery:check", args=[member.workspace.slug, channel.pk]), follow=True)
    assert "The channel answers: reading and sending work." in tried.text
