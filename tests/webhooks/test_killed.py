"""Workers that are killed while they read and deliver: every event arrives at its own endpoint, and nowhere else."""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from django.conf import settings
from django.db import connection, transaction

from luister.webhooks.enums import DeliveryState, Kind
from luister.webhooks.models import Delivery
from tests import factories as make
from tests.whole.product import until

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = """
import threading, django
django.setup()
from luister.webhooks import deliver
deliver.run(threading.Event())
"""
EVENTS = 60
KILLS = 2


def start_worker(database_url):
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "luister.config.settings",
        "LUISTER_CHANNEL_KEYS": ",".join(settings.LUISTER_CHANNEL_KEYS),
        "LUISTER_WEBHOOK_SECONDS": "1",
    }
    return subprocess.Popen([sys.executable, "-c", WORKER], env=environment)


def happen(cases, events, *, seed):
    """Write events, some of them committed long after others with higher ids, some taken back."""
    chance = random.Random(seed)
    for _ in range(EVENTS // 4):
        case = chance.choice(cases)
        with transaction.atomic():
            event = make.EventFactory(workspace_id=case.workspace_id, workspace=None, case_id=case.pk)
            if chance.random() < 0.2:
                transaction.set_rollback(True)
            else:
                events.append((event.pk, case.workspace_id))
            time.sleep(chance.choice((0, 0, 0.2)))
    connection.close()


def test_workers_that_are_killed_lose_no_event_and_tell_no_other_workspace(receiver, database_url):
    endpoints = {}
    cases = []
    for name in ("een", "twee"):
        case = make.CaseFactory()
        cases.append(case)
        endpoint = make.EndpointFactory(
            workspace=case.workspace, address=f"{receiver.address}/{name}", kinds=[Kind.CASE_OPENED]
        )
        endpoints[f"/luister/{name}"] = endpoint
    receiver.pause = 0.05
    events = []
    writing = [threading.Thread(target=happen, args=(cases, events), kwargs={"seed": seed}) for seed in range(4)]
    for thread in writing:
        thread.start()
    workers = [start_worker(database_url) for _ in range(2)]
    try:
        for _ in range(KILLS):
            enough = min(len(receiver.got) + 4, EVENTS // 2)  # there may be no more to come on a fast machine
            until(lambda enough=enough: len(receiver.got) >= enough, "the receiver is told more", seconds=60)
            killed = workers.pop(0)
            killed.kill()
            killed.wait()
            workers.append(start_worker(database_url))
        for thread in writing:
            thread.join(60)
        until(
            lambda: Delivery.objects.filter(state=DeliveryState.DELIVERED).count() >= len(events),
            "every event is delivered",
            seconds=90,
        )
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()

    told = {row.message_id: (row.source_id, row.workspace_id) for row in Delivery.objects.all()}
    assert sorted(told.values()) == sorted(events)
    arrived = Counter()
    for got in receiver.got:
        event_id, workspace_id = told[got.headers["webhook-id"]]
        arrived[event_id] += 1
        assert endpoints[got.path].workspace_id == workspace_id
        assert got.said["workspace"] == endpoints[got.path].workspace.slug
    assert set(arrived) == {event_id for event_id, _ in events}
