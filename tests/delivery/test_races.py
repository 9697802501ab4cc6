"""Two who want the same post at the same moment: exactly one gets it."""

import random
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from luister.base.connector import Account
from luister.delivery import actions, locks
from luister.delivery.actions import sending
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from luister.delivery.queries import outbound
from tests.delivery.helpers import send
from tests.factories import NOW, OutgoingFactory

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def together(*tasks):
    """Run each task in a thread of its own; they begin at the same moment."""
    errors = []

    def run(task):
        try:
            task()
        except Exception as error:  # noqa: BLE001 - the test shows it
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()
    assert errors == []


@pytest.mark.sql
def test_cancel_and_claim_have_exactly_one_winner(channel, connector, share):
    """5,000 races in full, within 50 ms of the moment at which the post may leave."""
    races, dice = int(5000 * share), random.Random(7)
    outgoings = Outgoing.objects.bulk_create(
        OutgoingFactory.build(workspace=channel.workspace, channel=channel, lane=lane, send_after=NOW)
        for lane in range(races)
    )
    account, moments = Account(channel.pk, "brand", {}, {}), [dice.uniform(-50, 50) for _ in outgoings]
    barrier, cancelled, claimed = threading.Barrier(2), set(), set()

    def cancel():
        for outgoing in outgoings:
            barrier.wait()
            if actions.cancel(outgoing.pk, by=None, now=NOW):
                cancelled.add(outgoing.pk)

    def claim():
        for outgoing, moment in zip(outgoings, moments, strict=True):
            ready = sending._Ready(outgoing, connector, account, outbound(outgoing), ())
            barrier.wait()
            time.sleep(abs(moment) / 50_000 if moment < 0 else 0)  # up to a millisecond: about what a claim takes
            if sending._claim(ready, now=NOW + timedelta(milliseconds=max(moment, 0))):
                claimed.add(outgoing.pk)

    with together(cancel, claim):
        pass

    assert cancelled.isdisjoint(claimed)
    assert len(cancelled) + len(claimed) == races
    states = Counter(Outgoing.objects.values_list("state", flat=True))
    assert states == {SendState.SENDING: len(claimed), SendState.CANCELLED: len(cancelled)}
    assert min(len(cancelled), len(claimed)) > races / 100, "The two hardly ever met."


def test_many_workers_send_a_post_once(channel, connector):
    outgoing = OutgoingFactory(workspace=channel.workspace, channel=channel)
    barrier = threading.Barrier(6)

    def claim():
        barrier.wait()
        send(outgoing)

    with together(*[claim] * 6):
        pass

    assert len(connector.sent) == 1


def test_claim_and_flag_do_not_disturb_each_other(channel, connector):
    """The watch looks at a post while its worker takes, sends and settles it."""
    outgoings = [OutgoingFactory(workspace=channel.workspace, channel=channel) for _ in range(100)]
    done = threading.Event()

    def watch():
        with locks.connect() as locking:
            while not done.is_set():
                actions.flag_abandoned(locking, now=NOW)

    def work():
        for outgoing in outgoings:
            send(outgoing)
        done.set()

    with together(watch, work):
        pass

    assert len(connector.sent) == 100
    assert set(Outgoing.objects.values_list("state", "attempts")) == {(SendState.SENT, 1)}
