"""What keeps coming in while the demo runs: the written threads that wait, then an ordinary day, or the storm."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from luister.demo.phrases import Crowd, Phrasebook, Remark
from luister.demo.script import Customer, Part, Place, Stage, Step, Thread, customers, threads
from luister.demo.storm import storm

GAP_SECONDS = {Stage.QUIET: 150.0, Stage.BUSY: 45.0, Stage.CRISIS: 8.0}  # between two customers, on average
MOST_OPEN = {Stage.QUIET: 30, Stage.BUSY: 80, Stage.CRISIS: 600}  # with more open cases nobody new comes
WRITTEN_SHARE = {Stage.QUIET: 0.7, Stage.BUSY: 0.7, Stage.CRISIS: 0.1}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A customer who begins: after how long, who, and with which thread."""

    gap: timedelta
    customer: Customer
    thread: Thread


def arrivals(stage: Stage, *, seed: str) -> Iterator[Arrival]:
    """Return who comes, without end; the same for the same stage and seed."""
    dice = random.Random(f"arrivals:{stage}:{seed}")  # noqa: S311 - made to be repeatable
    stormy = list(storm(seed=seed)) if stage is Stage.CRISIS else []
    said = [thread.steps[0].text for _, thread in stormy]
    name = "storm" if stage is Stage.CRISIS else "everyday"
    book = Phrasebook(name, seed=f"arrivals:{seed}", said=said)
    crowd = Crowd(seed=f"arrivals:{seed}", met=[customer.handle for customer, _ in stormy])
    written = [thread for thread in threads() if not thread.stages]
    dice.shuffle(written)
    while True:
        gap = timedelta(seconds=GAP_SECONDS[stage] * dice.uniform(0.4, 1.6))
        if written and dice.random() < WRITTEN_SHARE[stage]:
            thread = written.pop()
            yield Arrival(gap, customers()[thread.customer], thread)
        else:
            remark = book.remark(wave=dice.choice((2, 3)) if stage is Stage.CRISIS else 0)
            customer = crowd.meet(remark.language)
            yield Arrival(gap, customer, _thread(remark, customer, book=name))


def _thread(remark: Remark, customer: Customer, *, book: str) -> Thread:
    return Thread(
        key=f"{book}-{remark.kind}-{customer.handle}",
        place=Place.PUBLIC,
        language=remark.language,
        team="webcare",
        labels=remark.labels,
        steps=(Step(timedelta(), Part.CUSTOMER, customer.handle, remark.text),),
        then=remark.then,
    )
