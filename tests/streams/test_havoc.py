"""Matchers that are killed and frozen, and a server that ends: every match is stored once, and none is missing.

Real processes, a real database and a real server; the long runs are in bench/stream.py.
"""

import os

import pytest
from django.db import connection

from bench import havoc
from bench.havoc import Plan
from luister.streams.models import MatcherReport
from tests.streams.matchers import MatcherProcess, line, listening_workspace, matching, monitor, until
from tests.streams.test_matching import found, publish

pytestmark = [pytest.mark.nats, pytest.mark.django_db(transaction=True)]


def wreak(plan, server, database_url):
    return havoc.run(plan, server=server, database_url=database_url, home=os.environ["LUISTER_HOME"])


def test_matchers_that_are_killed_and_frozen_store_every_match_once(nats_server, database_url):
    """20,000 posts, three matchers, five killed and two frozen; a monitor is changed half-way."""
    outcome = wreak(Plan(posts=20_000, kills=5, freezes=2), nats_server, database_url)

    assert (outcome.kills, outcome.freezes) == (5, 2)
    assert outcome.mentions > 1_000
    assert (outcome.missing, outcome.twice, outcome.wrong, outcome.strays) == (0, 0, 0, 0), outcome
    assert outcome.change_seconds <= 5


def test_a_server_that_ends_and_comes_back_loses_nothing(nats_server, database_url):
    plan = Plan(posts=4_000, restarts=2, changes=False, matchers=2)

    outcome = wreak(plan, nats_server, database_url)

    assert (outcome.missing, outcome.twice, outcome.wrong, outcome.strays) == (0, 0, 0, 0), outcome


FREEZES_WHILE_STORING = """
import os, signal
from luister.streams.matcher import run
match = run.Run.match
def sabotaged(self):
    from luister.streams.actions import storing
    store = storing.store
    def stopped(*args, **options):
        stored = store(*args, **options)
        os.kill(os.getpid(), signal.SIGSTOP)
        return stored
    storing.store = stopped
    return match(self)
run.Run.match = sabotaged
"""


def test_a_matcher_that_is_frozen_while_it_stores_holds_nobody_up(nats_server, database_url):
    """Its transaction is ended, what it holds goes to others, and that is little of what there is."""
    member, _ = listening_workspace(nats_server)
    monitor(member, "koffer")
    publish(nats_server, line("1", "koffer", author="jan"))
    arguments = ("--from", nats_server.address("POSTS"), "--to", "database")
    frozen = MatcherProcess(*arguments, database_url=database_url, sabotage=FREEZES_WHILE_STORING)
    try:
        until(lambda: nats_server.left("POSTS", "luister") == 1)
        rest = [line(f"n{number}", "niets") for number in range(5_000)]
        nats_server.publish("luister.posts.POSTS", [*rest, line("2", "koffer", author="jan")])
        with matching(*arguments, database_url=database_url):
            until(lambda: found() == [("koffer", "1"), ("koffer", "2")])
            until(lambda: MatcherReport.objects.filter(posts__gte=4_000).exists())
    finally:
        frozen.kill()


def test_streams_that_are_deleted_are_made_anew(nats_server, database_url):
    member, _ = listening_workspace(nats_server)
    monitor(member, "koffer")
    with matching("--from", nats_server.address("POSTS"), "--to", "database", database_url=database_url) as process:
        until(lambda: nats_server.left("POSTS", "luister") == 0)
        publish(nats_server, b'{"id": "1", "text": "koffer"}')
        nats_server.publish("luister.posts.POSTS", [b"garbage"])
        until(lambda: found() and nats_server.left("POSTS", "luister") == 0)
        # The server clears a stream's folder after it said that it is gone, and so breaks one that is made meanwhile.
        with process.frozen():
            for name in ("POSTS", "luister-dead"):
                nats_server.run(lambda js, name=name: js.delete_stream(name))
            until(lambda: not [*nats_server.folder.glob("store/jetstream/*/streams/POSTS")])
        until(lambda: nats_server.left("POSTS", "luister") == 0)
        publish(nats_server, b'{"id": "2", "text": "koffer"}')
        nats_server.publish("luister.posts.POSTS", [b"more garbage"])
        until(lambda: found() == [("koffer", "1"), ("koffer", "2")])
        until(lambda: nats_server.left("POSTS", "luister") == 0)
    assert [payload for payload, _ in nats_server.messages("luister-dead")] == [b"more garbage"]


def test_a_database_that_drops_every_connection_is_waited_for(nats_server, database_url):
    member, _ = listening_workspace(nats_server)
    monitor(member, "koffer")
    with matching("--from", nats_server.address("POSTS"), "--to", "database", database_url=database_url) as process:
        publish(nats_server, line("1", "koffer"))
        until(lambda: found() == [("koffer", "1")])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        publish(nats_server, line("2", "koffer"))
        until(lambda: found() == [("koffer", "1"), ("koffer", "2")])
        assert "".join(process.said).count("Lost the database") == 1


SLOW = """
import time
from luister.streams.matcher import held
find = held.Held.find
def find_slowly(self, document, **now):
    time.sleep(3 if "traag" in document.text else 0)
    return find(self, document, **now)
held.Held.find = find_slowly
"""


def test_a_batch_that_takes_longer_than_the_server_waits_is_not_given_to_others(nats_server, database_url):
    member, _ = listening_workspace(nats_server)
    monitor(member, "koffer")
    publish(nats_server, *(line(number, "koffer traag") for number in range(2)), line("rest", "koffer"))
    arguments = ("--from", nats_server.address("POSTS"), "--to", "database")
    with matching(*arguments, database_url=database_url, sabotage=SLOW) as process:
        until(lambda: len(found()) == 3)
        report = until(lambda: MatcherReport.objects.filter(posts=3).first())
        assert (report.redeliveries, report.pid) == (0, process.pid)
