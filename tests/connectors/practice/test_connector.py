"""The connector against the real practice network, in each of its classes."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from luister.base.connector import Account, Idempotency, OutboundAttachment, OutboundPost, RawItem
from luister.base.errors import ConnectorError, NotSentError, UnknownOutcomeError
from luister.base.posts import Author
from luister.connectors.practice import CONNECTOR, PracticeConnector
from luister.practice.faults import FaultPlan
from luister.practice.pictures import MAX_PICTURE_BYTES, MOST_PICTURES
from luister.practice.server import HANDLE, PracticeServer
from tests.connectors.practice.accounts import NOW, account, outbound
from tests.practice.contract import PNG


@pytest.fixture(autouse=True)
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")


@contextmanager
def network(
    idempotency: Idempotency = Idempotency.KEY, plan: FaultPlan | None = None
) -> Iterator[tuple[PracticeServer, Account]]:
    with PracticeServer(idempotency=idempotency, plan=plan) as server:
        yield server, account(server.base_url, idempotency=idempotency)


def fetch_all(account: Account) -> list[RawItem]:
    items: list[RawItem] = []
    cursor: dict[str, Any] = {}
    while True:
        fetched = CONNECTOR.fetch(account, cursor)
        items += fetched.items
        cursor = dict(fetched.cursor)
        if not fetched.more:
            return items


def now_posted(server: PracticeServer, post: OutboundPost) -> OutboundPost:
    """Return the post as if it was written when the server delivered the first."""
    first = server.store.post(server.store.deliveries[0].post_id)
    assert first is not None
    return replace(post, created_at=first.created_at)


def test_check_right_token() -> None:
    with network() as (_, ours):
        CONNECTOR.check(ours)
        CONNECTOR.check(replace(ours, handle=" @Brand"))


def test_check_wrong_token_or_account_or_address() -> None:
    with network() as (server, ours):
        wrong = [
            replace(ours, secrets={"token": "other"}),
            replace(ours, secrets={}),
            replace(ours, handle="railway"),
            replace(ours, settings={**ours.settings, "base_url": server.site_url}),
            replace(ours, settings={**ours.settings, "base_url": "http://localhost:8080"}),
        ]
        codes = []
        for one in wrong:
            with pytest.raises(ConnectorError) as caught:
                CONNECTOR.check(one)
            codes.append((caught.value.reason.code, caught.value.needs_attention))

    assert codes == [
        ("practice.token_refused", True),
        ("practice.token_refused", True),
        ("practice.other_account", True),
        ("practice.unknown_path", True),
        ("http.blocked_address", True),
    ]


@pytest.mark.parametrize(
    ("plan", "code", "retry_after"),
    [
        (FaultPlan(rate_limited=1, retry_after="40"), "practice.rate_limited", timedelta(seconds=40)),
        (FaultPlan(failed=1), "practice.network_failed", None),
        (FaultPlan(outage=True), "practice.network_failed", None),
        (FaultPlan(dropped_before=1), "http.no_answer", None),
    ],
)
def test_fetch_faults(plan: FaultPlan, code: str, retry_after: timedelta | None) -> None:
    with network(plan=plan) as (_, ours), pytest.raises(ConnectorError) as caught:
        CONNECTOR.fetch(ours, {})

    assert (caught.value.reason.code, caught.value.retry_after) == (code, retry_after)
    assert not caught.value.needs_attention


def test_fetch_reads_everything_once_in_order() -> None:
    with network() as (server, ours):
        said = [server.play(f"@{HANDLE} {number}").id for number in range(230)]
        items = fetch_all(ours)

    assert [CONNECTOR.parse(ours, item)[0].external_id for item in items] == said
    assert len({item.external_key for item in items}) == 230


def test_fetch_goes_on_after_the_cursor() -> None:
    with network() as (server, ours):
        server.play(f"@{HANDLE} one")
        first = CONNECTOR.fetch(ours, {})
        server.play(f"@{HANDLE} two")
        second = CONNECTOR.fetch(ours, first.cursor)
        third = CONNECTOR.fetch(ours, second.cursor)

    assert [len(fetched.items) for fetched in (first, second, third)] == [1, 1, 0]
    assert third.cursor == second.cursor


@pytest.mark.parametrize(
    "answer",
    [{}, {"events": {}, "cursor": "1"}, {"events": [], "cursor": 1}, {"error": {}}, {"events": None, "cursor": "1"}],
)
def test_fetch_answer_not_understood(answer: dict[str, Any]) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))

    with pytest.raises(ConnectorError) as caught:
        PracticeConnector(transport=transport).fetch(account("https://example.org"), {})

    assert caught.value.reason.code == "practice.not_understood"


def test_fetch_strange_events_are_kept_apart() -> None:
    events = [{}, {"id": 5}, {"id": None, "x": 1}, "text", None, {"id": "7"}]
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"events": events, "cursor": "7"}))

    fetched = PracticeConnector(transport=transport).fetch(account("https://example.org"), {})

    assert len({item.external_key for item in fetched.items}) == len(events)


def test_whole_conversation() -> None:
    with network() as (server, ours):
        asked = server.play(f"@{HANDLE} where is my bag?", handle="anna", name="Anna")
        (post,) = CONNECTOR.parse(ours, CONNECTOR.fetch(ours, {}).items[0])
        receipt = CONNECTOR.send(ours, outbound("On its way!", parent_external_id=post.external_id), deadline_seconds=5)
        thanks = server.play("thanks", handle="anna", parent_id=receipt.external_id)
        last = CONNECTOR.parse(ours, fetch_all(ours)[-1])[0]

        answered = server.store.post(receipt.external_id)
        assert answered is not None
        assert (answered.parent_id, answered.text, answered.to) == (asked.id, "On its way!", None)
        assert receipt.url == f"{server.site_url}/post/{receipt.external_id}/"
        assert (last.external_id, last.references) == (thanks.id, (receipt.external_id, asked.id))
        assert last.addressed


def test_private_conversation() -> None:
    with network() as (server, ours):
        asked = server.play("my number is 12", handle="anna", to=HANDLE)
        (post,) = CONNECTOR.parse(ours, CONNECTOR.fetch(ours, {}).items[0])
        reply = outbound("Thanks!", public=False, recipient=post.author, parent_external_id=post.external_id)
        receipt = CONNECTOR.send(ours, reply, deadline_seconds=5)
        answered = server.store.post(receipt.external_id)

    assert answered is not None
    assert answered.to is not None
    assert (answered.to.handle, answered.thread, answered.text) == ("anna", asked.thread, "Thanks!")


@pytest.mark.parametrize(("kind", "posts"), [(Idempotency.KEY, 1), (Idempotency.OVERWRITE, 1), (Idempotency.HUMAN, 2)])
def test_send_again(kind: Idempotency, posts: int) -> None:
    with network(kind) as (server, ours):
        for _ in range(2):
            CONNECTOR.send(ours, outbound(), deadline_seconds=5)

        assert len({delivery.post_id for delivery in server.store.deliveries}) == posts
        assert {delivery.key for delivery in server.store.deliveries} == {"k1"}
        assert CONNECTOR.idempotency(ours) is kind


def test_send_dropped_after_the_work_is_unknown_then_found() -> None:
    with network(Idempotency.LOOKUP, FaultPlan(dropped_after=1)) as (server, ours):
        asked = server.play(f"@{HANDLE} hello")
        post = outbound(parent_external_id=asked.id)
        with pytest.raises(UnknownOutcomeError):
            CONNECTOR.send(ours, post, deadline_seconds=5)
        server.plan = FaultPlan()
        found = CONNECTOR.look_up(ours, now_posted(server, post))

    assert found is not None
    assert found.external_id == server.store.deliveries[0].post_id


def test_send_dropped_before_the_work_is_unknown_and_not_found() -> None:
    with network(Idempotency.LOOKUP, FaultPlan(dropped_before=1)) as (server, ours):
        with pytest.raises(UnknownOutcomeError):
            CONNECTOR.send(ours, outbound(), deadline_seconds=5)
        server.plan = FaultPlan()

        assert CONNECTOR.look_up(ours, outbound()) is None


def test_send_over_the_deadline_is_unknown_although_it_arrives() -> None:
    with network(plan=FaultPlan(latency_min_seconds=1, latency_max_seconds=1)) as (server, ours):
        with pytest.raises(UnknownOutcomeError):
            CONNECTOR.send(ours, outbound(), deadline_seconds=0.3)
        ends_at = time.monotonic() + 5
        while not server.store.deliveries:
            assert time.monotonic() < ends_at
            time.sleep(0.01)


def test_send_refusals_of_the_real_network() -> None:
    with network() as (server, ours):
        public = server.play(f"@{HANDLE} hello", handle="anna")
        private = server.play("hello", handle="anna", to=HANDLE)
        gone = server.play(f"@{HANDLE} oops", handle="anna")
        server.store.delete(gone.id, now=NOW)
        posts = [
            outbound(""),
            outbound("x" * 501),
            outbound(parent_external_id="999"),
            outbound(parent_external_id=gone.id),
            outbound(parent_external_id=private.id),
            outbound(public=False, recipient=Author("a99")),
            outbound(public=False, recipient=public.to or Author("x" * 70_000)),
        ]
        codes = []
        for post in posts:
            with pytest.raises(NotSentError) as caught:
                CONNECTOR.send(ours, post, deadline_seconds=5)
            codes.append(caught.value.reason.code.removeprefix("practice."))
        server.store.expire("practice-token")
        with pytest.raises(NotSentError) as expired:
            CONNECTOR.send(ours, outbound(), deadline_seconds=5)

    assert codes == [
        "empty_text",
        "text_too_long",
        "unknown_parent",
        "parent_deleted",
        "parent_is_private",
        "unknown_recipient",
        "too_large",
    ]
    assert expired.value.needs_attention
    assert server.store.deliveries == []


def pictures(*contents: bytes) -> tuple[OutboundAttachment, ...]:
    return tuple(OutboundAttachment("a.png", "image/png", content) for content in contents)


@pytest.mark.parametrize("idempotency", [Idempotency.KEY, Idempotency.OVERWRITE])
def test_send_pictures_in_public_and_in_private(idempotency: Idempotency) -> None:
    with network(idempotency) as (server, ours):
        anna = server.play(f"@{HANDLE} hello", handle="anna").author
        for post in (outbound(), outbound(), outbound(key="k2", public=False, recipient=Author(anna.id))):
            CONNECTOR.send(ours, replace(post, attachments=pictures(PNG, PNG)), deadline_seconds=5)

    assert {one.picture_bytes for one in server.store.deliveries} == {(len(PNG), len(PNG))}
    assert {one.post_id for one in server.store.deliveries} == {"2", "3"}


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        ([b"<svg/>"], "practice.not_a_picture"),
        ([PNG] * 5, "practice.too_many_pictures"),
        ([PNG + bytes(MAX_PICTURE_BYTES)], "practice.picture_too_large"),
    ],
)
def test_send_pictures_that_the_network_refuses(contents: list[bytes], code: str) -> None:
    with network() as (server, ours), pytest.raises(NotSentError) as caught:
        CONNECTOR.send(ours, outbound(attachments=pictures(*contents)), deadline_seconds=5)

    assert (caught.value.reason.code, caught.value.permanent) == (code, True)
    assert server.store.deliveries == []


def test_look_up_minds_the_pictures() -> None:
    with network(Idempotency.LOOKUP) as (server, ours):
        CONNECTOR.send(ours, outbound(), deadline_seconds=5)
        post = now_posted(server, outbound(attachments=pictures(PNG)))
        before = CONNECTOR.look_up(ours, post)
        receipt = CONNECTOR.send(ours, post, deadline_seconds=5)

        assert (before, CONNECTOR.look_up(ours, post)) == (None, receipt)


def look_up_in(texts: list[str], post: OutboundPost, **values: Any) -> str | None:
    """Return what a look-up finds where these public posts of ours stand, oldest first."""
    with network(Idempotency.LOOKUP) as (server, ours):
        for text in texts:
            CONNECTOR.send(ours, outbound(text), deadline_seconds=5)
        found = CONNECTOR.look_up(ours, replace(now_posted(server, post), **values))
        return found.external_id if found else None


def test_look_up_finds_the_same_text_only() -> None:
    assert look_up_in(["one", "two", "three"], outbound("two")) == "2"
    assert look_up_in(["one", "two", "three"], outbound("tw")) is None
    assert look_up_in(["one", "two", "three"], outbound("Two")) is None


def test_look_up_far_back() -> None:
    assert look_up_in(["wanted", *(str(number) for number in range(210))], outbound("wanted")) == "1"


def test_look_up_passes_over_other_sends_of_ours() -> None:
    assert look_up_in(["same", "same"], outbound("same"), taken=frozenset({"2"})) == "1"
    assert look_up_in(["same", "same"], outbound("same"), taken=frozenset({"1", "2"})) is None


def test_look_up_stops_long_before_the_post_was_written() -> None:
    with network(Idempotency.LOOKUP) as (server, ours):
        for number in range(150):
            CONNECTOR.send(ours, outbound(f"{number}"), deadline_seconds=5)
        seen = len(server.requests)
        late = now_posted(server, outbound("nowhere"))
        CONNECTOR.look_up(ours, replace(late, created_at=late.created_at + timedelta(hours=1)))

        assert len(server.requests) == seen + 1


def test_look_up_place_matters() -> None:
    with network(Idempotency.LOOKUP) as (server, ours):
        first, second = (server.play(f"@{HANDLE} {name}", handle=name) for name in ("anna", "ben"))
        private = outbound("Hello!", public=False, recipient=Author(first.author.id))
        CONNECTOR.send(ours, outbound(parent_external_id=first.id), deadline_seconds=5)
        CONNECTOR.send(ours, private, deadline_seconds=5)

        def found(post: OutboundPost) -> bool:
            return CONNECTOR.look_up(ours, now_posted(server, post)) is not None

        assert found(outbound(parent_external_id=first.id))
        assert not found(outbound(parent_external_id=second.id))
        assert not found(outbound())
        assert found(private)
        assert not found(replace(private, recipient=Author(second.author.id)))


def test_look_up_in_a_class_without_it_says_so() -> None:
    with network(Idempotency.HUMAN) as (_, ours), pytest.raises(ConnectorError) as caught:
        CONNECTOR.look_up(ours, outbound())

    assert caught.value.reason.code == "practice.unknown_path"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"posts": 3, "more": False},
        {"posts": [{}], "more": False},
        {"posts": [{"id": "1"}], "more": False},
        {"posts": [], "more": True, "before": "5"},  # for ever
    ],
)
def test_look_up_answer_not_understood(answer: dict[str, Any]) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))

    with pytest.raises(ConnectorError) as caught:
        PracticeConnector(transport=transport).look_up(account("https://example.org"), outbound())

    assert caught.value.reason.code == "practice.not_understood"


def test_echo_comes_back_with_the_key() -> None:
    with network(Idempotency.ECHO, FaultPlan(dropped_after=1)) as (server, ours):
        with pytest.raises(UnknownOutcomeError):
            CONNECTOR.send(ours, outbound(), deadline_seconds=5)
        server.plan = FaultPlan()
        (echo,) = CONNECTOR.parse(ours, CONNECTOR.fetch(ours, {}).items[0])

    assert (echo.ours, echo.echo_key, echo.external_id) == (True, "k1", server.store.deliveries[0].post_id)


def test_wait_ends_when_stopped_or_after_a_second() -> None:
    stop = threading.Event()
    started = time.monotonic()
    CONNECTOR.wait(account(""), timeout_seconds=0.05, stop=stop)
    CONNECTOR.wait(account(""), timeout_seconds=60, stop=stop)
    stop.set()
    CONNECTOR.wait(account(""), timeout_seconds=60, stop=stop)

    assert 1.0 <= time.monotonic() - started < 10


def test_limits_and_length() -> None:
    ours = account("")

    assert CONNECTOR.limits(ours, public=True).max_length == 500
    assert CONNECTOR.limits(ours, public=False).max_length == 5000
    for public in (True, False):
        limits = CONNECTOR.limits(ours, public=public)
        assert (limits.max_files, limits.max_file_bytes) == (MOST_PICTURES, MAX_PICTURE_BYTES)
        assert {"image/png", "image/jpeg", "image/gif", "image/webp"} == set(limits.file_types)
    assert CONNECTOR.length("één 👍🏽") == 6
    assert CONNECTOR.idempotency(replace(ours, settings={})) is Idempotency.KEY
