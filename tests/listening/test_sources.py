"""The sources on screen: who sees which, and how they are doing."""

import pytest
from django.urls import reverse

from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make.MembershipFactory(role="agent")


def page(client, member, name="sources", *args):
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.get(reverse(f"listening:{name}", args=[member.workspace.slug, *args]))


def test_sources_are_those_of_the_own_workspace(client, member):
    make.ChannelFactory(workspace=member.workspace, kind="feed", name="Luchtvaartnieuws")
    make.ChannelFactory(workspace=member.workspace, kind="practice", name="Oefenkanaal")
    make.ChannelFactory(kind="feed", name="Van een ander")

    shown = page(client, member).content.decode()

    assert "Luchtvaartnieuws" in shown
    assert "Oefenkanaal" not in shown
    assert "Van een ander" not in shown


def test_sources_teach_when_there_are_none(client, member):
    member.user.language = "nl"
    member.user.save()

    shown = page(client, member).content.decode()

    assert "Er wordt nog nergens naar geluisterd" in shown
