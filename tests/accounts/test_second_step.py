"""The second step: codes of an authenticator app and recovery codes, each once, and no way round them."""

from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client

from luister.accounts import actions
from luister.base.clock import utc_now
from tests.accounts.test_links import is_signed_in
from tests.factories import PASSWORD, MembershipFactory, UserFactory

MOMENT = 1_772_442_000.0  # within a period of thirty seconds that the tests hold still
PAGES = {"activate": "/account/2fa/totp/activate/", "codes": "/account/2fa/recovery-codes/"}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    now = SimpleNamespace(moment=MOMENT)
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: now.moment))
    return now


@pytest.fixture
def user(db):
    return MembershipFactory(user=UserFactory(email="pim@zuiderveld.example", password=PASSWORD)).user


def code(secret, *, periods=0):
    return auth.format_hotp_value(auth.hotp_value(secret, int(MOMENT) // 30 + periods))


def sign_in(client):
    return client.post("/account/login/", {"login": "pim@zuiderveld.example", "password": PASSWORD})


def confirm(client, target):
    """Type the password once more, as is asked before something delicate."""
    return client.post(f"/account/reauthenticate/?next={target}", {"password": PASSWORD, "next": target}, follow=True)


@pytest.fixture
def secret(client, user, clock):
    """Switch the second step on and return its seed; afterwards nobody is signed in and a period has passed."""
    sign_in(client)
    seed = confirm(client, PAGES["activate"]).context["form"].secret
    client.post(PAGES["activate"], {"code": code(seed, periods=-0)})
    client.post("/account/logout/")
    clock.moment += 60
    return seed


def later(seed, clock):
    return auth.format_hotp_value(auth.hotp_value(seed, int(clock.moment) // 30))


def answer_with(client, typed):
    return client.post("/account/2fa/authenticate/", {"code": typed})


def test_switching_on_asks_for_the_password_first(client, user):
    client.force_login(user)

    answer = client.get(PAGES["activate"])

    assert answer.headers["Location"].startswith("/account/reauthenticate/")


def test_page_shows_a_picture_that_the_policy_allows(client, user):
    sign_in(client)

    page = confirm(client, PAGES["activate"])

    assert 'src="data:image/svg+xml;base64,' in page.text
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.text
    assert "style=" not in page.text


def test_wrong_first_code_switches_nothing_on(client, user):
    sign_in(client)
    confirm(client, PAGES["activate"])

    client.post(PAGES["activate"], {"code": "000000"})

    assert Authenticator.objects.count() == 0


def test_seed_is_stored_sealed(secret, user):
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert secret not in stored
    assert Authenticator.objects.filter(user=user, type="totp").count() == 1


def test_password_alone_no_longer_opens(client, secret):
    answer = sign_in(client)

    assert answer.headers["Location"] == "/account/2fa/authenticate/"
    assert not is_signed_in(client)
    assert client.get("/account/").status_code == 302


def test_code_opens_once(client, secret, clock):
    typed = later(secret, clock)
    sign_in(client)
    assert answer_with(client, typed).headers["Location"] == "/"
    assert is_signed_in(client)

    other = Client()
    sign_in(other)
    answer_with(other, typed)

    assert not is_signed_in(other)


@pytest.mark.parametrize("periods", [-1, 1])
def test_code_of_another_period_is_refused(client, secret, clock, periods):
    sign_in(client)

    answer_with(client, auth.format_hotp_value(auth.hotp_value(secret, int(clock.moment) // 30 + periods)))

    assert not is_signed_in(client)


def test_guessing_codes_ends_before_it_succeeds(client, secret, clock):
    sign_in(client)
    for number in range(10):
        answer_with(client, f"{number:06d}")

    answer_with(client, later(secret, clock))

    assert not is_signed_in(client)


def test_recovery_code_opens_once(client, secret, clock):
    sign_in(client)
    answer_with(client, later(secret, clock))
    confirm(client, PAGES["codes"])
    codes = client.get(PAGES["codes"]).context["unused_codes"]
    assert len(codes) == 10

    for expected in (True, False):
        other = Client()
        sign_in(other)
        answer_with(other, codes[0])
        assert is_signed_in(other) == expected


def test_recovery_codes_are_hidden_without_the_password(client, secret, user):
    client.force_login(user)

    page = client.get(PAGES["codes"], follow=True)

    assert set(page.context.get("unused_codes") or ["****"]) == {"****"}


def test_one_time_link_does_not_replace_the_second_step(client, secret, user, clock):
    answer = client.post(f"/enter/{actions.new_sign_in_link(user, now=utc_now())}")

    assert answer.headers["Location"] == "/account/2fa/authenticate/"
    assert not is_signed_in(client)
    assert answer_with(client, later(secret, clock)).headers["Location"] == "/"
    assert is_signed_in(client)


def test_new_password_leaves_the_second_step_on(client, secret, user):
    user.set_password("een nog beter wachtwoord")
    user.save(update_fields=["password"])

    answer = client.post("/account/login/", {"login": user.email, "password": "een nog beter wachtwoord"})

    assert answer.headers["Location"] == "/account/2fa/authenticate/"


def test_switching_off_asks_for_the_password_or_a_code(client, secret, user):
    client.force_login(user)

    answer = client.post("/account/2fa/totp/deactivate/")

    assert "reauthenticate" in answer.headers["Location"]
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_switching_off_takes_the_recovery_codes_along(client, secret, clock):
    sign_in(client)
    answer_with(client, later(secret, clock))
    confirm(client, "/account/2fa/totp/deactivate/")

    client.post("/account/2fa/totp/deactivate/")

    assert Authenticator.objects.count() == 0
