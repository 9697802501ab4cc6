"""Faults come by seed: the same request, the nth time, always meets the same fate."""

from collections import Counter
from dataclasses import replace

import pytest

from luister.practice.faults import STORM, Dice, Fault, FaultPlan

MANY = 20_000


def fates(plan: FaultPlan, *, number: int = MANY) -> Counter[Fault]:
    return Counter(plan.decide(f"request {n}", nth=0).fault for n in range(number))


def test_decide_same_seed_same_fate() -> None:
    first, second = replace(STORM, seed=7), replace(STORM, seed=7)

    assert [first.decide(f"{n}", nth=n % 3) for n in range(500)] == [
        second.decide(f"{n}", nth=n % 3) for n in range(500)
    ]


def test_decide_other_seed_or_repetition_other_fate() -> None:
    seven, eight = replace(STORM, seed=7), replace(STORM, seed=8)

    assert [seven.decide(f"{n}", nth=0) for n in range(500)] != [eight.decide(f"{n}", nth=0) for n in range(500)]
    assert [seven.decide(f"{n}", nth=0) for n in range(500)] != [seven.decide(f"{n}", nth=1) for n in range(500)]


def test_decide_storm_has_the_promised_shares() -> None:
    found = fates(STORM)

    assert found[Fault.RATE_LIMITED] / MANY == pytest.approx(0.03, abs=0.005)
    assert (found[Fault.FAILED_BEFORE] + found[Fault.FAILED_AFTER]) / MANY == pytest.approx(0.02, abs=0.005)
    assert found[Fault.FAILED_BEFORE] / MANY == pytest.approx(0.01, abs=0.004)
    assert found[Fault.DROPPED_BEFORE] / MANY == pytest.approx(0.02, abs=0.005)
    assert found[Fault.DROPPED_AFTER] / MANY == pytest.approx(0.02, abs=0.005)


def test_decide_storm_takes_between_a_tenth_and_half_a_second() -> None:
    taken = [STORM.decide(f"request {n}", nth=0).latency_seconds for n in range(1000)]

    assert 0.1 <= min(taken) < 0.11
    assert 0.49 < max(taken) < 0.5


def test_decide_without_faults_is_calm() -> None:
    assert fates(FaultPlan(), number=500) == {Fault.NONE: 500}
    assert FaultPlan().decide("x", nth=0).latency_seconds == 0


def test_decide_outage_answers_nothing_else() -> None:
    assert fates(replace(STORM, outage=True), number=500) == {Fault.OUTAGE: 500}


def test_dice_count_requests_that_read_the_same() -> None:
    plan = replace(STORM, seed=3)
    dice = Dice()

    rolled = [dice.roll(plan, "again") for _ in range(50)]

    assert rolled == [plan.decide("again", nth=n) for n in range(50)]


def test_dice_order_of_different_requests_does_not_matter() -> None:
    plan = replace(STORM, seed=3)
    names = [f"{n % 40}" for n in range(200)]

    forwards = sorted((name, Dice().roll(plan, name).fault) for name in names[:40])
    one, other = Dice(), Dice()
    forwards = [(name, one.roll(plan, name)) for name in names]
    backwards = [(name, other.roll(plan, name)) for name in reversed(names)]

    assert Counter(map(repr, forwards)) == Counter(map(repr, backwards))
