"""Who is mentioned, who hears what, and which posts are refused."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from luister.practice.core import (
    PRIVATE_LENGTH,
    PUBLIC_LENGTH,
    Draft,
    Person,
    Post,
    RefusedError,
    Thread,
    checked,
    hears,
    mentions,
    private_thread,
    thread_of,
)

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BRAND = Person("a1", "airport", "The Airport", is_brand=True)
ANNA = Person("a2", "anna", "Anna")
BEN = Person("a3", "ben", "Ben")


def post(author: Person, text: str, **values: object) -> Post:
    return replace(Post("9", author, text, AT, Thread("9")), **values)  # type: ignore[arg-type] - fields by name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@airport hello", ("airport",)),
        ("hello @Airport, and @BEN!", ("airport", "ben")),
        ("(@airport) @airport", ("airport",)),
        ("mail me at anna@airport", ()),
        ("@@airport", ()),
        ("@a", ()),
        ("@café_2000", ("caf",)),
        ("", ()),
    ],
)
def test_mentions(text: str, expected: tuple[str, ...]) -> None:
    assert mentions(text) == expected


@pytest.mark.parametrize(
    ("said", "taking_part", "expected"),
    [
        (post(ANNA, "@airport hello"), set(), True),
        (post(ANNA, "hello"), set(), False),
        (post(BEN, "me too"), {"a1"}, True),
        (post(BRAND, "@airport it is us"), {"a1"}, False),
        (post(ANNA, "in private", to=BRAND), set(), True),
        (post(ANNA, "in private, about @airport", to=BEN), {"a1"}, False),
    ],
)
def test_hears(said: Post, taking_part: set[str], expected: bool) -> None:
    assert hears(BRAND, said, taking_part=taking_part) is expected


def test_thread_of_first_post_is_itself() -> None:
    draft = Draft(ANNA, "@airport hello")

    assert thread_of(draft, new_id="12") == Thread("12", "a2", ("airport",))


def test_thread_of_reply_is_that_of_its_parent() -> None:
    parent = post(BEN, "x", thread=Thread("5", "a2", ("airport",)))

    assert thread_of(Draft(ANNA, "y", parent=parent), new_id="12") == parent.thread


def test_private_thread_is_the_same_from_both_sides() -> None:
    assert private_thread(ANNA, BRAND) == private_thread(BRAND, ANNA)
    assert thread_of(Draft(ANNA, "x", to=BRAND), new_id="12") == private_thread(BRAND, ANNA)


@pytest.mark.parametrize(
    "draft",
    [
        Draft(ANNA, "x" * PUBLIC_LENGTH),
        Draft(ANNA, "x" * PRIVATE_LENGTH, to=BRAND),
        Draft(ANNA, "in private", to=BRAND, parent=post(BRAND, "x", to=ANNA)),
        Draft(ANNA, "in private about something public", to=BRAND, parent=post(BEN, "x")),
    ],
)
def test_checked_accepts(draft: Draft) -> None:
    assert checked(draft) == draft


@pytest.mark.parametrize(
    ("draft", "status", "code"),
    [
        (Draft(ANNA, " \n "), 422, "empty_text"),
        (Draft(ANNA, "x" * (PUBLIC_LENGTH + 1)), 422, "text_too_long"),
        (Draft(ANNA, "x" * (PRIVATE_LENGTH + 1), to=BRAND), 422, "text_too_long"),
        (Draft(ANNA, "a\x00b"), 400, "bad_request"),
        (Draft(ANNA, "half a pair \ud83d"), 400, "bad_request"),
        (Draft(ANNA, "x", to=ANNA), 422, "unknown_recipient"),
        (Draft(ANNA, "x", parent=post(BRAND, "y", to=BEN)), 404, "unknown_parent"),
        (Draft(ANNA, "x", parent=post(BEN, "y", is_deleted=True)), 410, "parent_deleted"),
        (Draft(ANNA, "x", parent=post(BRAND, "y", to=ANNA)), 403, "parent_is_private"),
        (Draft(ANNA, "x", to=BEN, parent=post(BRAND, "y", to=ANNA)), 403, "parent_is_private"),
    ],
)
def test_checked_refuses(draft: Draft, status: int, code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        checked(draft)

    assert (caught.value.status, caught.value.code) == (status, code)
