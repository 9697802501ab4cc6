"""The desk of a signed-in agent, as views answer to it."""

import re
from dataclasses import dataclass
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

from luister.accounts.models import Membership
from luister.channels.models import Channel
from luister.inbox.models import Case
from tests.factories import ChannelFactory, MembershipFactory
from tests.inbox.helpers import said, take_in

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def words(response: HttpResponse) -> str:
    """Return what a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@dataclass
class Desk:
    """What a view's test works with; `get` and `post` take what follows the workspace in the address."""

    client: Client
    member: Membership
    channel: Channel
    case: Case

    def get(self, path: str, *, target: str = "", **data: object) -> HttpResponse:
        return self.client.get(self._url(path), data, headers=self._headers(target))

    def post(self, path: str, *, target: str = "", **data: object) -> HttpResponse:
        return self.client.post(self._url(path), data, headers=self._headers(target))

    def of_case(self, path: str) -> str:
        return f"cases/{self.case.number}/{path}/"

    def reply(self, text: str = "Dag Anna!", **changed: object) -> HttpResponse:
        """Send a public reply as the composer does."""
        data = {"text": text, "client_id": uuid4(), "is_public": "1", "effect": "waiting"}
        data["seen_version"] = Case.objects.get(pk=self.case.pk).version
        return self.post(self.of_case("reply"), target="composer", **(data | changed))

    def _url(self, path: str) -> str:
        return f"/w/{self.member.workspace.slug}/{path}"

    def _headers(self, target: str) -> dict[str, str]:
        return {"HX-Request": "true", "HX-Target": target} if target else {}


def make_desk(client: Client) -> Desk:
    """Make an agent with a channel and a case that Anna opened, and sign them in."""
    member = MembershipFactory(user__name="Pim de Vries", user__language="en")
    channel = ChannelFactory(workspace=member.workspace, handle="luchthaven", caret_signature=True)
    _, threaded = take_in(said("p1", text="Waar is mijn koffer?"), channel=channel)
    client.force_login(member.user, backend=BACKEND)
    return Desk(client, member, channel, threaded.case)
