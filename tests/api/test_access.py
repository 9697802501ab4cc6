"""Nobody reaches by a token what they may not: every operation × everyone's token × every kind of thing."""

import json
import re

import pytest
from django.db import transaction
from django.test import Client, override_settings

from luister.accounts.enums import PERMISSIONS
from luister.api.enums import SCOPES
from luister.api.models import Token
from luister.api.routes.offers import OFFERS
from tests import access_world
from tests import factories as make
from tests.access_world import (
    ARGUMENTS,
    CASE_KINDS,
    INSIDERS,
    NOWHERE,
    PRIVATE_KINDS,
    READABLE_POSTS,
    READS_PRIVATE,
    canary,
    reaches,
    role_of,
)
from tests.test_access_matrix import assert_no_foreign_words

pytestmark = pytest.mark.django_db

OPERATIONS = [offer for methods in OFFERS.values() for offer in methods.values()]
named = pytest.mark.parametrize("offer", OPERATIONS, ids=lambda offer: offer.name)
KINDS_OF = {"post_id": "said_id"}  # posts are read wherever they stand, also in the archive
# Who may see a thing may not always do this to it: these are for its owner and leads, and for its writer.
ONLY_MANAGERS, ONLY_ITS_WRITER = {"changeMonitor", "deleteMonitor"}, {"takeReplyBack"}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(LUISTER_API_REQUESTS_A_MINUTE=10**6):
        world = access_world.build()
        for person, member in world.members.items():
            make.TokenFactory(member=member, text=text_of(person))
        yield world
        transaction.set_rollback(True)


def text_of(person):
    return f"luister_{person.replace(' ', '-')}"


def ask(person, offer, address):
    """Send one request with a body that is complete, and take back whatever it changed."""
    point = transaction.savepoint()
    body = json.dumps(offer.example).encode() if offer.has_body else b""
    try:
        answer = Client().generic(
            offer.method,
            f"/api/v1{address}",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {text_of(person)}"},
        )
    finally:
        transaction.savepoint_rollback(point)
    assert answer.status_code < 500, f"{person}: {offer.name} {address} answers {answer.status_code}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    return answer


def addresses(world, offer):
    """Return the addresses to try, by the kind of thing that they lead to."""
    names = re.findall(r"{(\w+)}", offer.path)
    values = [ARGUMENTS[KINDS_OF.get(name, name)](world) for name in names]
    kinds = set.intersection(*(set(found) for found in values)) if values else {"own"}
    found = {}
    for kind in sorted(kinds):
        address = offer.path
        for name, value in zip(names, values, strict=True):
            address = address.replace(f"{{{name}}}", str(value[kind]))
        found[kind] = address
    return found


def may(person, offer, kind):
    """Say whether a thing may be there for a person."""
    if not reaches(person, offer.permission or "see_cases", kind):
        return False
    if "mention_id" in offer.path and "see_listening" not in PERMISSIONS[role_of(person)]:
        return False
    if offer.name in ONLY_MANAGERS:
        return "manage_listening" in PERMISSIONS[role_of(person)]
    is_theirs = "reply_id" in offer.path or "contact_id" in offer.path
    return not (is_theirs and kind in PRIVATE_KINDS and person not in READS_PRIVATE)


@named
def test_operation_lets_in_whom_the_table_names(world, offer):
    for person in INSIDERS:
        missing = None
        has_right = offer.permission is None or offer.permission in PERMISSIONS[role_of(person)]
        every = addresses(world, offer)
        for kind, address in every.items() if has_right else list(every.items())[:1]:
            answer = ask(person, offer, address)
            if not has_right:
                assert answer.status_code == 403, f"{person}: {offer.name} ({kind})"
            elif may(person, offer, kind) and offer.name not in ONLY_ITS_WRITER:
                assert answer.status_code not in {401, 403, 404}, f"{person} cannot reach {offer.name} ({kind})"
            else:
                assert answer.status_code == 404, f"{person} reaches {offer.name} ({kind})"
                missing = missing or ask(person, offer, nowhere(offer)).content
                assert answer.content == missing
            assert_no_hidden_words(person, offer, answer)


def assert_no_hidden_words(person, offer, answer):
    """Refuse any word of a thing that this person may not see; posts are read in the archive too."""
    if offer.path.startswith("/posts"):
        said = answer.content.decode()
        hidden = {"elsewhere", *(CASE_KINDS - set(READABLE_POSTS[person]))}
        assert not [kind for kind in hidden if canary(kind) in said], f"{person}: {offer.name}"
    else:
        assert_no_foreign_words(person, [answer], f"{person}: {offer.name}")


def nowhere(offer):
    return re.sub(r"{\w+}", str(NOWHERE), offer.path)


@named
def test_token_of_another_workspace_reaches_nothing_of_ours(world, offer):
    for kind, address in addresses(world, offer).items():
        answer = ask("administrator elsewhere", offer, address)
        assert_no_foreign_words("administrator elsewhere", [answer], offer.name)
        if "{" in offer.path and kind != "elsewhere" and kind in {*CASE_KINDS, "own"}:
            assert answer.status_code == 404, f"{offer.name} ({kind})"


@named
def test_operation_asks_for_its_scope_and_for_somebody_who_is_there(world, offer):
    address = addresses(world, offer).get("own") or nowhere(offer)
    for person in ("removed", "deactivated", "anonymous"):
        assert ask(person, offer, address).status_code == 401
    if offer.scope:
        point = transaction.savepoint()
        Token.objects.filter(member=world.members["administrator"]).update(
            scopes=[scope for scope in SCOPES if scope != offer.scope]
        )
        answer = ask("administrator", offer, address)
        transaction.savepoint_rollback(point)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
