"""The watch: finds what was left behind, whoever else watches."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from luister.base.clock import utc_now
from luister.delivery import locks, watch
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from tests.delivery.helpers import forget_jobs, jobs
from tests.factories import OutgoingFactory


def test_look_round_finds_what_was_left_behind(channel):
    now = utc_now()
    of_channel = {"workspace": channel.workspace, "channel": channel}
    due = OutgoingFactory(**of_channel, send_after=now - timedelta(seconds=2))
    OutgoingFactory(**of_channel, send_after=now)  # its job is about to come
    deserted = OutgoingFactory(**of_channel, state=SendState.SENDING, attempts=1, attempted_at=now)
    OutgoingFactory(**of_channel, state=SendState.UNKNOWN, look_after=now)

    with locks.connect() as locking:
        watch.look_round(locking, now=now)

    assert jobs("delivery.send") == [{"outgoing_id": due.pk}]
    assert Outgoing.objects.get(pk=deserted.pk).state == SendState.UNKNOWN
    assert jobs("delivery.resolve") == [{"channel_id": channel.pk}]


@pytest.mark.django_db(transaction=True)
def test_watch_goes_on_when_another_ends_or_the_database_was_away(channel, settings):
    settings.LUISTER_WATCH_SECONDS = 0.05
    stops = [threading.Event(), threading.Event()]
    threads = [threading.Thread(target=watch.run, args=(stop,)) for stop in stops]

    def finds_a_due_post():
        forget_jobs()
        due = OutgoingFactory(workspace=channel.workspace, channel=channel, send_after=utc_now() - timedelta(seconds=5))
        ends_at = time.monotonic() + 20
        while {"outgoing_id": due.pk} not in jobs("delivery.send"):
            assert time.monotonic() < ends_at
            time.sleep(0.02)

    for thread in threads:
        thread.start()
    try:
        finds_a_due_post()
        stops[0].set()
        threads[0].join(20)
        finds_a_due_post()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'luister locks'"
                " AND datname = current_database()"
            )
        finds_a_due_post()
    finally:
        for stop, thread in zip(stops, threads, strict=True):
            stop.set()
            thread.join(20)
