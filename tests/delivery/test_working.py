"""A worker and a watch at work together, in this process: what waits goes out, and nothing holds up the rest."""

import random
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from luister.base.clock import utc_now
from luister.base.connector import Idempotency, Receipt
from luister.base.errors import NotSentError, UnknownOutcomeError
from luister.base.ids import new_uuid
from luister.base.posts import Author
from luister.channels import actions as channel_actions
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.delivery import actions, watch
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from luister.queue import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.LUISTER_RETRY_SECONDS = 0.005
    settings.LUISTER_WATCH_SECONDS = 0.1
    settings.LUISTER_REQUEST_DEADLINE_SECONDS = 0.5
    settings.LUISTER_SETTLE_SECONDS = 0.5
    settings.LUISTER_HEARTBEAT_SECONDS = 1


@contextmanager
def working():
    stop = threading.Event()
    threads = [
        threading.Thread(target=run_worker, args=(stop,), kwargs={"sending": 4, "intake": 1, "others": 2}),
        threading.Thread(target=watch.run, args=(stop,)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
        connection.close()


def until(condition, *, seconds=180.0):
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, Counter(Outgoing.objects.values_list("state", flat=True))
        time.sleep(0.02)


def queue(channel, number, *, lane=None, text="Goedemorgen"):
    now = utc_now()
    return actions.queue_post(
        channel=channel,
        lane=number if lane is None else lane,
        by=None,
        key=new_uuid(),
        text=text,
        is_public=True,
        recipient=Author("klant"),
        parent=None,
        send_after=now + timedelta(milliseconds=200),
        now=now,
    )


def states():
    return Counter(Outgoing.objects.values_list("state", flat=True))


def answering(connector, answer):
    """Have the connector answer each send by what it is asked to send."""
    lock = threading.Lock()
    real = connector.send

    def send(account, post, *, deadline_seconds):
        with lock:
            connector.sends.clear()
            connector.sends.append(answer(post))
            return real(account, post, deadline_seconds=deadline_seconds)

    connector.send = send


def test_one_broken_post_never_blocks_the_others(channel, connector):
    answering(
        connector, lambda post: NotSentError("practice.refused") if post.text == "gif" else Receipt(f"x-{post.key}")
    )
    poison = queue(channel, 1, text="gif")
    for number in range(2, 42):
        queue(channel, number)

    with working():
        until(lambda: states() == {SendState.SENT: 40, SendState.FAILED: 1})

    assert Outgoing.objects.get(state=SendState.FAILED).pk == poison.pk
    assert [post.text for post in connector.sent].count("gif") == 8


def test_dead_token_loses_nothing_and_is_hardly_tried(channel, connector):
    dead = threading.Event()
    refused = []

    def answer(post):
        if dead.is_set():
            refused.append(post.key)
            return NotSentError("practice.token_refused", needs_attention=True)
        return Receipt(f"x-{post.key}")

    answering(connector, answer)
    dead.set()
    for number in range(30):
        queue(channel, number)

    with working():
        until(lambda: Channel.objects.get().state == ChannelState.ATTENTION)
        time.sleep(0.5)
        assert len(refused) <= 3
        dead.clear()
        channel_actions.update_secrets(channel, {"token": "nieuw"}, by=None, now=utc_now())
        until(lambda: states() == {SendState.SENT: 30})

    sent = Counter(post.key for post in connector.sent)
    assert len(sent) == 30
    assert sum(sent.values()) == 30 + len(refused)


def test_lanes_keep_their_order_whatever_fails(channel, connector):
    dice = random.Random(5)
    arrived = defaultdict(list)

    def answer(post):
        if dice.random() < 0.2:
            return NotSentError("http.unreachable")
        lane, _, place = post.text.partition("-")
        if place not in arrived[lane]:  # the network removes duplicates by key
            arrived[lane].append(place)
        return UnknownOutcomeError("reset") if dice.random() < 0.05 else Receipt(f"x-{post.key}")

    answering(connector, answer)
    for number in range(36):
        queue(channel, number, lane=number % 12, text=f"{number % 12}-{number // 12}")

    with working():
        until(lambda: states() == {SendState.SENT: 36})

    assert {lane: places for lane, places in arrived.items() if places != ["0", "1", "2"]} == {}


def test_channel_of_class_human_sends_one_at_a_time_and_all(channel, connector):
    connector.kind_of_network = Idempotency.HUMAN
    under_way, most = [], []
    lock = threading.Lock()

    def send(account, post, *, deadline_seconds):
        with lock:
            under_way.append(post)
            most.append(len(under_way))
        time.sleep(0.01)
        with lock:
            under_way.remove(post)
        return Receipt(f"x-{post.key}")

    connector.send = send
    for number in range(12):
        queue(channel, number)

    with working():
        until(lambda: states() == {SendState.SENT: 12})

    assert max(most) == 1
    assert len(most) == 12


def test_what_its_job_forgot_is_sent_all_the_same(channel, connector):
    queue(channel, 1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")

    with working():
        until(lambda: states() == {SendState.SENT: 1})
