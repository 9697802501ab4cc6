"""Polled channels: each read when it is due, by one at a time, one a host, and what came of it."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from luister import connectors
from luister.base.connector import Fetched, Pace, RawItem
from luister.base.errors import ConnectorError, Reason
from luister.channels import actions as channel_actions
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.delivery import actions, poll, queries
from luister.delivery.actions import polling
from luister.delivery.models import Cursor, Reading
from luister.delivery.models import RawItem as StoredItem
from tests.delivery.helpers import Clock, ScriptedConnector, jobs
from tests.factories import NOW, ChannelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def polled(monkeypatch):
    """A polled network."""
    scripted, real = ScriptedConnector(), connectors.get
    scripted.kind, scripted.polled = "polled", True
    monkeypatch.setattr(connectors, "get", lambda kind: scripted if kind == "polled" else real(kind))
    monkeypatch.setattr(connectors, "all_connectors", lambda: (scripted,))
    monkeypatch.setattr(polling, "_jittered", lambda pause: pause)
    return scripted


def new_feed(host="nieuws.example", **fields):
    return ChannelFactory(kind="polled", publicness="public", settings={"address": f"https://{host}/feed"}, **fields)


def fetched(*keys, **fields):
    items = tuple(RawItem(key, b"{}", NOW) for key in keys)
    return Fetched(items, {"after": keys[-1] if keys else "-"}, **fields)


def read(*, now=NOW, most=8):
    """Enroll, claim and read, as a worker does; return how many were read."""
    actions.enroll(now=now)
    leases = actions.claim(most=most, now=now)
    for lease in leases:
        actions.read_polled(lease, clock=Clock(now))
    return len(leases)


def reading(channel):
    return Reading.objects.get(channel=channel)


def test_new_channel_is_read_at_once_and_stored_with_its_cursor(polled):
    channel = new_feed()
    pace = Pace(timedelta(minutes=7), usual_gap=timedelta(hours=1), newest_at=NOW - timedelta(hours=2))
    polled.fetches.append(fetched("a", "b", pace=pace, notices=(Reason("feed.cut", {"size": "5"}),)))

    assert read() == 1

    assert StoredItem.objects.count() == 2
    assert jobs("delivery.process_raw") == [{"raw_ids": list(StoredItem.objects.values_list("pk", flat=True))}]
    assert Cursor.objects.get().value == {"after": "b"}
    row = reading(channel)
    assert row.next_read_at == NOW + timedelta(minutes=7)
    assert (row.new_at, row.newest_at, row.usual_gap_seconds) == (NOW, NOW - timedelta(hours=2), 3600)
    assert row.notices == [{"code": "feed.cut", "values": {"size": "5"}}]
    assert Channel.objects.get().last_read_at == NOW


def test_channel_is_not_read_before_its_time(polled):
    new_feed()
    polled.fetches.append(fetched(pace=Pace(timedelta(minutes=7))))
    read()

    assert read(now=NOW + timedelta(minutes=6)) == 0
    assert read(now=NOW + timedelta(minutes=7)) == 1


def test_nothing_new_notes_that_it_was_read(polled):
    channel = new_feed()
    polled.fetches.extend([fetched("a"), Fetched((), {"after": "a"})])
    read()

    later = NOW + timedelta(hours=1)
    read(now=later)

    assert (reading(channel).new_at, Channel.objects.get().last_read_at) == (NOW, later)


def test_paused_and_removed_channels_are_left_alone(polled):
    new_feed("a.example", state=ChannelState.PAUSED)
    new_feed("b.example", state=ChannelState.REMOVED)

    assert read() == 0


def test_channel_is_claimed_by_one(polled):
    new_feed()
    actions.enroll(now=NOW)

    assert len(actions.claim(most=8, now=NOW)) == 1
    assert actions.claim(most=8, now=NOW + timedelta(minutes=1)) == []


def test_channel_of_a_worker_that_died_is_read_again(polled):
    new_feed()
    actions.enroll(now=NOW)
    actions.claim(most=8, now=NOW)

    assert len(actions.claim(most=8, now=NOW + polling.LEASE)) == 1


def test_worker_that_was_frozen_stores_nothing(polled):
    channel = new_feed()
    actions.enroll(now=NOW)
    (frozen,) = actions.claim(most=8, now=NOW)
    later = NOW + polling.LEASE
    (lease,) = actions.claim(most=8, now=later)
    polled.fetches.extend([fetched("new"), fetched("old"), ConnectorError("feed.gone", permanent=True)])

    actions.read_polled(lease, clock=Clock(later))
    actions.read_polled(frozen, clock=Clock(later))
    actions.read_polled(frozen, clock=Clock(later))

    assert Cursor.objects.get().value == {"after": "new"}
    assert list(StoredItem.objects.values_list("external_key", flat=True)) == ["new"]
    assert reading(channel).failures == 0


def test_one_reading_a_host_at_a_time(polled):
    for number in range(5):
        new_feed("nieuws.example", handle=f"n{number}")
    new_feed("blog.example")
    actions.enroll(now=NOW)

    first = actions.claim(most=8, now=NOW)
    assert len(first) == 2
    assert actions.claim(most=8, now=NOW) == []

    for lease in first:
        actions.read_polled(lease, clock=Clock(NOW))
    assert actions.claim(most=8, now=NOW + timedelta(milliseconds=500)) == []
    assert len(actions.claim(most=8, now=NOW + timedelta(seconds=2))) == 1


def test_hundreds_of_channels_are_claimed_with_one_query(polled, django_assert_num_queries):
    for number in range(300):
        new_feed(f"h{number}.example", handle=f"n{number}")
    with django_assert_num_queries(2):
        actions.enroll(now=NOW)

    with django_assert_num_queries(4):  # a savepoint, the lock, the claim, its end
        assert len(actions.claim(most=8, now=NOW)) == 8


def test_failures_in_a_row_are_counted_with_their_reason_and_come_less_and_less_often(polled):
    channel = new_feed()
    now, waits = NOW, []
    for _ in range(4):
        polled.fetches.append(ConnectorError("feed.refused", host="nieuws.example", status="500"))
        read(now=now)
        waits.append(reading(channel).next_read_at - now)
        now = reading(channel).next_read_at

    row = reading(channel)
    assert waits == [timedelta(minutes=minutes) for minutes in (2, 4, 8, 16)]
    assert (row.failures, row.failing_since) == (4, NOW)
    assert (row.reason_code, row.reason_values["status"]) == ("feed.refused", "500")
    assert Channel.objects.get().state == ChannelState.ACTIVE

    polled.fetches.append(fetched("a"))
    read(now=now)
    row = reading(channel)
    assert (row.failures, row.failing_since, row.reason_code) == (0, None, "")


def test_channel_without_anything_readable_for_three_days_is_broken_until_it_reads_again(polled):
    channel = new_feed()
    polled.fetches.append(fetched("good"))
    read()
    now = NOW + timedelta(hours=1)
    while now < NOW + timedelta(days=5):
        polled.fetches.append(ConnectorError("feed.no_feed", host="nieuws.example"))
        read(now=now)
        is_over = now - (NOW + timedelta(hours=1)) >= timedelta(days=3)
        assert (Channel.objects.get().state == ChannelState.ATTENTION) == is_over
        now = reading(channel).next_read_at

    assert (Channel.objects.get().reason_code, reading(channel).reason_code) == ("poll.broken", "feed.no_feed")
    assert StoredItem.objects.count() == 1

    polled.fetches.append(fetched("better"))
    read(now=now)
    assert Channel.objects.get().state == ChannelState.ACTIVE


def test_channel_that_is_gone_for_good_is_not_asked_again_until_a_person_says_so(polled):
    channel = new_feed()
    polled.fetches.append(ConnectorError("feed.gone", needs_attention=True, permanent=True, host="x"))
    read()

    assert reading(channel).next_read_at is None
    assert (Channel.objects.get().state, Channel.objects.get().reason_code) == (ChannelState.ATTENTION, "feed.gone")
    assert read(now=NOW + timedelta(days=30)) == 0

    actions.read_soon(channel, now=NOW + timedelta(days=31))
    assert read(now=NOW + timedelta(days=31)) == 1


def test_site_that_asks_to_wait_is_not_asked_earlier(polled):
    channel = new_feed()
    polled.fetches.append(ConnectorError("feed.wait", retry_after=timedelta(hours=5)))
    read()

    assert reading(channel).next_read_at == NOW + timedelta(hours=5)


def test_whatever_a_connector_does_wrong_stays_with_its_channel(polled):
    bad, good = new_feed("a.example"), new_feed("b.example")
    polled.fetches.extend([ValueError("oops"), fetched("a")])

    assert read() == 2

    assert sorted([reading(bad).reason_code, reading(good).reason_code]) == ["", "listen.error"]


def test_polled_channels_have_no_thread_of_their_own(polled):
    channel = new_feed()

    assert channel not in queries.listened_to()


def test_streams_are_left_to_matchers():
    stream = ChannelFactory(kind="stream", settings={"address": "nats://127.0.0.1/POSTS"})
    actions.enroll(now=NOW)

    assert stream not in queries.listened_to()
    assert not Reading.objects.filter(channel=stream).exists()


@pytest.mark.django_db(transaction=True)
def test_poller_reads_what_is_due_and_ends_when_asked(polled, monkeypatch):
    monkeypatch.setattr(poll, "LOOK_SECONDS", 0.02)
    channels = [new_feed(f"h{number}.example", handle=f"n{number}") for number in range(20)]
    polled.fetches.extend(fetched(f"key {number}") for number in range(20))
    stop = threading.Event()
    thread = threading.Thread(target=poll.run, args=(stop,))
    thread.start()
    ends_at = time.monotonic() + 20
    while StoredItem.objects.count() < 20 and time.monotonic() < ends_at:
        time.sleep(0.05)
    stop.set()
    thread.join(20)
    connection.close()

    assert not thread.is_alive()
    assert StoredItem.objects.count() == 20
    assert {account.channel_id for account in polled.accounts} == {channel.pk for channel in channels}


def test_paused_channel_goes_on_where_it_was(polled):
    channel = new_feed()
    polled.fetches.append(fetched("a", pace=Pace(timedelta(minutes=10))))
    read()
    channel_actions.pause(channel, by=None, now=NOW)
    assert read(now=NOW + timedelta(hours=1)) == 0

    channel_actions.resume(channel, by=None, now=NOW)

    assert read(now=NOW + timedelta(hours=1)) == 1
