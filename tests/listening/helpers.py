"""Pages of listening as somebody sees them."""

from contextlib import AbstractContextManager

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luister.accounts.models import Membership


class Screens:
    """The pages of listening, for one member."""

    def __init__(self, client: Client, member: Membership) -> None:
        client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        self._client, self._member = client, member

    def get(self, name: str, *arguments: int, query: str = "", status: int = 200, **headers: str) -> str:
        """Return what a page says."""
        answer = self._client.get(self._url(name, arguments) + query, headers=headers)
        assert answer.status_code == status
        return answer.content.decode()

    def post(
        self,
        name: str,
        data: dict[str, object],
        *arguments: int,
        query: str = "",
        follow: bool = False,
        status: int = 200,
        **headers: str,
    ) -> str:
        """Return what the answer to a form says."""
        self.answer = self._client.post(self._url(name, arguments) + query, data, follow=follow, headers=headers)
        assert self.answer.status_code == status
        return self.answer.content.decode()

    def counting(self) -> AbstractContextManager[CaptureQueriesContext]:
        """Collect the queries of the database."""
        return CaptureQueriesContext(connection)

    def _url(self, name: str, arguments: tuple[int, ...]) -> str:
        return reverse(f"listening:{name}", args=[self._member.workspace.slug, *arguments])
