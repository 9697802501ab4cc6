"""An empty installation is set up once, by whoever can read the terminal."""

import pytest
from django.test import Client
from django.urls import reverse

from luister.accounts import actions, queries
from luister.accounts.actions.links import SETUP_LIFETIME
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership, User, Workspace
from luister.base.clock import utc_now
from tests.accounts.test_links import at_once, is_signed_in
from tests.factories import NOW, PASSWORD, UserFactory

ANSWERS = {
    "name": "Pim de Vries",
    "email": "Pim@Zuiderveld.example",
    "password": PASSWORD,
    "workspace_name": "Luchthaven Zuiderveld",
    "language": "nl",
    "time_zone": "Europe/Amsterdam",
}


def post(client, token, **changed):
    return client.post(reverse("accounts:set_up", args=[token]), ANSWERS | changed)


def test_set_up_makes_the_first_administrator_and_workspace(client, db):
    token = actions.new_setup_link(now=utc_now())

    answer = post(client, token)

    assert answer.headers["Location"] == "/w/luchthaven-zuiderveld/start/"
    assert is_signed_in(client)
    member = Membership.objects.select_related("user", "workspace").get()
    assert (member.role, member.user.email, member.user.name) == (
        "administrator",
        "pim@zuiderveld.example",
        "Pim de Vries",
    )
    assert (member.workspace.name, member.workspace.time_zone) == ("Luchthaven Zuiderveld", "Europe/Amsterdam")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "kort"),
        ("password", "password123"),
        ("password", "Pim de Vries"),
        ("email", "pim"),
        ("language", "de"),
        ("time_zone", "Europe/Atlantis"),
        ("workspace_name", ""),
    ],
)
def test_set_up_with_something_wrong_says_what_and_can_be_repeated(client, db, field, value):
    token = actions.new_setup_link(now=utc_now())

    answer = post(client, token, **{field: value})

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert queries.is_empty()
    assert post(client, token).status_code == 302


def test_set_up_is_possible_once(client, db):
    token = actions.new_setup_link(now=utc_now())
    post(client, token)

    again = post(Client(), token, email="ander@zuiderveld.example")

    assert again.status_code == 410
    assert User.objects.count() == 1
    with pytest.raises(RefusedError):
        actions.new_setup_link(now=utc_now())


def test_set_up_is_closed_once_somebody_has_an_account(client, db):
    token = actions.new_setup_link(now=utc_now())
    UserFactory()

    assert post(client, token).status_code == 409
    assert Workspace.objects.count() == 0


@pytest.mark.sql
def test_set_up_in_two_browsers_at_once_happens_once(transactional_db):
    first = actions.new_setup_link(now=utc_now())
    browsers = [Client() for _ in range(4)]

    answers = at_once(4, lambda number: post(browsers[number], first, email=f"pim{number}@zuiderveld.example"))

    assert [answer.status_code for answer in answers].count(302) == 1
    assert {answer.status_code for answer in answers} <= {302, 409, 410}
    assert [User.objects.count(), Workspace.objects.count(), Membership.objects.count()] == [1, 1, 1]


def test_set_up_link_works_for_a_day_and_only_the_newest(db):
    first = actions.new_setup_link(now=NOW)
    second = actions.new_setup_link(now=NOW)

    assert not queries.is_setup_link(first, now=NOW)
    assert queries.is_setup_link(second, now=NOW)
    assert not queries.is_setup_link(second, now=NOW + SETUP_LIFETIME)


def test_set_up_without_a_link_that_works_is_closed(client, db):
    for page in (client.get(reverse("accounts:set_up", args=["x"])), post(client, "x")):
        assert page.status_code == 410
    assert queries.is_empty()


def test_home_of_an_empty_installation_points_to_the_terminal(client, db):
    answer = client.get("/", headers={"Accept-Language": "en"})

    assert answer.status_code == 200
    assert "waits to be set up" in answer.text


def test_name_that_makes_no_address_gets_a_usual_one(client, db):
    token = actions.new_setup_link(now=utc_now())

    assert post(client, token, workspace_name="北京").headers["Location"] == "/w/desk/start/"
