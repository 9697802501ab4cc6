"""Behind the scenes: faults, brands, and tokens that are shown once."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from luister.practice import actions, queries
from luister.practice.faults import STORM, FaultPlan
from luister.practice.forms import FaultsForm
from luister.practice.store import DatabaseStore
from tests.practice.contract import NOW

pytestmark = pytest.mark.django_db

FAULTS = {
    "rate_limited": "10",
    "retry_after": "soon",
    "failed": "0.5",
    "dropped_before": "20",
    "dropped_after": "30",
    "latency_min_seconds": "0.1",
    "latency_max_seconds": "2",
    "seed": "7",
}


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.LUISTER_PRACTICE = True


def html(client: Client) -> str:
    return client.get("/practice/behind/", headers={"Accept-Language": "en"}).content.decode()


def test_faults_are_saved(client: Client) -> None:
    given = client.post("/practice/behind/faults/", FAULTS)

    assert given["Location"] == "/practice/behind/"
    assert queries.fault_plan() == FaultPlan(
        seed=7,
        rate_limited=0.1,
        failed=0.005,
        dropped_before=0.2,
        dropped_after=0.3,
        latency_min_seconds=0.1,
        latency_max_seconds=2,
        retry_after="soon",
    )
    assert "Faults are on" in html(client)


@pytest.mark.parametrize(("preset", "plan"), [("calm", FaultPlan()), ("storm", STORM)])
def test_presets(client: Client, preset: str, plan: FaultPlan) -> None:
    client.post("/practice/behind/faults/", {**FAULTS, "outage": "on"})
    client.post("/practice/behind/faults/", {"preset": preset})

    assert queries.fault_plan() == plan


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate_limited": "101"},
        {"rate_limited": "-1"},
        {"failed": "60"},
        {"latency_max_seconds": "31"},
        {"seed": "x"},
        {"rate_limited": "nan"},
        {"retry_after": "x" * 101},
    ],
)
def test_wrong_faults_change_nothing(client: Client, wrong: dict[str, str]) -> None:
    given = client.post("/practice/behind/faults/", FAULTS | wrong)

    assert given.status_code == 422
    assert queries.fault_plan() == FaultPlan()


def test_form_shows_the_plan_it_was_given() -> None:
    form = FaultsForm(FaultsForm.initial_of(STORM))

    assert form.is_valid()
    assert form.plan() == STORM


def test_new_brand_shows_its_token_once(client: Client) -> None:
    client.post("/practice/behind/brands/new/", {"name": "Airport", "handle": "@Airport", "repeats": "echo"})

    first, second = html(client), html(client)

    (token,) = re.findall(r"<code>(\S+)</code>", first)
    brand = DatabaseStore().brand(token)
    assert brand is not None
    assert (brand.person.handle, brand.idempotency.value) == ("airport", "echo")
    assert token not in second


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "handle": "airport", "repeats": "key"},
        {"name": "Airport", "handle": "two words", "repeats": "key"},
        {"name": "Anna", "handle": "anna", "repeats": "key"},
        {"name": "Airport", "handle": "airport", "repeats": "magic"},
    ],
)
def test_wrong_brand_is_not_made(client: Client, wrong: dict[str, str]) -> None:
    actions.known_customer("anna", name="Anna", now=NOW)

    assert client.post("/practice/behind/brands/new/", wrong).status_code == 422
    assert queries.brands() == []


def test_brand_can_be_changed(client: Client) -> None:
    opened = actions.open_brand("airport", name="Airport", now=NOW)

    client.post("/practice/behind/brands/change/", {"handle": "airport", "repeats": "human", "token_expired": "on"})

    brand = DatabaseStore().brand(opened.token)
    assert brand is not None
    assert (brand.idempotency.value, brand.token_expired) == ("human", True)


def test_renewed_token_is_shown_once(client: Client) -> None:
    old = actions.open_brand("airport", name="Airport", now=NOW).token

    client.post("/practice/behind/brands/token/", {"handle": "airport"})

    (token,) = re.findall(r"<code>(\S+)</code>", html(client))
    assert DatabaseStore().brand(old) is None
    assert DatabaseStore().brand(token) is not None


def test_token_of_nobody(client: Client) -> None:
    given = client.post("/practice/behind/brands/token/", {"handle": "nobody"}, follow=True)

    assert given.status_code == 200
    assert "<code>" not in given.content.decode()


@pytest.mark.parametrize("path", ["faults", "brands/new", "brands/token", "brands/change"])
def test_changes_are_not_made_by_reading_nor_where_practice_is_off(
    client: Client, settings: Settings, path: str
) -> None:
    read = client.get(f"/practice/behind/{path}/")
    settings.LUISTER_PRACTICE = False
    off = client.post(f"/practice/behind/{path}/", {"preset": "storm"})

    assert (read.status_code, off.status_code) == (405, 404)
    assert queries.fault_plan() == FaultPlan()
