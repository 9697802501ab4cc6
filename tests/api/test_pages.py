"""Settings › API: a token is made, shown once, and revoked."""

import re

import pytest

from luister.accounts.models import AuditEntry
from luister.api.models import Token
from luister.base.clock import utc_now
from tests.api.programs import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def base(client, lead):
    client.force_login(lead.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return f"/w/{lead.workspace.slug}/settings/api/"


def test_empty_list_teaches(client, base):
    page = client.get(base).content.decode()

    assert "Nog geen tokens" in page
    assert "luister token create" in page


def test_made_token_is_shown_once_and_works(client, base, lead):
    form = {"name": "Ons programma", "member": lead.pk, "days": "90", "scopes": ["cases:write"]}

    made = client.post(f"{base}new/", form).content.decode()

    text = re.search(r'value="(luister_[\w-]+)"', made)[1]
    token = Token.objects.get()
    assert Program(token, text).get("/cases").status_code == 200
    assert token.scopes == ["cases:read", "cases:write"]
    assert 89 <= (token.expires_at - utc_now()).days <= 90
    assert AuditEntry.objects.get(verb="token.made").user_id == lead.user_id
    shown = client.get(base).content.decode()
    assert text not in shown
    assert token.prefix in shown
    assert text not in str(Token.objects.values())


def test_token_for_nothing_is_refused(client, base, lead):
    answer = client.post(f"{base}new/", {"name": "x", "member": lead.pk, "days": "90"})

    assert answer.status_code == 422
    assert "Kies waar het token voor mag worden gebruikt." in answer.content.decode()
    assert not Token.objects.exists()


def test_revoked_token_opens_nothing(client, base, app):
    assert app.get("/me").status_code == 200

    client.post(f"{base}{app.token.pk}/revoke/")

    assert app.get("/me").status_code == 401
    assert "Ingetrokken" in client.get(base).content.decode()
