"""A network that says when to come back, over real HTTP: never earlier, and nothing lost."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bench.farm import Farm
from luister.base.clock import utc_now
from luister.channels.secrets import seal
from luister.delivery import actions
from luister.delivery.enums import SendState
from luister.delivery.models import Hold, Outgoing
from luister.practice.faults import FaultPlan
from luister.practice.server import HANDLE, TOKEN, PracticeServer
from tests.delivery.helpers import send
from tests.factories import ChannelFactory, OutgoingFactory


@pytest.fixture
def network(monkeypatch):
    with PracticeServer() as server:
        monkeypatch.setenv("LUISTER_ALLOW_HOSTS", server.address)
        yield server


def channel_on(network):
    channel = ChannelFactory(
        kind="practice", handle=HANDLE, settings={"base_url": network.base_url, "handle": HANDLE}, undo_seconds=0
    )
    channel.sealed_secrets = seal({"token": TOKEN}, channel_id=channel.pk)
    channel.save(update_fields=["sealed_secrets"])
    return channel


def outgoing_on(channel):
    now = utc_now()
    return OutgoingFactory(
        workspace=channel.workspace, channel=channel, send_after=now, due_at=now, created_at=now, recipient={}
    )


HTTP_DATE = format_datetime(datetime(2099, 1, 1, tzinfo=UTC), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most", "holds_channel"),
    [
        ("7", 7, 8, True),
        ("315360000", 3600, 3601, True),  # ten years
        (HTTP_DATE, 3600, 3601, True),
        ("0", 4, 6, False),  # says nothing usable: our own pause
        ("-5", 4, 6, False),
        ("soon", 4, 6, False),
        ("", 4, 6, False),
    ],
)
def test_every_spelling_of_retry_after(db, network, header, least, most, holds_channel):
    network.plan = FaultPlan(rate_limited=1.0, retry_after=header)
    outgoing = outgoing_on(channel_on(network))
    began = utc_now()

    state = send(outgoing, now=utc_now)

    assert state.state == SendState.QUEUED
    assert timedelta(seconds=least) <= state.send_after - began
    assert state.send_after - utc_now() <= timedelta(seconds=most)
    assert Hold.objects.exists() is holds_channel
    network.plan = FaultPlan()
    Hold.objects.update(until=began)
    Outgoing.objects.update(send_after=began)
    assert send(outgoing, now=utc_now).state == SendState.SENT


@pytest.mark.django_db(transaction=True)
def test_worker_never_comes_back_early(network, database_url, tmp_path):
    network.plan = FaultPlan(seed=3, rate_limited=0.3, retry_after="1")
    channel = channel_on(network)
    for _ in range(15):
        outgoing_on(channel)
    actions.wake_channel(channel.pk, now=utc_now())
    env = {"DATABASE_URL": database_url, "LUISTER_WATCH_SECONDS": "0.2"}

    with Farm(sending=1, env=env, log=tmp_path / "workers.log") as farm:
        farm.spawn()
        ends_at = time.monotonic() + 180
        while Outgoing.objects.exclude(state=SendState.SENT).exists() and time.monotonic() < ends_at:
            time.sleep(0.1)

    assert set(Outgoing.objects.values_list("state", flat=True)) == {SendState.SENT}
    asked_to_wait = None
    waits = 0
    for request in [request for request in list(network.requests) if request["method"] == "POST"]:
        if asked_to_wait is not None:
            assert request["at"] - asked_to_wait >= 1
        asked_to_wait = request["at"] if request["fault"] == "rate_limited" else None
        waits += request["fault"] == "rate_limited"
    assert waits > 0
    assert len(network.store.deliveries) == 15
