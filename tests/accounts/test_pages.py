"""Every page of people and walls is drawn, in both languages, with the headers that defend the browser."""

import pytest
from django.urls import reverse

from luister.accounts import actions
from luister.accounts.enums import Role
from luister.ui.middleware import POLICY
from tests.factories import NOW, MembershipFactory, TeamFactory


@pytest.fixture
def administrator(db):
    return MembershipFactory(role=Role.ADMINISTRATOR)


@pytest.fixture
def signed_in(client, administrator):
    client.force_login(administrator.user)
    return client


def pages(member):
    slug = member.workspace.slug
    team = TeamFactory(workspace=member.workspace)
    colleague = MembershipFactory(workspace=member.workspace, teams=[team])
    return [
        reverse("accounts:choose"),
        reverse("accounts:profile"),
        reverse("accounts:keys"),
        reverse("account_change_password"),
        reverse("mfa_index"),
        reverse("account_logout"),
        *(reverse(f"accounts:{name}", args=[slug]) for name in ("general", "people", "invite", "teams", "audit")),
        reverse("accounts:member", args=[slug, colleague.pk]),
        reverse("accounts:team", args=[slug, team.pk]),
    ]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_pages_of_settings_are_drawn_in_the_users_language(signed_in, administrator, language):
    actions.change_preferences(administrator.user, language=language, theme="dark")
    administrator.user.set_password("een goed wachtwoord")
    administrator.user.save(update_fields=["password"])
    signed_in.force_login(administrator.user)

    for page in pages(administrator):
        answer = signed_in.get(page)

        assert answer.status_code == 200, page
        assert f'<html lang="{language}" data-theme="dark">' in answer.text
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["Cache-Control"].startswith("no-store")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_pages_at_the_door_are_drawn_in_the_browsers_language(client, db, language):
    setup = actions.new_setup_link(now=NOW)
    for page in ("/", reverse("accounts:set_up", args=[setup]), reverse("account_login"), "/enter/unknown"):
        answer = client.get(page, headers={"Accept-Language": language})

        assert answer.status_code in {200, 410}, page
        assert f'<html lang="{language}"' in answer.text
        assert answer.headers["Content-Security-Policy"] == POLICY
