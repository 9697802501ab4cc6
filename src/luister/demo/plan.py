"""What has happened on the desk when the demo begins, as moves in the order of time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from luister.demo.script import Customer, Part, Stage, Step, Thread, ahead, customers, desk, threads
from luister.demo.storm import storm

SEED = "waterland"
TRIAGE_AFTER = timedelta(minutes=1)  # new work gets its team and labels
SETTLE_AFTER = timedelta(minutes=1)


class Verb(Enum):
    """What a move does."""

    SAY = auto()  # a customer speaks
    TRIAGE = auto()  # a colleague gives the case its team, labels and assignee
    REPLY = auto()
    NOTE = auto()
    BOUNCE = auto()  # a mail server could not deliver our reply
    SETTLE = auto()  # the case gets the state it has now


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happened; `effect` is what a reply does to the case."""

    at: datetime
    verb: Verb
    thread: Thread
    step: Step | None = None
    effect: str = ""
    until: datetime | None = None  # how long a waiting case sleeps


@dataclass(frozen=True, slots=True)
class Plan:
    """The moves of a stage, oldest first, and everyone who may speak, by handle."""

    moves: tuple[Move, ...]
    people: Mapping[str, Customer]


def plan(stage: Stage, *, now: datetime, seed: str = SEED) -> Plan:
    """Return what happened before now; the same for the same stage, moment and seed."""
    zone = ZoneInfo(desk().time_zone)
    told = list(told_at(stage))
    people = dict(customers())
    if stage is Stage.CRISIS:
        stormy = list(storm(seed=seed))
        told += [thread for _, thread in stormy]
        people |= {customer.handle: customer for customer, _ in stormy}
    moves = [move for thread in told for move in _moves(thread, now=now, zone=zone)]
    return Plan(tuple(sorted(moves, key=lambda move: move.at)), people)


def told_at(stage: Stage) -> tuple[Thread, ...]:
    """Return the written threads that are there from the start; a storm comes on top of an ordinary day."""
    calm = Stage.BUSY if stage is Stage.CRISIS else stage
    return tuple(thread for thread in threads() if calm in thread.stages)


def _moves(thread: Thread, *, now: datetime, zone: ZoneInfo) -> Iterator[Move]:
    at = thread.begins_at(now, zone=zone)
    is_triaged = not thread.team
    for number, step in enumerate(thread.steps):
        at += step.after
        if number and not is_triaged and step.part is not Part.CUSTOMER:
            yield Move(max(at - TRIAGE_AFTER, at - step.after), Verb.TRIAGE, thread)
            is_triaged = True
        effect = _effect(thread, number) if step.part is Part.REPLY else ""
        yield Move(at, _VERBS[step.part], thread, step, effect)
    if not is_triaged:
        yield Move(min(at + TRIAGE_AFTER, now), Verb.TRIAGE, thread)
    if not thread.team:
        return
    until = ahead(thread.snooze, now=now, zone=zone) if thread.snooze else None
    yield Move(min(at + SETTLE_AFTER, now), Verb.SETTLE, thread, until=until)


_VERBS = {
    Part.CUSTOMER: Verb.SAY,
    Part.REPLY: Verb.REPLY,
    Part.NOTE: Verb.NOTE,
    Part.BOUNCE: Verb.BOUNCE,
}


def _effect(thread: Thread, number: int) -> str:
    """Return what a reply does: hold while more of ours follows, wait for an answer, or complete."""
    following = next(
        (step.part for step in thread.steps[number + 1 :] if step.part in {Part.CUSTOMER, Part.REPLY}), None
    )
    if thread.steps[number].is_holding or following is Part.REPLY:
        return "open"
    if following is Part.CUSTOMER:
        return "waiting"
    return "completed" if thread.state == "closed" else thread.state
