"""What the pages show, in which order, and with how many queries."""

import pytest

from luister.practice import actions, queries
from luister.practice.core import Person, Post
from tests.practice.contract import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def airport() -> Person:
    return actions.open_brand("airport", name="Airport", now=NOW).person


def customer(handle: str) -> Person:
    return actions.known_customer(handle, name=handle.title(), now=NOW)


def say(handle: str, text: str, **values: str) -> Post:
    return actions.say(text, by=customer(handle), now=NOW, **values)


def ids(shown) -> list[str]:
    return [one.post.id for one in shown]


def test_square_newest_first_without_replies_private_and_deleted(airport: Person) -> None:
    first = say("anna", "one")
    say("ben", "reply", parent_id=first.id)
    say("anna", "private", to="airport")
    gone = say("anna", "oops")
    actions.delete_post(gone.id, by=customer("anna"), now=NOW)
    last = say("ben", "two")

    square = queries.square()

    assert ids(square.posts) == [last.id, first.id]
    assert [one.replies for one in square.posts] == [0, 1]
    assert square.before is None
    assert queries.newest_id() == int(last.id)
    assert queries.count_since(int(first.id)) == 1


def test_square_in_parts() -> None:
    said = [say("anna", f"{number}").id for number in range(queries.PAGE + 2)]

    first = queries.square()
    second = queries.square(before=first.before)

    assert ids(first.posts) + ids(second.posts) == said[::-1]
    assert second.before is None
    assert queries.square(before=10**30).posts == first.posts


def test_square_of_one_author_has_replies_too() -> None:
    first = say("anna", "one")
    reply = say("ben", "reply", parent_id=first.id)
    say("ben", "private", to="anna")

    assert ids(queries.square(author=customer("ben")).posts) == [reply.id]


def test_thread_from_any_of_its_posts() -> None:
    first = say("anna", "one")
    second = say("ben", "two", parent_id=first.id)
    third = say("anna", "three", parent_id=second.id)
    say("ben", "elsewhere")

    assert [ids(queries.thread(int(post.id)) or []) for post in (first, second, third)] == [
        [first.id, second.id, third.id]
    ] * 3
    assert ids(queries.thread(int(first.id), after=int(second.id)) or []) == [third.id]


def test_thread_unknown_or_private_is_none(airport: Person) -> None:
    private = say("anna", "private", to="airport")

    assert queries.thread(int(private.id)) is None
    assert queries.thread(10**30) is None


def test_talk_between_two_only(airport: Person) -> None:
    one = say("anna", "one", to="airport")
    say("ben", "other", to="airport")
    say("anna", "public")
    two = say("anna", "two", to="airport")

    assert ids(queries.talk(customer("anna"), airport)) == [one.id, two.id]
    assert ids(queries.talk(airport, customer("anna"), after=int(one.id))) == [two.id]


def test_talks_latest_first(airport: Person) -> None:
    customer("ben")
    say("anna", "one", to="airport")
    say("anna", "two", to="ben")
    last = say("ben", "three", to="anna")

    found = queries.talks(customer("anna"))

    assert [(talk.other.handle, talk.last.text) for talk in found] == [("ben", "three"), ("airport", "one")]
    assert found[0].last == last


def test_latest_customers_active_first_without_brands(airport: Person) -> None:
    customer("anna"), customer("ben")
    actions.say("hello", by=customer("anna"), now=NOW.replace(hour=13))

    assert [person.handle for person in queries.latest_customers()] == ["anna", "ben"]


def test_person_and_customer(airport: Person) -> None:
    anna = customer("anna")

    assert queries.person("ANNA") == anna
    assert queries.person("\x00") is None
    assert queries.customer(anna.id) == anna
    assert queries.customer(airport.id) is None
    assert [queries.customer(wrong) for wrong in (None, "", "x", {}, 10**30)] == [None] * 5


@pytest.mark.parametrize("number", [1, 20])
def test_lists_take_a_fixed_number_of_queries(airport: Person, number: int, django_assert_num_queries) -> None:
    customer("anna")
    for which in range(number):
        first = say(f"customer{which}", "@airport hello")
        say("anna", "me too", parent_id=first.id)
        say(f"customer{which}", "private", to="anna")

    with django_assert_num_queries(3):
        assert len(queries.square().posts) == number
    with django_assert_num_queries(4):
        queries.thread(int(first.id))
    anna = customer("anna")
    with django_assert_num_queries(2):
        assert len(queries.talks(anna)) == number
    with django_assert_num_queries(1):
        queries.latest_customers()
