"""What happened before the demo began: in order, in the past, and the same each time."""

from datetime import UTC, datetime, timedelta

import pytest

from luister.demo.plan import Verb, plan, told_at
from luister.demo.script import Place, Stage

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("stage", list(Stage))
def test_plan_is_the_same_for_the_same_moment_and_seed(stage):
    assert plan(stage, now=NOW) == plan(stage, now=NOW)


def test_plan_of_another_seed_is_another_storm():
    assert plan(Stage.CRISIS, now=NOW) != plan(Stage.CRISIS, now=NOW, seed="other")


@pytest.mark.parametrize("stage", list(Stage))
def test_plan_is_in_order_and_past(stage):
    moments = [move.at for move in plan(stage, now=NOW).moves]

    assert moments == sorted(moments)
    assert moments[-1] <= NOW
    assert moments[0] > NOW - timedelta(days=5)


def test_plan_snoozes_into_the_future():
    sleeping = [move.until for move in plan(Stage.BUSY, now=NOW).moves if move.until is not None]

    assert len(sleeping) == 2
    assert all(until > NOW for until in sleeping)


@pytest.mark.parametrize("stage", list(Stage))
def test_plan_gives_every_thread_its_team_before_we_answer(stage):
    triaged = set()
    for move in plan(stage, now=NOW).moves:
        if move.verb is Verb.TRIAGE:
            triaged.add(move.thread.key)
        elif move.verb in {Verb.REPLY, Verb.NOTE}:
            assert move.thread.key in triaged
    assert triaged


def test_plan_replies_hold_wait_or_complete():
    effects = {}
    for move in plan(Stage.BUSY, now=NOW).moves:
        if move.verb is Verb.REPLY:
            effects.setdefault(move.thread.key, []).append(move.effect)

    assert effects["stroller-missing"] == ["open"]
    assert effects["geluid-meerbaan"] == ["open"]
    assert effects["koffer-kapot"] == ["waiting"]
    assert effects["accu-leeg-p5"] == ["waiting", "completed"]


def test_storm_is_in_waves_and_mostly_unanswered():
    stormy = [move for move in plan(Stage.CRISIS, now=NOW).moves if move.thread.key.startswith("storm-")]
    posts = [move for move in stormy if move.verb is Verb.SAY]
    answers = [move for move in stormy if move.verb is Verb.REPLY]

    assert len(posts) >= 150
    assert 0.1 < len(answers) / len(posts) < 0.4
    assert {move.thread.place for move in posts} == {Place.PUBLIC}
    assert all(move.at >= NOW - timedelta(hours=3) for move in posts)
    last_hour = sum(move.at > NOW - timedelta(hours=1) for move in posts)
    first_hour = sum(move.at < NOW - timedelta(hours=2) for move in posts)
    assert last_hour > first_hour


def test_storm_says_nothing_twice():
    texts = [move.step.text for move in plan(Stage.CRISIS, now=NOW).moves if move.verb is Verb.SAY]

    assert len(set(texts)) == len(texts)


def test_stages_grow():
    assert len(told_at(Stage.QUIET)) < len(told_at(Stage.BUSY)) == len(told_at(Stage.CRISIS))
