"""Writing as a customer, making accounts, and the limits of the open pages."""

from datetime import timedelta

import pytest

from luister.practice import actions, queries
from luister.practice.core import RefusedError
from luister.practice.enums import Repeats
from luister.practice.faults import STORM, FaultPlan
from luister.practice.models import Account
from luister.practice.models import Post as PostRow
from luister.practice.store import DatabaseStore
from tests.practice.contract import NOW

pytestmark = pytest.mark.django_db


def refusal(call, *args, **values) -> str:
    with pytest.raises(RefusedError) as caught:
        call(*args, **values)
    return caught.value.code


def test_open_brand_gives_a_token_that_is_stored_as_its_digest() -> None:
    opened = actions.open_brand("@Airport", name=" The  Airport ", now=NOW, repeats=Repeats.LOOKUP)

    brand = DatabaseStore().brand(opened.token)
    assert brand is not None
    assert (brand.person.handle, brand.person.name, brand.idempotency.value) == ("airport", "The Airport", "lookup")
    assert opened.token not in str(Account.objects.values_list())


def test_open_brand_again_gives_a_new_token() -> None:
    first = actions.open_brand("airport", name="Airport", now=NOW)
    actions.change_brand("airport", repeats=Repeats.HUMAN, token_expired=True)
    second = actions.open_brand("airport", name="New name", now=NOW)

    assert first.person.id == second.person.id
    assert DatabaseStore().brand(first.token) is None
    assert queries.brands()[0].token_expired is False


def test_open_brand_refuses() -> None:
    actions.known_customer("anna", name="Anna", now=NOW)

    assert refusal(actions.open_brand, "anna", name="x", now=NOW) == "handle_taken"
    assert refusal(actions.open_brand, "1st", name="x", now=NOW) == "bad_handle"
    assert refusal(actions.open_brand, "two words", name="x", now=NOW) == "bad_handle"
    assert refusal(actions.open_brand, "airport", name="  ", now=NOW) == "bad_handle"


def test_renew_token() -> None:
    old = actions.open_brand("airport", name="Airport", now=NOW).token
    actions.change_brand("airport", repeats=Repeats.KEY, token_expired=True)
    new = actions.renew_token("airport")

    brand = DatabaseStore().brand(new)
    assert brand is not None
    assert not brand.token_expired
    assert DatabaseStore().brand(old) is None
    assert refusal(actions.renew_token, "nobody") == "unknown_account"


def test_change_faults_is_what_is_read_back() -> None:
    assert queries.fault_plan() == FaultPlan()

    actions.change_faults(STORM)

    assert queries.fault_plan() == STORM


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Anna de Vries", "anna_de_vries"),
        ("  Zoë   Ömer ", "zoe_omer"),
        ("007 Bond", "bond"),
        ("王伟", "customer"),
        ("!", "customer"),
        ("A" * 80, "a" * 28),
    ],
)
def test_new_customer_handle_follows_the_name(name: str, handle: str) -> None:
    assert actions.new_customer(name, now=NOW).handle == handle


def test_new_customer_same_name_gets_a_number() -> None:
    handles = [actions.new_customer("Anna", now=NOW).handle for _ in range(3)]

    assert handles == ["anna", "anna2", "anna3"]


def test_new_customer_name_is_cleaned_and_needed() -> None:
    assert actions.new_customer("An\u202ena\x00\n" + "x" * 80, now=NOW).name == "Anna" + "x" * 56
    assert refusal(actions.new_customer, " \u200b\n ", now=NOW) == "no_name"


def test_new_customer_never_takes_a_brands_handle() -> None:
    actions.open_brand("airport", name="Airport", now=NOW)

    assert actions.new_customer("Airport", now=NOW).handle == "airport2"


def test_new_customer_many_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "CUSTOMERS_AN_HOUR", 2)
    for _ in range(2):
        actions.new_customer("Anna", now=NOW)

    assert refusal(actions.new_customer, "Anna", now=NOW) == "too_many_customers"
    assert actions.new_customer("Anna", now=NOW + timedelta(hours=2)).handle == "anna3"


def test_known_customer_is_made_once() -> None:
    first = actions.known_customer("anna", name="Anna", now=NOW)
    second = actions.known_customer("anna", name="Other", now=NOW)

    assert first == second
    actions.open_brand("airport", name="Airport", now=NOW)
    assert refusal(actions.known_customer, "airport", name="x", now=NOW) == "handle_taken"
    assert refusal(actions.known_customer, "No Handle", name="x", now=NOW) == "bad_handle"


def test_say_public_private_and_reply() -> None:
    brand = actions.open_brand("airport", name="Airport", now=NOW).person
    anna = actions.known_customer("anna", name="Anna", now=NOW)

    public = actions.say("@airport hello", by=anna, now=NOW)
    reply = actions.say("anyone?", by=anna, parent_id=public.id, now=NOW)
    private = actions.say("my number", by=anna, to="airport", now=NOW)

    assert [event.post.id for event in DatabaseStore().events(brand, after=0, limit=9)] == [
        public.id,
        reply.id,
        private.id,
    ]


def test_say_refuses() -> None:
    brand = actions.open_brand("airport", name="Airport", now=NOW).person
    anna = actions.known_customer("anna", name="Anna", now=NOW)

    assert refusal(actions.say, "x", by=brand, now=NOW) == "is_brand"
    assert refusal(actions.say, "x", by=anna, to="nobody", now=NOW) == "unknown_recipient"
    assert refusal(actions.say, "x", by=anna, to="no\x00body", now=NOW) == "unknown_recipient"
    assert refusal(actions.say, "x", by=anna, parent_id="99", now=NOW) == "unknown_parent"
    assert refusal(actions.say, " ", by=anna, now=NOW) == "empty_text"
    assert refusal(actions.say, "x", by=anna, key="\x00", now=NOW) == "bad_request"


def test_say_on_page_double_click_posts_once() -> None:
    anna = actions.known_customer("anna", name="Anna", now=NOW)

    first = actions.say_on_page("hello", by=anna, key="form-1", now=NOW)
    second = actions.say_on_page("hello", by=anna, key="form-1", now=NOW)

    assert first.id == second.id
    assert PostRow.objects.count() == 1


def test_say_on_page_too_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "POSTS_A_MINUTE_EACH", 2)
    monkeypatch.setattr(actions, "POSTS_A_MINUTE", 3)
    anna, ben = (actions.known_customer(name, name=name, now=NOW) for name in ("anna", "ben"))
    for number in range(2):
        actions.say_on_page("hello", by=anna, key=f"{number}", now=NOW)

    assert refusal(actions.say_on_page, "hello", by=anna, key="3", now=NOW) == "too_fast"
    actions.say_on_page("hello", by=ben, key="1", now=NOW)
    assert refusal(actions.say_on_page, "hello", by=ben, key="2", now=NOW) == "too_fast"
    actions.say_on_page("hello", by=ben, key="2", now=NOW + timedelta(minutes=2))


def test_delete_post_only_ones_own() -> None:
    anna, ben = (actions.known_customer(name, name=name, now=NOW) for name in ("anna", "ben"))
    post = actions.say("hello", by=anna, now=NOW)

    assert refusal(actions.delete_post, post.id, by=ben, now=NOW) == "unknown_post"
    actions.delete_post(post.id, by=anna, now=NOW)
    assert refusal(actions.delete_post, post.id, by=anna, now=NOW) == "unknown_post"
    found = DatabaseStore().post(post.id)
    assert found is not None
    assert found.is_deleted
