"""Payloads: stored once with the cursor, made into posts, or kept in the bin with a reason."""

import json
import random
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from luister.accounts.enums import Role
from luister.base.connector import Fetched, RawItem
from luister.base.errors import UnprocessableError
from luister.base.posts import Author, InboundPost, Kind
from luister.channels.models import Channel
from luister.delivery import actions, parsing, queries
from luister.delivery.actions import intake
from luister.delivery.enums import RawState, SendState
from luister.delivery.models import Cursor
from luister.delivery.models import RawItem as StoredItem
from luister.posts.models import Post
from luister.queue import enqueue
from tests.delivery.helpers import fresh, jobs, new_channel
from tests.factories import NOW, MembershipFactory, OutgoingFactory, RawItemFactory


def item(key, **fields):
    return RawItem(**({"external_key": key, "content": b"{}", "received_at": NOW} | fields))


def inbound(key="m-1", **fields):
    given = {
        "external_id": key,
        "kind": Kind.POST,
        "public": True,
        "author": Author("klant-1", name="Anna"),
        "text": "Waar blijft mijn koffer?",
        "posted_at": NOW,
    }
    return InboundPost(**(given | fields))


@pytest.fixture
def parses(monkeypatch):
    """What a payload is parsed into, by its key; an exception is raised."""
    known = {}

    def parse(kind, account, raw):
        assert account.secrets == {}
        found = known.get(raw.external_key, (inbound(raw.external_key),))
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(parsing, "parse", parse)
    return known


def process(channel, *keys):
    actions.store_fetched(channel.pk, Fetched(tuple(item(key) for key in keys), {"after": keys[-1]}), now=NOW)
    for job in jobs("delivery.process_raw"):
        actions.process_raw(job["raw_ids"], now=NOW)
    return {raw.external_key: raw for raw in StoredItem.objects.all()}


# Storing


def test_store_fetched_keeps_payloads_cursor_and_job_together(channel):
    fetched = Fetched((item("a", content=b"\x00\xff"), item("b", oversized_bytes=60_000_000)), {"after": "2"})

    assert actions.store_fetched(channel.pk, fetched, now=NOW) == 2

    first, second = StoredItem.objects.order_by("id")
    assert (bytes(first.content), first.state, second.oversized_bytes) == (b"\x00\xff", RawState.NEW, 60_000_000)
    assert Cursor.objects.get().value == queries.cursor_of(channel) == {"after": "2"}
    assert jobs("delivery.process_raw") == [{"raw_ids": [first.pk, second.pk]}]
    assert Channel.objects.get().last_read_at == NOW


def test_store_fetched_again_changes_nothing_but_the_cursor(channel):
    actions.store_fetched(channel.pk, Fetched((item("a"), item("b")), {"after": "2"}), now=NOW)

    assert actions.store_fetched(channel.pk, Fetched((item("b"), item("c"), item("c")), {"after": "3"}), now=NOW) == 1

    assert [raw.external_key for raw in StoredItem.objects.order_by("id")] == ["a", "b", "c"]
    assert [len(job["raw_ids"]) for job in jobs("delivery.process_raw")] == [2, 1]


def test_store_pushed_notes_now_and_then_that_something_came(channel, parses):
    for key, seconds, noted in (("a", 0, 0), ("a", 3, 0), ("b", 9, 0), ("c", 11, 11)):
        now = NOW + timedelta(seconds=seconds)
        assert actions.store_pushed(channel.pk, [item(key)], now=now) == (0 if seconds == 3 else 1)
        assert Channel.objects.get().last_read_at == NOW + timedelta(seconds=noted)
    assert len(jobs("delivery.process_raw")) == 3


def test_store_pushed_waits_for_no_other(channel):
    actions.store_pushed(channel.pk, [item("a")], now=NOW)
    statements = CaptureQueriesContext(connection)

    with statements:
        actions.store_pushed(channel.pk, [item("b")], now=NOW)

    assert not [one["sql"] for one in statements if one["sql"].startswith("UPDATE") or "FOR UPDATE" in one["sql"]]


def test_store_fetched_makes_jobs_of_a_hundred(channel):
    actions.store_fetched(channel.pk, Fetched(tuple(item(f"i-{n}") for n in range(205)), {}), now=NOW)

    assert [len(job["raw_ids"]) for job in jobs("delivery.process_raw")] == [100, 100, 5]


def test_store_fetched_gives_large_payloads_jobs_of_their_own(channel):
    sizes = (1_500_000, 1_500_000, 1_500_000, 9_000_000, 10)
    items = tuple(item(f"i-{n}", content=b"x" * size) for n, size in enumerate(sizes))
    actions.store_fetched(channel.pk, Fetched(items, {}), now=NOW)

    assert [len(job["raw_ids"]) for job in jobs("delivery.process_raw")] == [2, 1, 1, 1]


def test_same_key_on_two_channels_is_two_payloads(channel):
    other = new_channel(workspace=channel.workspace)

    for one in (channel, other):
        assert actions.store_fetched(one.pk, Fetched((item("a"),), {}), now=NOW) == 1


# Processing


def test_process_raw_stores_posts_and_defers_the_pipeline(channel, parses):
    parses["a"] = (inbound("m-1"), inbound("m-2"))

    raw = process(channel, "a")["a"]

    posts = list(Post.objects.order_by("id"))
    assert [post.external_id for post in posts] == ["m-1", "m-2"]
    assert (raw.state, raw.processed_at) == (RawState.PROCESSED, NOW)
    assert jobs("pipeline.run_all") == [{"post_ids": [post.pk for post in posts]}]


def test_process_raw_stores_many_payloads_in_as_many_statements_as_one(channel, django_assert_max_num_queries):
    keys = [f"i-{n}" for n in range(50)]
    other = new_channel(workspace=channel.workspace)
    one, fifty = (actions.store_fetched(whose.pk, Fetched(tuple(map(item, some)), {}), now=NOW)
                  for whose, some in ((other, ["first"]), (channel, keys)))  # fmt: skip
    small, large = jobs("delivery.process_raw")
    parses = {key: (inbound(key, author=Author(f"klant-{key}")),) for key in ["first", *keys]}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "parse", lambda kind, account, raw: parses[raw.external_key])
        with CaptureQueriesContext(connection) as few:
            actions.process_raw(small["raw_ids"], now=NOW)
        with django_assert_max_num_queries(len(few)):
            actions.process_raw(large["raw_ids"], now=NOW)

    assert (one, fifty, Post.objects.count()) == (1, 50, 51)


def test_process_raw_takes_along_what_came_one_by_one_meanwhile(channel, parses):
    for key in ("a", "b", "c"):
        actions.store_fetched(channel.pk, Fetched((item(key),), {}), now=NOW)
    first, *others = jobs("delivery.process_raw")
    elsewhere = RawItemFactory(channel=channel, workspace=channel.workspace, state=RawState.PROCESSED)
    enqueue("delivery.process_raw", raw_ids=[*first["raw_ids"], elsewhere.pk])

    actions.process_raw(first["raw_ids"], now=NOW)

    assert [post.external_id for post in Post.objects.order_by("id")] == ["a", "b", "c"]
    assert [len(job["post_ids"]) for job in jobs("pipeline.run_all")] == [3]
    assert jobs("delivery.process_raw") == [{"raw_ids": [*first["raw_ids"], elsewhere.pk]}]
    for job in others:
        actions.process_raw(job["raw_ids"], now=NOW)
    assert Post.objects.count() == 3


def test_process_raw_takes_along_no_more_than_a_job_has_nor_of_other_channels(channel, parses, monkeypatch):
    monkeypatch.setattr(intake, "BATCH_BYTES", 10)
    other = new_channel(workspace=channel.workspace)
    for key, size, whose in (("a", 4, channel), ("b", 4, other), ("c", 4, channel), ("d", 4, channel)):
        actions.store_fetched(whose.pk, Fetched((item(key, content=b"x" * size),), {}), now=NOW)
    first = jobs("delivery.process_raw")[0]

    actions.process_raw(first["raw_ids"], now=NOW)

    assert set(Post.objects.values_list("external_id", flat=True)) == {"a", "c"}


def test_process_raw_takes_nothing_along_that_came_before(channel, parses):
    """It has a job of its own, over which workers may have died."""
    RawItemFactory(channel=channel, workspace=channel.workspace)

    process(channel, "a")

    assert list(Post.objects.values_list("external_id", flat=True)) == ["a"]


def test_process_raw_keeps_the_order_in_which_posts_came(channel, parses):
    parses["b"] = (inbound("ours", ours=True),)

    process(channel, "a", "b", "c")

    assert list(Post.objects.order_by("id").values_list("external_id", flat=True)) == ["a", "ours", "c"]


def test_process_raw_takes_an_answer_into_the_thread_of_the_post_beside_it(channel, parses):
    parses["b"] = (inbound("b", references=("a",)),)

    process(channel, "a", "b")

    first, answer = Post.objects.order_by("id")
    assert (answer.parent, answer.thread_external_id) == (first, "a")


def test_process_raw_tells_two_mails_of_one_id_apart(channel, parses):
    for key, text in (("a", "Waar is mijn koffer?"), ("b", "Iets heel anders.")):
        parses[key] = (inbound("<1@x>", kind=Kind.MAIL, public=False, text=text),)

    process(channel, "a", "b")

    assert {post.text for post in Post.objects.all()} == {"Waar is mijn koffer?", "Iets heel anders."}


def test_process_raw_calls_people_what_they_call_themselves_now(channel, parses):
    process(channel, "a")
    parses["b"] = (inbound("b", author=Author("klant-1", name="Anna Bos")),)

    process(channel, "b")

    assert str(Post.objects.get(external_id="b").author) == "Anna Bos"


def test_process_raw_of_a_post_that_cannot_be_stored_takes_no_other_along(channel, parses, monkeypatch):
    real = intake.record

    def record(post, **rest):
        if post.external_id == "b":
            raise ValueError("cannot be stored")
        return real(post, **rest)

    def record_all(posts, **rest):
        raise ValueError("cannot be stored")

    monkeypatch.setattr(intake, "record", record)
    monkeypatch.setattr(intake, "record_all", record_all)

    raws = process(channel, "a", "b", "c")

    assert [raws[key].state for key in "abc"] == [RawState.PROCESSED, RawState.UNPROCESSABLE, RawState.PROCESSED]
    assert list(Post.objects.order_by("id").values_list("external_id", flat=True)) == ["a", "c"]
    assert len(jobs("pipeline.run")) == 2


def test_process_raw_gives_others_their_turn_after_a_payload_that_took_too_long(channel, parses):
    parses["b"] = UnprocessableError(parsing.TOO_SLOW, seconds="10")

    actions.store_fetched(channel.pk, Fetched(tuple(map(item, "abcd")), {}), now=NOW)
    (job,) = jobs("delivery.process_raw")
    actions.process_raw(job["raw_ids"], now=NOW)

    states = dict(StoredItem.objects.values_list("external_key", "state"))
    assert states == {"a": "processed", "b": "unprocessable", "c": "new", "d": "new"}
    assert jobs("delivery.process_raw")[-1] == {"raw_ids": job["raw_ids"][2:]}


def test_process_raw_of_a_known_post_changes_nothing(channel, parses):
    parses["a"] = parses["b"] = (inbound("m-1"),)

    raws = process(channel, "a", "b")

    assert {raw.state for raw in raws.values()} == {RawState.PROCESSED}
    assert Post.objects.count() == len(jobs("pipeline.run_all")) == 1


def test_process_raw_twice_does_the_work_once(channel, parses):
    raw = process(channel, "a")["a"]

    actions.process_raw([raw.pk], now=NOW + timedelta(hours=1))

    raw.refresh_from_db()
    assert raw.processed_at == NOW


def test_process_raw_puts_what_cannot_be_read_into_the_bin_and_goes_on(channel, parses):
    parses["b"] = UnprocessableError("mail.no_text", part="2")

    raws = process(channel, "a", "b", "c")

    assert [raws[key].state for key in "abc"] == [RawState.PROCESSED, RawState.UNPROCESSABLE, RawState.PROCESSED]
    assert (raws["b"].reason_code, raws["b"].reason_values) == ("mail.no_text", {"part": "2"})


def test_process_raw_stores_all_posts_of_a_payload_or_none(channel, parses, monkeypatch):
    parses["a"] = (inbound("m-1"), inbound("m-2", ours=True))  # ours are stored one by one
    real = intake.record

    def record(post, **rest):
        if post.external_id == "m-2":
            raise ValueError("cannot be stored")
        return real(post, **rest)

    monkeypatch.setattr(intake, "record", record)

    raw = process(channel, "a")["a"]

    assert (raw.state, raw.reason_code, raw.reason_values) == (
        RawState.UNPROCESSABLE,
        "raw.not_stored",
        {"error": "ValueError"},
    )
    assert not Post.objects.exists()
    assert jobs("pipeline.run") == []


def test_process_raw_without_database_leaves_the_payload_for_the_next_try(channel, parses, monkeypatch):
    raw = RawItemFactory(channel=channel, workspace=channel.workspace)

    def away(*_, **__):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(intake, "record", away)
    monkeypatch.setattr(intake, "record_all", away)
    with pytest.raises(OperationalError):
        actions.process_raw([raw.pk], now=NOW)

    raw.refresh_from_db()
    assert raw.state == RawState.NEW


def test_process_raw_settles_the_send_that_a_post_is_the_echo_of(channel, parses):
    outgoing = OutgoingFactory(workspace=channel.workspace, channel=channel, state=SendState.UNKNOWN, asked_at=NOW)
    parses["a"] = (inbound("x-1", ours=True, echo_key=str(outgoing.key)),)

    process(channel, "a")

    assert fresh(outgoing).state == SendState.SENT
    assert Post.objects.get().external_id == "x-1"
    assert jobs("pipeline.run") == [{"post_id": Post.objects.get().pk}]


def test_process_forgotten_defers_what_waits_for_minutes(channel):
    RawItemFactory(channel=channel, workspace=channel.workspace, received_at=NOW - timedelta(minutes=1))
    old = RawItemFactory(channel=channel, workspace=channel.workspace, received_at=NOW - timedelta(minutes=3))

    assert actions.process_forgotten(now=NOW) == 1
    assert jobs("delivery.process_raw") == [{"raw_ids": [old.pk]}]


# The bin


@pytest.fixture
def binned(channel):
    return RawItemFactory(
        channel=channel, workspace=channel.workspace, state=RawState.UNPROCESSABLE, reason_code="raw.crashed"
    )


def test_bin_is_for_administrators_of_the_workspace(binned):
    administrator = MembershipFactory(workspace=binned.workspace, role=Role.ADMINISTRATOR)
    agent, stranger = MembershipFactory(workspace=binned.workspace), MembershipFactory(role=Role.ADMINISTRATOR)

    assert queries.unprocessable(administrator) == [binned]
    assert queries.raw_item(binned.pk, by=administrator) == binned
    for other in (agent, stranger):
        assert queries.unprocessable(other) == []
        assert queries.raw_item(binned.pk, by=other) is None
        assert not actions.reprocess(binned.pk, by=other, now=NOW)
        assert not actions.discard(binned.pk, by=other, now=NOW)


def test_reprocess_takes_a_payload_in_after_all_and_sends_nothing(binned, parses):
    administrator = MembershipFactory(workspace=binned.workspace, role=Role.ADMINISTRATOR)

    assert actions.reprocess(binned.pk, by=administrator, now=NOW)
    assert not actions.reprocess(binned.pk, by=administrator, now=NOW)
    actions.process_raw([binned.pk], now=NOW)

    binned.refresh_from_db()
    assert (binned.state, binned.reason_code) == (RawState.PROCESSED, "")
    assert Post.objects.count() == 1
    assert jobs("delivery.send") == []


def test_discard_empties_the_bin(binned):
    administrator = MembershipFactory(workspace=binned.workspace, role=Role.ADMINISTRATOR)

    assert actions.discard(binned.pk, by=administrator, now=NOW)

    assert queries.unprocessable(administrator) == []


# Many at once


@pytest.mark.sql
@pytest.mark.django_db(transaction=True)
def test_events_that_come_several_times_in_any_order_are_stored_once(channel, parses):
    """Each of 500 events up to four times, over two readers and two workers."""
    dice = random.Random(3)
    deliveries = [f"e-{n}" for n in range(500) for _ in range(dice.randint(1, 4))]
    dice.shuffle(deliveries)
    half = len(deliveries) // 2
    errors = []

    def run(function, *arguments):
        try:
            function(*arguments)
        except Exception as error:  # noqa: BLE001 - the test shows it
            errors.append(error)
        finally:
            connection.close()

    def read(part):
        for start in range(0, len(part), 10):
            fetched = Fetched(tuple(item(key) for key in part[start : start + 10]), {"at": start})
            actions.store_fetched(channel.pk, fetched, now=NOW)

    def work(part):
        for job in part:
            actions.process_raw(job["raw_ids"], now=NOW)

    def both(function, first, second):
        threads = [threading.Thread(target=run, args=(function, part)) for part in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    both(read, deliveries[:half], deliveries[half:])
    waiting = jobs("delivery.process_raw")
    both(work, waiting, waiting[::-1])

    assert errors == []
    assert StoredItem.objects.filter(state=RawState.PROCESSED).count() == 500
    assert sorted(Post.objects.values_list("external_id", flat=True)) == sorted({f"e-{n}" for n in range(500)})
    assert sorted(pk for job in jobs("pipeline.run_all") for pk in job["post_ids"]) == sorted(
        Post.objects.values_list("pk", flat=True)
    )


def test_practice_payload_is_parsed_and_stored_for_real(db):
    """From the network's bytes to a post, through the child process."""
    channel = new_channel(kind="practice", handle="brand", settings={"handle": "brand"})
    raw = RawItemFactory(channel=channel, workspace=channel.workspace, content=json.dumps({"no": "event"}).encode())

    actions.process_raw([raw.pk], now=NOW)

    raw.refresh_from_db()
    assert raw.state in {RawState.UNPROCESSABLE, RawState.PROCESSED}
