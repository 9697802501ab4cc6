"""Workers that are killed and frozen while they send: nothing is lost, nothing is sent twice.

Real worker processes, a real database, and a network that misbehaves; the long runs are in bench/sends.py.
"""

import os

import pytest

from bench import storm
from bench.storm import Plan
from luister.base.connector import Idempotency

RESOLVED = (Idempotency.KEY, Idempotency.OVERWRITE, Idempotency.LOOKUP)
DOUBTFUL = (Idempotency.ECHO, Idempotency.HUMAN)


def raise_storm(plan, database_url):
    return storm.run(plan, database_url=database_url, home=os.environ["LUISTER_HOME"])


@pytest.mark.sql
def test_sends_survive_workers_that_are_killed(transactional_db, database_url, share):
    """500 sends and 20 workers killed, in full."""
    plan = Plan((*RESOLVED, *DOUBTFUL), posts=int(500 * share), kills=int(20 * share), lane_length=2)
    posts = plan.posts // len(plan.classes)

    outcome = raise_storm(plan, database_url)

    assert outcome.kills == plan.kills
    for kind in RESOLVED:
        verdict = outcome.classes[kind]
        assert (verdict.lost, verdict.twice, verdict.out_of_order, verdict.flagged) == (0, 0, 0, 0), verdict
        assert verdict.sent == verdict.posts == posts
    for kind in DOUBTFUL:
        verdict = outcome.classes[kind]
        assert (verdict.lost, verdict.twice) == (0, 0), verdict
        assert verdict.sent + verdict.flagged == verdict.posts == posts
        # A worker that dies leaves one post of each account in doubt; the rest is what the network did not say.
        assert verdict.deserted <= outcome.kills * plan.channels
        assert verdict.flagged <= verdict.deserted + verdict.ambiguous


def test_sends_survive_frozen_workers_and_lost_connections(transactional_db, database_url):
    plan = Plan(
        (Idempotency.LOOKUP, Idempotency.HUMAN),
        posts=120,
        freezes=4,
        freeze_seconds=6,
        cuts=3,
        workers=3,
        deadline_seconds=1.0,
        settle_seconds=3.5,  # a crowded machine may hold up the network itself for a second or two
        faults={"listing_delay_seconds": "0.5"},
    )

    outcome = raise_storm(plan, database_url)

    # On a fast machine the last post may be out before the last fault.
    assert outcome.freezes >= 1
    assert outcome.cuts >= 1
    for verdict in outcome.classes.values():
        assert (verdict.lost, verdict.twice) == (0, 0), verdict
    assert outcome.classes[Idempotency.LOOKUP].flagged == 0


def test_sends_survive_a_network_to_the_database_that_is_cut(transactional_db, database_url):
    """Cut off and cut silently, amid sends; a server that is killed is in bench/sends.py."""
    plan = Plan(
        (Idempotency.LOOKUP, Idempotency.HUMAN),
        posts=100,
        severs=2,
        sever_seconds=3.0,
        workers=2,
        deadline_seconds=1.0,
        settle_seconds=3.5,
    )

    outcome = raise_storm(plan, database_url)

    assert outcome.severs >= 1
    for verdict in outcome.classes.values():
        assert (verdict.lost, verdict.twice) == (0, 0), verdict
    lookup = outcome.classes[Idempotency.LOOKUP]
    assert (lookup.flagged, lookup.sent) == (0, lookup.posts)


@pytest.mark.sql
def test_reading_survives_workers_that_are_killed(transactional_db, database_url):
    plan = Plan((Idempotency.KEY,), posts=0, kills=5, workers=2, channels=1)

    read = storm.read(plan, customers=300, database_url=database_url, home=os.environ["LUISTER_HOME"])

    assert (read.written, read.missing, read.twice) == (300, 0, 0)
    assert read.kills == 5
