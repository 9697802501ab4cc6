"""Events become posts: kind, thread, whether they are for us; what cannot be read says so."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luister.base.connector import RawItem
from luister.base.errors import UnprocessableError
from luister.base.posts import Author, InboundPost, Kind
from luister.connectors.practice import CONNECTOR
from tests.connectors.practice.accounts import NOW, account

SITE = "http://127.0.0.1:8000/practice"
ACCOUNT = account(f"{SITE}/api")
ANNA = {"id": "a2", "handle": "anna", "name": "Anna", "url": f"{SITE}/@anna/"}
BEN = {"id": "a3", "handle": "ben", "name": "Ben", "url": f"{SITE}/@ben/"}
US = {"id": "a1", "handle": "brand", "name": "Brand", "url": f"{SITE}/@brand/"}
ANNA_AUTHOR = Author("a2", "Anna", "anna", f"{SITE}/@anna/")
THREAD = {"id": "12", "author_id": "a2", "mentions": ["brand"]}


def event(**values: Any) -> dict[str, Any]:
    post = {
        "id": "12",
        "url": f"{SITE}/post/12/",
        "created_at": "2026-11-21T11:59:58.123Z",
        "visibility": "public",
        "author": ANNA,
        "to": None,
        "text": "@brand where is my bag?",
        "mentions": ["brand"],
        "parent": None,
        "thread": THREAD,
    }
    return {"id": "7", "type": "post", "created_at": "2026-11-21T12:00:00.000Z", "post": {**post, **values}}


def parse(value: object) -> tuple[InboundPost, ...]:
    return parse_bytes(json.dumps(value).encode())


def parse_bytes(content: bytes) -> tuple[InboundPost, ...]:
    return CONNECTOR.parse(ACCOUNT, RawItem("event-7", content, NOW))


def test_parse_post() -> None:
    assert parse(event()) == (
        InboundPost(
            external_id="12",
            kind=Kind.POST,
            public=True,
            author=ANNA_AUTHOR,
            text="@brand where is my bag?",
            posted_at=datetime(2026, 11, 21, 11, 59, 58, 123000, tzinfo=UTC),
            url=f"{SITE}/post/12/",
            thread_external_id="12",
        ),
    )


def test_parse_reply_to_us_is_addressed_without_a_mention() -> None:
    (post,) = parse(
        event(
            id="15",
            text="thanks",
            mentions=[],
            author=BEN,
            thread=THREAD,
            parent={"id": "14", "author_handle": "brand"},
        )
    )

    assert (post.kind, post.references, post.thread_external_id) == (Kind.REPLY, ("14", "12"), "12")
    assert post.addressed


def test_parse_reply_to_another_customer_is_context() -> None:
    (post,) = parse(event(id="15", text="x", mentions=[], author=BEN, parent={"id": "12", "author_handle": "anna"}))

    assert post.references == ("12",)
    assert not post.addressed


def test_parse_customer_who_goes_on_in_their_own_thread_addresses_us() -> None:
    values = {"id": "15", "text": "x", "mentions": [], "parent": {"id": "12", "author_handle": "anna"}}

    (addressed,) = parse(event(**values))
    (context,) = parse(event(**values, thread={**THREAD, "mentions": ["railway"]}))

    assert (addressed.addressed, context.addressed) == (True, False)


def test_parse_private_message() -> None:
    (post,) = parse(
        event(
            visibility="private",
            to=US,
            mentions=[],
            parent={"id": "11", "author_handle": "brand"},
            thread={"id": "private-a1-a2", "author_id": "", "mentions": []},
        )
    )

    assert (post.kind, post.public, post.addressed) == (Kind.MESSAGE, False, True)
    assert (post.references, post.thread_external_id, post.recipients) == (("11",), "private-a1-a2", ())


def test_parse_echo_is_ours() -> None:
    told = {**event(author=US, text="hello", mentions=[]), "type": "echo", "key": "k1"}
    (post,) = parse(told)

    assert (post.ours, post.addressed, post.echo_key) == (True, False, "k1")


def test_parse_private_echo_keeps_its_recipient() -> None:
    (post,) = parse({**event(author=US, visibility="private", to=ANNA), "type": "echo", "key": "k1"})

    assert post.recipients == (ANNA_AUTHOR,)


@pytest.mark.parametrize("kind", ["deleted", "edited", "", "POST", None, 5, ["post"]])
def test_parse_other_kind_of_event_makes_no_post(kind: object) -> None:
    assert parse({"id": "8", "type": kind, "post_id": "12"}) == ()


def test_parse_extra_fields_do_not_matter() -> None:
    assert parse({**event(extra=1), "more": []}) == parse(event())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"12",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"type": "post"}',
        b'{"type": "post", "post": null}',
        *(
            json.dumps(event(**{name: value})).encode()
            for name, value in [
                ("id", 12),
                ("id", None),
                ("text", None),
                ("text", "a\x00b"),
                ("text", "\ud83d"),
                ("author", "anna"),
                ("author", {}),
                ("author", {**ANNA, "name": 3}),
                ("created_at", "yesterday"),
                ("created_at", None),
                ("thread", None),
                ("parent", "11"),
                ("url", None),
            ]
        ),
    ],
)
def test_parse_unreadable(content: bytes) -> None:
    with pytest.raises(UnprocessableError) as caught:
        parse_bytes(content)

    assert caught.value.reason.code == "practice.unreadable"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(event()["post"])), JSON)
def test_parse_any_value_in_any_field_parses_or_is_unprocessable(name: str, value: object) -> None:
    try:
        posts = parse(event(**{name: value}))
    except UnprocessableError:
        return

    for post in posts:
        assert isinstance(post.text, str)
        assert post.posted_at.tzinfo is not None


@given(st.binary(max_size=60))
def test_parse_any_bytes_parse_or_are_unprocessable(content: bytes) -> None:
    with contextlib.suppress(UnprocessableError):
        parse_bytes(content)
