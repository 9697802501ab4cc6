"""What users set for themselves: name, signature, language, colours and keys."""

import pytest

from luister.accounts import actions
from luister.accounts.models import User
from luister.ui.keys import DEFAULTS
from tests.factories import UserFactory

PROFILE = {"name": "Pim de Vries", "signature": "", "language": "nl", "theme": "system"}


@pytest.fixture
def user(client, db):
    user = UserFactory(name="Pim de Vries")
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [("PdV", "PdV", "^PdV"), ("^PdV", "PdV", "^PdV"), (" ^ PdV ", "PdV", "^PdV"), ("", "", "^Pim")],
)
def test_signature_is_shown_after_one_caret(client, user, typed, stored, shown):
    client.post("/account/", PROFILE | {"signature": typed})

    user.refresh_from_db()
    assert (user.signature, user.caret_signature) == (stored, shown)


def test_language_and_colours_change_with_the_next_page(client, user):
    answer = client.post("/account/", PROFILE | {"language": "en", "theme": "dark"}, follow=True)

    assert '<html lang="en" data-theme="dark">' in answer.text
    assert "Saved." in answer.text


def test_profile_with_something_wrong_changes_nothing(client, user):
    answer = client.post("/account/", PROFILE | {"name": "", "language": "de", "theme": "pink"})

    assert sorted(answer.context["form"].errors) == ["language", "name", "theme"]
    assert User.objects.get(pk=user.pk).name == "Pim de Vries"


def test_single_letters_can_be_switched_off(client, user):
    client.post("/account/keys/", DEFAULTS)

    user.refresh_from_db()
    assert (user.single_keys, user.keys) == (False, {})
    assert 'data-single-keys="off"' in client.get("/account/keys/").text


def test_key_that_is_changed_is_stored_and_one_that_is_emptied_becomes_the_usual_one(client, user):
    client.post("/account/keys/", DEFAULTS | {"single_keys": "on", "reply": "q", "note": ""})

    user.refresh_from_db()
    assert (user.single_keys, user.keys) == (True, {"reply": "q"})


@pytest.mark.parametrize(("key", "wrong"), [("e", ["complete", "reply"]), ("abc", ["reply"]), ("q w e", ["reply"])])
def test_key_that_is_taken_or_impossible_is_refused(client, user, key, wrong):
    answer = client.post("/account/keys/", DEFAULTS | {"single_keys": "on", "reply": key})

    assert sorted(answer.context["form"].errors) == wrong
    assert User.objects.get(pk=user.pk).keys == {}


def test_usual_keys_come_back(client, user):
    actions.change_preferences(user, single_keys=False, keys={"reply": "q"})

    client.post("/account/keys/", {"reset": "1"})

    user.refresh_from_db()
    assert (user.single_keys, user.keys) == (True, {})


def test_preferences_that_are_not_given_stay(user):
    actions.change_preferences(user, theme="dark")

    stored = User.objects.get(pk=user.pk)
    assert (stored.theme, stored.name, stored.language) == ("dark", "Pim de Vries", "nl")
