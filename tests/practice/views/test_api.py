"""The API in Django: the connector talks to it as to the stand-alone server, faults included."""

import json
from dataclasses import replace

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from pytest_django.live_server_helper import LiveServer

from luister.base.connector import Account, Idempotency, OutboundAttachment, OutboundPost
from luister.base.errors import NotSentError, UnknownOutcomeError
from luister.base.posts import Author
from luister.connectors.practice import CONNECTOR
from luister.practice import actions, queries
from luister.practice.enums import Repeats
from luister.practice.faults import FaultPlan
from luister.practice.models import Picture, Post
from luister.practice.pictures import MAX_PICTURE_BYTES
from tests.practice.contract import NOW, PNG


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.LUISTER_PRACTICE = True


@pytest.fixture
def token(db: None) -> str:
    return actions.open_brand("airport", name="Airport", now=NOW).token


def call(client: Client, method: str, path: str, token: str, body: object = None, **headers: str):
    return client.generic(
        method,
        f"/practice/api/{path}",
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", **headers},
    )


def test_api_without_a_token(client: Client, db: None) -> None:
    given = client.get("/practice/api/me")

    assert (given.status_code, given.json()["error"]["code"]) == (401, "invalid_token")


def test_api_off_is_not_there(client: Client, token: str, settings: Settings) -> None:
    settings.LUISTER_PRACTICE = False

    assert call(client, "GET", "me", token).status_code == 404


def test_api_posts_without_a_csrf_token(token: str) -> None:
    client = Client(enforce_csrf_checks=True)

    given = call(client, "POST", "posts", token, {"text": "hello"}, **{"Idempotency-Key": "k1"})

    assert given.status_code == 201
    assert given.json()["post"]["url"] == f"http://testserver/practice/post/{Post.objects.get().pk}/"
    assert Post.objects.get().key == "k1"


def test_api_too_large(client: Client, token: str) -> None:
    assert call(client, "POST", "posts", token, {"text": "x" * 70_000}).status_code == 413


def test_api_polling_takes_few_queries(
    client: Client, token: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        assert call(client, "GET", "events", token).status_code == 200


@pytest.mark.parametrize(
    ("plan", "status", "posts"),
    [
        (FaultPlan(rate_limited=1, retry_after="soon"), 429, 0),
        (FaultPlan(outage=True), 503, 0),
        (FaultPlan(failed=1, seed=1), 500, None),
    ],
)
def test_api_faults(client: Client, token: str, plan: FaultPlan, status: int, posts: int | None) -> None:
    actions.change_faults(plan)

    given = call(client, "POST", "posts", token, {"text": "hello"})

    assert given.status_code == status
    assert given.headers.get("Retry-After") == ("soon" if status == 429 else None)
    if posts is not None:
        assert Post.objects.count() == posts


def account(live_server: LiveServer, token: str, repeats: Repeats = Repeats.KEY) -> Account:
    settings = {"base_url": f"{live_server.url}/practice/api", "idempotency": repeats.value}
    return Account(channel_id=1, handle="airport", settings=settings, secrets={"token": token})


def outbound(**values: object) -> OutboundPost:
    post = OutboundPost(key="k1", text="On its way!", public=True, recipient=Author(""), created_at=NOW)
    return replace(post, **values)  # type: ignore[arg-type]  # fields by name


@pytest.fixture
def _allowed(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "localhost,127.0.0.1")


@pytest.mark.usefixtures("_allowed")
def test_connector_whole_conversation(live_server: LiveServer, transactional_db: None) -> None:
    ours = account(live_server, actions.open_brand("airport", name="Airport", now=NOW).token)
    anna = actions.known_customer("anna", name="Anna", now=NOW)
    asked = actions.say("@airport where is my bag?", by=anna, now=NOW)
    CONNECTOR.check(ours)

    fetched = CONNECTOR.fetch(ours, {})
    (post,) = CONNECTOR.parse(ours, fetched.items[0])
    receipts = [CONNECTOR.send(ours, outbound(parent_external_id=asked.id), deadline_seconds=10) for _ in range(2)]
    private = outbound(key="k2", public=False, recipient=post.author)
    CONNECTOR.send(ours, private, deadline_seconds=10)

    thread = queries.thread(int(asked.id))
    assert thread is not None
    assert (post.external_id, post.addressed, post.author.handle) == (asked.id, True, "anna")
    assert receipts[0] == receipts[1]
    assert [shown.post.text for shown in thread] == ["@airport where is my bag?", "On its way!"]
    assert [talk.last.text for talk in queries.talks(anna)] == ["On its way!"]
    assert CONNECTOR.fetch(ours, fetched.cursor).items == ()


@pytest.mark.usefixtures("_allowed")
def test_connector_sends_the_largest_pictures_once(live_server: LiveServer, transactional_db: None) -> None:
    ours = account(live_server, actions.open_brand("airport", name="Airport", now=NOW).token)
    largest = PNG + bytes(MAX_PICTURE_BYTES - len(PNG))
    files = tuple(OutboundAttachment(f"{number}.png", "image/png", largest) for number in range(4))

    receipts = [CONNECTOR.send(ours, outbound(attachments=files), deadline_seconds=30) for _ in range(2)]

    assert receipts[0] == receipts[1]
    assert [bytes(one.content) == largest for one in Picture.objects.order_by("pk")] == [True] * 4


@pytest.mark.usefixtures("_allowed")
def test_connector_dropped_after_the_work_is_unknown_then_found(
    live_server: LiveServer, transactional_db: None
) -> None:
    token = actions.open_brand("airport", name="Airport", now=NOW, repeats=Repeats.LOOKUP).token
    ours = account(live_server, token, Repeats.LOOKUP)
    actions.change_faults(FaultPlan(dropped_after=1, latency_max_seconds=0.1))

    with pytest.raises(UnknownOutcomeError):
        CONNECTOR.send(ours, outbound(), deadline_seconds=10)
    actions.change_faults(FaultPlan())
    found = CONNECTOR.look_up(ours, outbound())

    assert CONNECTOR.idempotency(ours) is Idempotency.LOOKUP
    assert found is not None
    assert found.external_id == str(Post.objects.get().pk)


@pytest.mark.usefixtures("_allowed")
def test_connector_expired_token(live_server: LiveServer, transactional_db: None) -> None:
    ours = account(live_server, actions.open_brand("airport", name="Airport", now=NOW).token)
    actions.change_brand("airport", repeats=Repeats.KEY, token_expired=True)

    with pytest.raises(NotSentError) as caught:
        CONNECTOR.send(ours, outbound(), deadline_seconds=10)

    assert caught.value.needs_attention
