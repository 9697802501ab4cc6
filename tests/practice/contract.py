"""What every store of the practice network must do, as tests; each store's test module inherits them."""

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from luister.base.connector import Idempotency
from luister.practice.api import Request, Response, answer
from luister.practice.core import Draft, Event, EventKind, Person, Post, Store, checked
from luister.practice.faults import Decision, Fault
from luister.practice.pictures import MAX_PICTURE_BYTES

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SITE = "http://127.0.0.1:8000/practice"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 "


def with_pictures(*contents: bytes, text: str = "Look:") -> bytes:
    """Return the body of a post with these pictures."""
    pictures = [
        {"name": f"p{number}.png", "content": base64.b64encode(one).decode()} for number, one in enumerate(contents)
    ]
    return json.dumps({"text": text, "pictures": pictures}).encode()


class World:
    """A store with one brand, whose class and token can be set, and customers that can be played."""

    store: Store
    set_brand: Callable[..., Person]  # handle, token=, idempotency=, expired=
    customer: Callable[[str], Person]
    delete: Callable[[str], None]

    def say(self, author: str, text: str, *, to: str = "", parent: Post | None = None, at: datetime = NOW) -> Post:
        """Write as a customer."""
        recipient = self.store.person(to) if to else None
        draft = Draft(self.customer(author), text, to=recipient, parent=parent)
        return self.store.publish(checked(draft), now=at)

    def call(
        self, method: str, path: str, *, body: bytes | None = None, fault: Fault = Fault.NONE, **values: Any
    ) -> Response:
        """Call the API as the brand; a dropped answer is status 0."""
        token, now = values.pop("token", "t1"), values.pop("now", NOW)
        delay = values.pop("listing_delay", timedelta(0))
        request = Request(method, path, SITE, token=token, body=body or b"", **values)
        given = answer(request, self.store, decision=Decision(fault, retry_after="30"), now=now, listing_delay=delay)
        return given or Response(0, {})

    def heard(self, brand: Person) -> list[tuple[EventKind, str]]:
        """Return what a brand was told."""
        return [(event.kind, event.post.id) for event in self.events(brand)]

    def events(self, brand: Person) -> list[Event]:
        """Return all of a brand's events."""
        return list(self.store.events(brand, after=0, limit=1000))


class StoreContract:
    """Needs a fixture `world`, and a `shared_world` that several threads may use."""

    def test_brand_unknown_token_is_none(self, world: World) -> None:
        world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)

        assert world.store.brand("t2") is None
        assert world.store.brand("") is None

    def test_person_by_id_and_handle(self, world: World) -> None:
        anna = world.customer("anna")

        assert world.store.person("anna") == world.store.person("@Anna") == world.store.person(anna.id) == anna
        assert world.store.person("nobody") is None
        assert world.store.person("999999") is None

    @pytest.mark.parametrize("post_id", ["999", "", "x", "-1", "9" * 40, "٣"])
    def test_post_unknown_is_none(self, world: World, post_id: str) -> None:
        assert world.store.post(post_id) is None

    def test_publish_reply_joins_the_thread(self, world: World) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        first = world.say("anna", "@airport where is my bag?")
        second = world.say("ben", "mine is gone too", parent=first)

        found = world.store.post(second.id)

        assert found == second
        assert found is not None
        assert (found.parent_id, found.parent_author_handle, found.thread) == (first.id, "anna", first.thread)
        assert first.thread.mentions == ("airport",)
        assert first.thread.author_id == world.customer("anna").id
        assert world.heard(brand) == [(EventKind.POST, first.id), (EventKind.POST, second.id)]

    def test_publish_elsewhere_is_not_heard(self, world: World) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        other = world.set_brand("railway", token="t2", idempotency=Idempotency.KEY)
        first = world.say("anna", "nice weather")
        world.say("ben", "indeed", parent=first)
        world.say("anna", "secret", to="ben")
        second = world.say("anna", "secret", to="railway")

        assert world.heard(brand) == []
        assert world.heard(other) == [(EventKind.POST, second.id)]

    def test_publish_brand_that_answered_takes_part(self, world: World) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        first = world.say("anna", "nice weather")
        world.store.publish(Draft(brand, "isn't it?", parent=first), now=NOW)
        third = world.say("ben", "no", parent=first)

        assert world.heard(brand) == [(EventKind.POST, third.id)]

    def test_publish_private_stays_between_two(self, world: World) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        first = world.say("anna", "my number is 12", to="airport")
        answered = world.store.publish(Draft(brand, "thanks", to=world.customer("anna"), parent=first), now=NOW)

        assert first.thread == answered.thread
        assert answered.to == world.customer("anna")
        assert world.heard(brand) == [(EventKind.POST, first.id)]

    def test_delete_is_told(self, world: World) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        first = world.say("anna", "@airport hello")
        world.delete(first.id)

        found = world.store.post(first.id)

        assert found is not None
        assert found.is_deleted
        assert world.heard(brand) == [(EventKind.POST, first.id), (EventKind.DELETED, first.id)]
        told = world.call("GET", "/events").body["events"]
        assert [(event["type"], event["post_id"]) for event in told] == [("deleted", first.id)] * 2

    def test_events_go_on_after_the_cursor(self, world: World) -> None:
        world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        said = [world.say("anna", f"@airport {number}") for number in range(5)]

        first = world.call("GET", "/events", query={"limit": "3"}).body
        second = world.call("GET", "/events", query={"limit": "3", "after": first["cursor"]}).body
        third = world.call("GET", "/events", query={"limit": "3", "after": second["cursor"]}).body

        assert [event["post"]["id"] for event in first["events"]] == [post.id for post in said[:3]]
        assert [event["post"]["id"] for event in second["events"]] == [post.id for post in said[3:]]
        assert (first["more"], second["more"]) == (True, False)
        assert third == {"events": [], "cursor": second["cursor"], "more": False}

    @pytest.mark.parametrize(
        ("idempotency", "posts"),
        [
            (Idempotency.KEY, 1),
            (Idempotency.LOOKUP, 2),
            (Idempotency.ECHO, 2),
            (Idempotency.HUMAN, 2),
        ],
    )
    def test_create_twice_with_one_key(self, world: World, idempotency: Idempotency, posts: int) -> None:
        world.set_brand("airport", token="t1", idempotency=idempotency)
        answers = [world.call("POST", "/posts", body=b'{"text": "hello"}', key="k1") for _ in range(2)]

        assert [given.status for given in answers] == [201, 201]
        assert len({given.body["post"]["id"] for given in answers}) == posts

    def test_create_with_one_key_at_once_posts_once(self, shared_world: World) -> None:
        world = shared_world
        world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        with ThreadPoolExecutor(4) as pool:
            answers = list(
                pool.map(lambda _: world.call("POST", "/posts", body=b'{"text": "hello"}', key="k1"), range(12))
            )

        assert {given.status for given in answers} == {201}
        assert len({given.body["post"]["id"] for given in answers}) == 1

    def test_create_with_the_key_of_another_brand_is_its_own(self, world: World) -> None:
        world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        world.set_brand("railway", token="t2", idempotency=Idempotency.KEY)
        one = world.call("POST", "/posts", body=b'{"text": "hello"}', key="k1")
        other = world.call("POST", "/posts", body=b'{"text": "hello"}', key="k1", token="t2")

        assert one.body["post"]["id"] != other.body["post"]["id"]

    def test_create_again_overwrites(self, world: World) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.OVERWRITE)
        first = world.call("PUT", "/posts/by-key/k1", body=b'{"text": "hello"}').body["post"]
        second = world.call("PUT", "/posts/by-key/k1", body=b'{"text": "hello again"}').body["post"]

        assert second == {**first, "text": "hello again"}
        assert [post.text for post in world.store.own_posts(brand, before=None, limit=9)] == ["hello again"]

    def test_echo_gives_back_the_key(self, world: World) -> None:
        world.set_brand("airport", token="t1", idempotency=Idempotency.ECHO)
        posted = world.call("POST", "/posts", body=b'{"text": "hello"}', key="k1").body["post"]

        (event,) = world.call("GET", "/events").body["events"]

        assert (event["type"], event["key"], event["post"]) == ("echo", "k1", posted)

    @pytest.mark.parametrize("idempotency", [Idempotency.KEY, Idempotency.LOOKUP, Idempotency.HUMAN])
    def test_echo_in_other_classes_there_is_none(self, world: World, idempotency: Idempotency) -> None:
        world.set_brand("airport", token="t1", idempotency=idempotency)
        world.call("POST", "/posts", body=b'{"text": "hello"}', key="k1")

        assert world.call("GET", "/events").body["events"] == []

    def test_own_posts_newest_first_in_parts(self, world: World) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.LOOKUP)
        posted = [
            world.call("POST", "/posts", body=b'{"text": "%d"}' % number).body["post"]["id"] for number in range(5)
        ]
        world.delete(posted[4])

        first = world.call("GET", "/posts", query={"limit": "3"}).body
        second = world.call("GET", "/posts", query={"limit": "3", "before": first["before"]}).body

        assert [post["id"] for post in first["posts"]] == posted[3:0:-1]
        assert [post["id"] for post in second["posts"]] == posted[:1]
        assert (first["more"], second["more"], second["before"]) == (True, False, "")
        assert len(world.store.own_posts(brand, before=None, limit=2)) == 2

    def test_own_posts_after_the_listing_delay(self, world: World) -> None:
        world.set_brand("airport", token="t1", idempotency=Idempotency.LOOKUP)
        world.call("POST", "/posts", body=b'{"text": "hello"}')
        delay = timedelta(seconds=5)

        soon = world.call("GET", "/posts", now=NOW + timedelta(seconds=4), listing_delay=delay)
        later = world.call("GET", "/posts", now=NOW + timedelta(seconds=5), listing_delay=delay)

        assert (len(soon.body["posts"]), len(later.body["posts"])) == (0, 1)

    @pytest.mark.parametrize(
        ("fault", "status", "posts"),
        [
            (Fault.NONE, 201, 1),
            (Fault.OUTAGE, 503, 0),
            (Fault.RATE_LIMITED, 429, 0),
            (Fault.FAILED_BEFORE, 500, 0),
            (Fault.FAILED_AFTER, 500, 1),
            (Fault.DROPPED_BEFORE, 0, 0),
            (Fault.DROPPED_AFTER, 0, 1),
        ],
    )
    def test_faults_do_the_work_or_not(self, world: World, fault: Fault, status: int, posts: int) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        given = world.call("POST", "/posts", body=b'{"text": "hello"}', key="k1", fault=fault)

        assert given.status == status
        assert len(world.store.own_posts(brand, before=None, limit=9)) == posts
        assert given.headers == ({"Retry-After": "30"} if fault is Fault.RATE_LIMITED else {})

    @pytest.mark.parametrize(
        ("method", "path", "idempotency"),
        [
            ("GET", "/posts", Idempotency.KEY),
            ("GET", "/posts", Idempotency.HUMAN),
            ("GET", "/posts", Idempotency.ECHO),
            ("GET", "/posts", Idempotency.OVERWRITE),
            ("POST", "/posts", Idempotency.OVERWRITE),
            ("PUT", "/posts/by-key/k1", Idempotency.KEY),
            ("DELETE", "/posts", Idempotency.KEY),
            ("GET", "/", Idempotency.KEY),
            ("GET", "/me/more", Idempotency.KEY),
        ],
    )
    def test_path_that_the_class_does_not_have(
        self, world: World, method: str, path: str, idempotency: Idempotency
    ) -> None:
        world.set_brand("airport", token="t1", idempotency=idempotency)
        given = world.call(method, path, body=b'{"text": "hello"}')

        assert (given.status, given.body["error"]["code"]) == (404, "unknown_path")

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"", 400, "bad_request"),
            (b"[]", 400, "bad_request"),
            (b'"text"', 400, "bad_request"),
            (b"\xff", 400, "bad_request"),
            (b"[" * 60_000, 400, "bad_request"),
            (b"{}", 422, "empty_text"),
            (b'{"text": 5}', 400, "bad_request"),
            (b'{"text": "a\\u0000b"}', 400, "bad_request"),
            (b'{"text": "\\ud83d"}', 400, "bad_request"),
            (b'{"text": "x", "parent_id": "999999"}', 404, "unknown_parent"),
            (b'{"text": "x", "parent_id": {}}', 400, "bad_request"),
            (b'{"text": "x", "parent_id": 3}', 400, "bad_request"),
            (b'{"text": "x", "to": "nobody"}', 404, "unknown_recipient"),
            (b'{"text": "x", "to": "airport"}', 422, "unknown_recipient"),
            (b'{"text": "' + b"x" * 501 + b'"}', 422, "text_too_long"),
            (b'{"text": "' + b"x" * 70_000 + b'"}', 413, "too_large"),
            (b'{"text": "x", "pictures": 5}', 400, "bad_request"),
            (b'{"text": "x", "pictures": ["a"]}', 400, "bad_request"),
            (b'{"text": "x", "pictures": [{"name": "a.png"}]}', 400, "bad_request"),
            (b'{"text": "x", "pictures": [{"name": "a.png", "content": "***"}]}', 400, "bad_request"),
            (b'{"text": "x", "pictures": [{"name": 1, "content": ""}]}', 400, "bad_request"),
            (with_pictures(PNG, text=""), 422, "empty_text"),
            (with_pictures(b"<svg></svg>"), 415, "not_a_picture"),
            (with_pictures(PNG, b""), 415, "not_a_picture"),
            (with_pictures(*[PNG] * 5), 422, "too_many_pictures"),
        ],
    )
    def test_create_refuses(self, world: World, body: bytes, status: int, code: str) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        given = world.call("POST", "/posts", body=body)

        assert (given.status, given.body["error"]["code"]) == (status, code)
        assert world.store.own_posts(brand, before=None, limit=9) == []

    def test_create_refuses_a_picture_or_a_request_that_is_too_large(self, world: World) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        large = PNG + bytes(MAX_PICTURE_BYTES)
        given = [world.call("POST", "/posts", body=with_pictures(*[large] * number)) for number in (1, 5)]

        assert [one.body["error"]["code"] for one in given] == ["picture_too_large", "too_large"]
        assert [one.status for one in given] == [413, 413]
        assert world.store.own_posts(brand, before=None, limit=9) == []

    def test_create_takes_pictures_by_what_they_hold(self, world: World) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
        body = with_pictures(PNG, b"\xff\xd8\xff\xe0", b"GIF89a", WEBP)
        given = [world.call("POST", "/posts", body=body, key="k1") for _ in range(2)]

        (post,) = world.store.own_posts(brand, before=None, limit=9)
        kinds = ["image/png", "image/jpeg", "image/gif", "image/webp"]
        assert given[0].status == 201
        assert given[0].body == given[1].body
        assert [(one.name, one.content_type) for one in post.pictures] == [
            (f"p{number}.png", kind) for number, kind in enumerate(kinds)
        ]
        assert given[0].body["post"]["pictures"][0] == {"name": "p0.png", "content_type": "image/png"}

    def test_overwrite_replaces_pictures(self, world: World) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.OVERWRITE)
        for contents in ((PNG, PNG), (WEBP,)):
            world.call("PUT", "/posts/by-key/k1", body=with_pictures(*contents))

        (post,) = world.store.own_posts(brand, before=None, limit=9)
        assert [one.content_type for one in post.pictures] == ["image/webp"]

    def test_token_unknown_or_expired(self, world: World) -> None:
        world.set_brand("airport", token="t1", idempotency=Idempotency.KEY, expired=True)

        codes = [world.call("GET", "/me", token=token).body["error"]["code"] for token in ("", "t0", "t1")]

        assert codes == ["invalid_token", "invalid_token", "expired_token"]

    def test_me(self, world: World) -> None:
        brand = world.set_brand("airport", token="t1", idempotency=Idempotency.LOOKUP)

        assert world.call("GET", "/me").body == {
            "id": brand.id,
            "handle": "airport",
            "name": brand.name,
            "url": f"{SITE}/@airport/",
            "may_post": True,
            "idempotency": "lookup",
            "limits": {"public_length": 500, "private_length": 5000, "pictures": 4, "picture_bytes": 5 * 1024 * 1024},
        }

    @pytest.mark.parametrize("query", [{"after": "x"}, {"after": "-1"}, {"limit": "1e9"}, {"after": "9" * 30}])
    def test_events_with_a_wrong_number(self, world: World, query: dict[str, str]) -> None:
        world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)

        assert world.call("GET", "/events", query=query).status == 400
