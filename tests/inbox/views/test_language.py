"""Help with writing a query, as the field asks for it."""

import pytest

from luister.accounts.enums import Role
from tests.factories import LabelFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client):
    member = MembershipFactory(role=Role.ANALYST, user__language="nl")
    client.force_login(member.user)

    def post(what, **fields):
        return client.post(f"/w/{member.workspace.slug}/query/{what}/", fields).json()

    post.workspace = member.workspace
    return post


def test_suggest_knows_the_labels_of_this_workspace_alone(ask):
    LabelFactory(workspace=ask.workspace, name="Eerste lijn")
    LabelFactory(name="Eerste van een ander")

    found = ask("suggest", q="label:eer", at="9", scope="cases")

    assert [option["insert"] for option in found["options"]] == ['"Eerste lijn"']
    assert (found["start"], found["end"]) == (6, 9)


@pytest.mark.parametrize("at", ["", "-1", "x", "9" * 30, "３", "99999"])
def test_suggest_takes_any_cursor(ask, at):
    assert ask("suggest", q="st", at=at, scope="cases")["options"] or at not in ("", "99999")


def test_check_says_what_is_wrong_and_where(ask):
    found = ask("check", q="koffer sentimnet:x")

    assert found["mistake"] | {"sentence": ""} == {"start": 7, "length": 9, "sentence": ""}
    assert found["mistake"]["sentence"].startswith("Er is geen veld “sentimnet”")


def test_check_waits_for_the_word_that_is_typed(ask):
    assert ask("check", q="koffer sentim:", at="14") == {"mistake": None, "says": "", "unfinished": True}
    assert ask("check", q="koffer sentim:")["mistake"] is not None


def test_check_asks_more_of_what_listens(ask):
    assert ask("check", q="-koffer", scope="cases")["mistake"] is None
    assert ask("check", q="-koffer", scope="monitor")["mistake"] is not None


def test_check_says_in_words_what_is_found(ask):
    assert "koffer" in ask("check", q="koffer")["says"]
    assert ask("check", q=" ") == {"mistake": None, "says": "", "unfinished": False}


@pytest.mark.parametrize("garbage", ["(" * 10_000, "é" * 50_000, "\x00", "' OR 1=1 --", "%", "\\", '"', "\ud7ff" * 9])
def test_nothing_that_is_typed_breaks_the_help(ask, garbage):
    for what in ("suggest", "check"):
        assert isinstance(ask(what, q=garbage, at=str(len(garbage))), dict)
