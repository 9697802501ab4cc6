"""One-time links work once, for whoever they were made for, and leave the second step in force."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse

from luister.accounts import actions
from luister.accounts.actions import INVITATION_LIFETIME, SIGN_IN_LIFETIME
from luister.accounts.models import OneTimeLink, User
from luister.base.clock import utc_now
from tests.factories import NOW, PASSWORD, MembershipFactory, UserFactory, WorkspaceFactory


def at_once(times, function):
    """Run a function in as many threads at the same moment, and return what each returned."""
    ready = Barrier(times)

    def run(number):
        ready.wait()
        try:
            return function(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def enter(client, token):
    return client.post(reverse("accounts:enter", args=[token]))


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_link_lets_in_once(db):
    user = UserFactory()
    token = actions.new_sign_in_link(user, now=NOW)

    assert actions.use_link(token, now=NOW) == user
    assert actions.use_link(token, now=NOW) is None


def test_link_is_stored_as_a_digest_only(db):
    token = actions.new_sign_in_link(UserFactory(), now=NOW)

    assert token not in str(OneTimeLink.objects.values().get())


@pytest.mark.sql
def test_link_used_by_many_at_once_lets_in_one(transactional_db):
    token = actions.new_sign_in_link(UserFactory(), now=NOW)

    found = at_once(8, lambda _: actions.use_link(token, now=NOW))

    assert sum(user is not None for user in found) == 1


@pytest.mark.parametrize("lifetime", [SIGN_IN_LIFETIME, INVITATION_LIFETIME])
def test_link_expires(db, lifetime):
    early, late = UserFactory.create_batch(2)
    tokens = [actions.new_sign_in_link(user, now=NOW, lifetime=lifetime) for user in (early, late)]

    assert actions.use_link(tokens[0], now=NOW + lifetime - timedelta(seconds=1)) == early
    assert actions.use_link(tokens[1], now=NOW + lifetime) is None


def test_new_link_replaces_the_earlier_ones_of_the_same_user(db):
    user, other = UserFactory.create_batch(2)
    first, others = actions.new_sign_in_link(user, now=NOW), actions.new_sign_in_link(other, now=NOW)
    second = actions.new_sign_in_link(user, now=NOW)

    assert actions.use_link(first, now=NOW) is None
    assert actions.use_link(second, now=NOW) == user
    assert actions.use_link(others, now=NOW) == other


def test_link_of_deactivated_user_lets_nobody_in(db):
    user = UserFactory(is_active=False)

    assert actions.use_link(actions.new_sign_in_link(user, now=NOW), now=NOW) is None


def test_setup_link_signs_nobody_in(db):
    assert actions.use_link(actions.new_setup_link(now=NOW), now=NOW) is None


def test_page_of_link_does_not_use_it_up(client, db):
    token = actions.new_sign_in_link(MembershipFactory().user, now=utc_now())
    for method in (client.get, client.head, client.get):
        assert method(reverse("accounts:enter", args=[token])).status_code == 200

    answer = enter(client, token)

    assert answer.status_code == 302
    assert is_signed_in(client)


def test_page_of_dead_link_says_so(client, db):
    token = actions.new_sign_in_link(UserFactory(), now=utc_now() - SIGN_IN_LIFETIME)

    for answer in (client.get(reverse("accounts:enter", args=[token])), enter(client, token), enter(client, "x")):
        assert answer.status_code == 410
    assert not is_signed_in(client)


def test_link_leads_home_who_has_a_password(client, db):
    member = MembershipFactory(user=UserFactory(password=PASSWORD))

    answer = enter(client, actions.new_sign_in_link(member.user, now=utc_now()))

    assert answer.headers["Location"] == "/"
    assert client.get("/").headers["Location"] == f"/w/{member.workspace.slug}/"


def test_link_leads_who_has_no_password_to_choosing_one(client, db):
    member = MembershipFactory()

    answer = enter(client, actions.new_sign_in_link(member.user, now=utc_now()))

    assert answer.headers["Location"] == "/account/password/set/?next=%2F"
    chosen = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(answer.headers["Location"], chosen).headers["Location"] == "/"
    assert is_signed_in(client)
    assert User.objects.get(pk=member.user_id).check_password(PASSWORD)


def test_link_leads_a_visitor_of_the_demo_straight_in(client, db):
    member = MembershipFactory(workspace=WorkspaceFactory(is_demo=True))

    assert enter(client, actions.new_sign_in_link(member.user, now=utc_now())).headers["Location"] == "/"


def test_link_replaces_whoever_was_signed_in(client, db):
    first, second = MembershipFactory().user, MembershipFactory().user
    client.force_login(first)
    before = client.session.session_key

    enter(client, actions.new_sign_in_link(second, now=utc_now()))

    assert client.session["_auth_user_id"] == str(second.pk)
    assert client.session.session_key != before
