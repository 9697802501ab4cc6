"""A connector that does as it is told, and a look into the job queue."""

import json
import threading
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import connection

from luister import connectors
from luister.base.connector import Account, Fetched, Idempotency, Limits, Receipt
from luister.channels.secrets import seal
from luister.delivery import actions, locks
from luister.delivery.models import Outgoing
from tests.factories import NOW, ChannelFactory

__all__ = ["connectors", "locks"]


class Clock:
    """Stands still unless it is moved."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now

    def move(self, **by):
        self.now += timedelta(**by)


class ScriptedConnector:
    """Implements `luister.base.connector.Connector`; each call takes the next step of its script.

    A step is a value to return, an exception to raise, or a function to call.
    """

    kind = "scripted"
    label = "Scripted"
    fields = ()
    publicness = "both"
    polled = False

    def __init__(self, idempotency=Idempotency.KEY):
        self.kind_of_network = idempotency
        self.sends = deque()
        self.look_ups = deque()
        self.fetches = deque()
        self.checks = deque()
        self.sent = []
        self.looked_up = []
        self.cursors = []
        self.accounts = []
        self.waiting = threading.Event()

    def idempotency(self, account):
        return self.kind_of_network

    def limits(self, account, *, public):
        return Limits(280 if public else 1000)

    def length(self, text):
        return len(text)

    def check(self, account):
        self.accounts.append(account)
        _step(self.checks, None)

    def fetch(self, account, cursor):
        self.accounts.append(account)
        self.cursors.append(dict(cursor))
        return _step(self.fetches, Fetched((), cursor))

    def wait(self, account, *, timeout_seconds, stop):
        self.waiting.set()
        stop.wait(timeout_seconds)

    def parse(self, account, item):
        return ()

    def send(self, account, post, *, deadline_seconds):
        self.accounts.append(account)
        self.sent.append(post)
        return _step(self.sends, Receipt(f"post-{len(self.sent)}", "https://example.net/p"))

    def look_up(self, account, post):
        self.looked_up.append(post)
        return _step(self.look_ups, None)


def _step(script, otherwise):
    step = script.popleft() if script else otherwise
    if isinstance(step, BaseException):
        raise step
    return step() if callable(step) else step


def account(**fields):
    return replace(Account(1, "brand", {}, {}), **fields)


def jobs(name, *, status="todo"):
    """Return the arguments of the jobs of that name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args FROM procrastinate_jobs WHERE task_name = %s AND status = %s::procrastinate_job_status"
            " ORDER BY id",
            [name, status],
        )
        rows = cursor.fetchall()
    return [args if isinstance(args, dict) else json.loads(args) for (args,) in rows]


def scheduled(name):
    """Return when the waiting jobs of that name are to run; None is at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo' ORDER BY id", [name]
        )
        return [at.astimezone(UTC) if isinstance(at, datetime) else at for (at,) in cursor.fetchall()]


def forget_jobs():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_periodic_defers")
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")


def fresh(outgoing):
    return Outgoing.objects.get(pk=outgoing.pk)


def send(outgoing, *, now=NOW):
    """Send in this very thread and return what became of it."""
    actions.send(outgoing.pk, clock=now if callable(now) else lambda: now)
    return fresh(outgoing)


def new_channel(**fields):
    channel = ChannelFactory(**{"kind": "scripted", **fields})
    channel.sealed_secrets = seal({"token": "geheim"}, channel_id=channel.pk)
    channel.save(update_fields=["sealed_secrets"])
    return channel
