"""Reading the channels: each by one process, whatever happens to it."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from luister.base.connector import Fetched, RawItem
from luister.base.errors import ConnectorError
from luister.channels import actions as channel_actions
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.delivery import listen, locks
from luister.delivery.models import Cursor
from luister.delivery.models import RawItem as StoredItem
from tests.delivery.helpers import new_channel
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def until(condition, *, seconds=20.0):
    """Wait until a condition holds, and return what it gave."""
    ends_at = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < ends_at, "It never came to that."
        time.sleep(0.02)
    return found


def fetched(*keys, more=False):
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Fetched(tuple(RawItem(key, b"{}", at) for key in keys), {"after": keys[-1]}, more)


@pytest.fixture
def listening(monkeypatch):
    """Start listeners; they end with the test."""
    monkeypatch.setattr(listen, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(listen, "FIRST_PAUSE", timedelta(milliseconds=20))
    monkeypatch.setattr(listen, "ATTENTION_PAUSE", timedelta(milliseconds=50))
    stops = []

    def start():
        stop = threading.Event()
        thread = threading.Thread(target=listen.run, args=(stop,))
        thread.start()
        stops.append((stop, thread))
        return stop, thread

    yield start
    for stop, _ in stops:
        stop.set()
    for _, thread in stops:
        thread.join(20)
        assert not thread.is_alive()
    connection.close()


def keys():
    return list(StoredItem.objects.order_by("id").values_list("external_key", flat=True))


def test_listen_stores_what_is_new_and_remembers_the_cursor(channel, connector, listening):
    connector.fetches.extend([fetched("a", "b", more=True), fetched("c")])

    listening()

    until(lambda: keys() == ["a", "b", "c"])
    until(connector.waiting.is_set)
    assert connector.cursors[:2] == [{}, {"after": "b"}]
    assert Cursor.objects.get().value == {"after": "c"}
    assert Channel.objects.get().last_read_at is not None


def test_listen_begins_where_reading_ended(channel, connector, listening):
    Cursor.objects.create(channel=channel, value={"after": "z"}, read_at=NOW)

    listening()

    until(lambda: connector.cursors)
    assert connector.cursors[0] == {"after": "z"}


def test_listen_finds_new_and_resumed_channels_and_leaves_paused_ones(channel, connector, listening):
    channel_actions.pause(channel, by=None, now=NOW)
    listening()
    other = new_channel(workspace=channel.workspace)
    until(lambda: connector.accounts)
    assert {account.channel_id for account in connector.accounts} == {other.pk}

    channel_actions.resume(channel, by=None, now=NOW)

    until(lambda: channel.pk in {account.channel_id for account in connector.accounts})


def test_listen_ends_when_a_channel_is_paused(channel, connector, listening):
    listening()
    until(connector.waiting.is_set)

    channel_actions.pause(channel, by=None, now=NOW)

    def is_free():
        with locks.held([locks.listen_key(channel.pk)]) as free:
            return free

    until(is_free)


def test_listen_takes_up_changed_secrets(channel, connector, listening):
    listening()
    until(connector.waiting.is_set)

    channel_actions.update_secrets(channel, {"token": "nieuw"}, by=None, now=NOW)

    until(lambda: connector.accounts[-1].secrets == {"token": "nieuw"})


def test_listen_goes_on_after_errors(channel, connector, listening):
    connector.fetches.extend([ConnectorError("http.unreachable"), KeyError("oops"), fetched("a")])

    listening()

    until(lambda: keys() == ["a"])
    assert Channel.objects.get().state == ChannelState.ACTIVE


def test_listen_waits_as_long_as_the_network_asks(channel, connector, listening):
    connector.fetches.extend([ConnectorError("slow", retry_after=timedelta(seconds=1)), fetched("a")])
    began = time.monotonic()

    listening()

    until(lambda: keys() == ["a"])
    assert time.monotonic() - began >= 1


def test_listen_says_when_a_person_is_needed_and_when_no_more(channel, connector, listening):
    refused = ConnectorError("mail.password_refused", needs_attention=True, server="imap.example.net")
    connector.fetches.extend([refused, refused, fetched("a")])
    mended = threading.Event()
    connector.checks.append(lambda: mended.wait(20))

    listening()

    channel = until(lambda: Channel.objects.filter(state=ChannelState.ATTENTION).first())
    assert (channel.reason_code, channel.reason_values["server"]) == ("mail.password_refused", "imap.example.net")
    until(lambda: keys() == ["a"])
    mended.set()
    until(lambda: Channel.objects.get().state == ChannelState.ACTIVE)
    assert Channel.objects.get().reason_code == ""


def test_listen_keeps_reading_a_channel_that_cannot_send(channel, connector, listening):
    refused = ConnectorError("mail.smtp_refused", needs_attention=True)
    Channel.objects.update(state=ChannelState.ATTENTION)
    connector.fetches.append(fetched("a"))
    connector.checks.append(refused)

    listening()

    until(lambda: keys() == ["a"])
    until(lambda: Channel.objects.filter(reason_code="mail.smtp_refused").exists())


def test_two_processes_never_read_the_same_channel(channel, connector, listening):
    at_once, most = [], []
    lock = threading.Lock()

    def read():
        with lock:
            at_once.append(1)
            most.append(len(at_once))
        time.sleep(0.05)
        with lock:
            at_once.pop()
        return fetched("a", more=True)

    connector.fetches.extend([read] * 12)

    first, _ = listening()
    listening()
    until(lambda: len(most) >= 4)
    first.set()

    until(lambda: len(most) >= 12)
    assert max(most) == 1


def test_listen_comes_back_when_the_database_was_away(channel, connector, listening):
    listening()
    until(connector.waiting.is_set)
    reads = len(connector.cursors)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'luister locks'"
            " AND datname = current_database()"
        )

    until(lambda: len(connector.cursors) > reads)
