"""Signing in with a password: what is refused, how often one may try, and where it leads."""

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from luister.accounts.models import Membership, User, Workspace
from luister.base.clock import utc_now
from tests.accounts.test_links import at_once, is_signed_in
from tests.factories import PASSWORD, MembershipFactory, UserFactory

LOGIN = "/account/login/"
WRONG = "horen niet bij elkaar"
TOO_OFTEN = "Te veel mislukte pogingen"


@pytest.fixture
def user(db):
    return MembershipFactory(user=UserFactory(email="pim@zuiderveld.example", password=PASSWORD)).user


def sign_in(client, password=PASSWORD, email="pim@zuiderveld.example", **extra):
    return client.post(LOGIN, {"login": email, "password": password}, HTTP_ACCEPT_LANGUAGE="nl", **extra)


def test_right_password_leads_home(client, user):
    answer = sign_in(client, email="Pim@Zuiderveld.example")

    assert answer.headers["Location"] == "/"
    assert is_signed_in(client)


def test_wrong_password_and_unknown_address_answer_alike(client, user):
    answers = [sign_in(client, "onjuist"), sign_in(client, email="niemand@zuiderveld.example")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert all(WRONG in answer.text for answer in answers)
    assert not is_signed_in(client)


def test_deactivated_user_stays_outside(client, user):
    User.objects.filter(pk=user.pk).update(is_active=False)

    sign_in(client)

    assert not is_signed_in(client)


def test_five_failures_from_one_address_close_the_door_for_a_while(client, user):
    for _ in range(5):
        assert WRONG in sign_in(client, "onjuist").text

    assert TOO_OFTEN in sign_in(client).text
    assert not is_signed_in(client)
    assert sign_in(Client(), REMOTE_ADDR="192.0.2.7").status_code == 302


def test_successes_do_not_count_as_failures(client, user):
    for _ in range(7):
        assert sign_in(Client()).status_code == 302


@pytest.mark.sql
def test_ten_failures_for_one_account_is_all_that_is_looked_at_however_many_come_at_once(transactional_db, monkeypatch):
    UserFactory(email="pim@zuiderveld.example", password=PASSWORD)
    looked_at = []
    right = get_user_model().check_password
    monkeypatch.setattr(User, "check_password", lambda self, raw: looked_at.append(raw) or right(self, raw))

    answers = at_once(16, lambda number: sign_in(Client(), "onjuist", REMOTE_ADDR=f"192.0.2.{number}").text)

    assert len(looked_at) <= 10
    assert all(WRONG in answer or TOO_OFTEN in answer for answer in answers)
    assert TOO_OFTEN in sign_in(Client(), REMOTE_ADDR="192.0.2.99").text or len(looked_at) < 10


def test_failures_are_counted_in_the_database(client, user):
    sign_in(client, "onjuist")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache WHERE cache_key LIKE '%%login_failed%%'")
        assert cursor.fetchone()[0] == 2


def test_cache_keeps_rate_limits_in_a_flood(db):
    cache.set("allauth:rl:first", [1.0], 900)

    for number in range(400):  # Django's own limit is 300, and then a third is thrown out
        cache.set(f"allauth:rl:{number}", [1.0], 900)

    assert cache.get("allauth:rl:first") == [1.0]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"])
def test_target_outside_is_ignored(client, user, target):
    answer = client.post(f"{LOGIN}?next={target}", {"login": user.email, "password": PASSWORD, "next": target})

    assert answer.headers["Location"] == "/"
    assert client.post("/account/logout/", {"next": target}).headers["Location"] == "/"


def test_target_inside_is_followed(client, user):
    answer = client.post(LOGIN, {"login": user.email, "password": PASSWORD, "next": "/account/keys/"})

    assert answer.headers["Location"] == "/account/keys/"


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_confirm_email"])
def test_nobody_signs_up_or_changes_address_by_themselves(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_new_password_ends_the_other_sessions(client, user):
    sign_in(client)
    elsewhere = Client()
    elsewhere.force_login(User.objects.get(pk=user.pk))
    new = "een nog beter wachtwoord"

    answer = client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert answer.status_code == 302
    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").headers["Location"].startswith(LOGIN)


def test_deactivation_ends_all_sessions_at_once(client, user):
    sign_in(client)

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert client.get("/account/").headers["Location"].startswith(LOGIN)


def test_forgotten_password_answers_alike_and_mails_only_accounts(client, user):
    answers = [
        client.post("/account/password/reset/", {"email": address})
        for address in (user.email, "niemand@zuiderveld.example")
    ]

    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (302, "/account/password/reset/done/")
    ] * 2
    assert [message.to for message in mail.outbox] == [[user.email]]


@pytest.mark.parametrize(
    ("role", "elsewhere", "mails"), [("agent", False, 0), ("administrator", False, 1), ("agent", True, 1)]
)
def test_after_a_restore_only_who_has_to_get_in_is_mailed_a_way(client, user, role, elsewhere, mails):
    Membership.objects.filter(user=user).update(role=role)
    Workspace.objects.update(outbound_locked_at=utc_now())
    if elsewhere:
        MembershipFactory(user=user)

    answer = client.post("/account/password/reset/", {"email": user.email})

    assert answer.headers["Location"] == "/account/password/reset/done/"
    assert len(mail.outbox) == mails


def test_link_from_the_mail_sets_a_new_password_once(client, user):
    elsewhere = Client()
    elsewhere.force_login(user)
    client.post("/account/password/reset/", {"email": user.email})
    link = next(line for line in mail.outbox[0].body.splitlines() if "/reset/key/" in line)
    page = client.get(link, follow=True)
    new = "een nog beter wachtwoord"

    answer = client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})

    assert answer.headers["Location"] == "/account/password/reset/key/done/"
    assert User.objects.get(pk=user.pk).check_password(new)
    assert not is_signed_in(client)
    assert elsewhere.get("/account/").status_code == 302
    assert "werkt niet meer" in Client().get(link, follow=True, HTTP_ACCEPT_LANGUAGE="nl").text


def test_installation_without_mail_says_what_to_do_instead(client, db, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

    answer = client.get("/account/password/reset/", HTTP_ACCEPT_LANGUAGE="en")

    assert "cannot send mail of its own" in answer.text
    assert 'name="email"' not in answer.text


def test_language_is_the_users_and_before_that_the_browsers(client, user):
    assert '<html lang="en"' in client.get(LOGIN, HTTP_ACCEPT_LANGUAGE="en").text

    sign_in(client)

    answer = client.get("/account/", HTTP_ACCEPT_LANGUAGE="en")
    assert '<html lang="nl"' in answer.text
    assert answer.headers["Content-Language"] == "nl"
