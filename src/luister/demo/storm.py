"""The storm: a wave of warnings, a wave of cancellations and a long evening, written by a seed."""

import random
from collections.abc import Iterator
from datetime import timedelta

from luister.demo.phrases import Crowd, Deck, Phrasebook, Remark
from luister.demo.script import Customer, Part, Place, Step, Thread, read

POSTS = 160
MINUTES = 170  # how long ago the code orange began
ANSWERED = 0.3  # the share of posts that a colleague came round to
WAVES = ((1, 0.15, 0.3), (2, 0.5, 0.4), (3, 0.35, 0.3))  # number, share of the posts, share of the time
COLLEAGUES = ("pim", "sam", "marit")


def storm(*, seed: str) -> Iterator[tuple[Customer, Thread]]:
    """Return the storm's threads, oldest first, each with who wrote it."""
    dice = random.Random(f"storm:{seed}")  # noqa: S311 - made to be repeatable
    book, crowd, answers = Phrasebook("storm", seed=seed), Crowd(seed=seed), _Answers(dice)
    ends = float(MINUTES)
    for wave, share, time_share in WAVES:
        begins, ends = ends, ends - MINUTES * time_share
        moments = sorted((dice.uniform(max(ends, 1), begins) for _ in range(round(POSTS * share))), reverse=True)
        for ago in moments:
            remark = book.remark(wave=wave)
            customer = crowd.meet(remark.language)
            yield customer, _thread(remark, customer, minutes_ago=int(ago), answers=answers, dice=dice)


def _thread(
    remark: Remark, customer: Customer, *, minutes_ago: int, answers: "_Answers", dice: random.Random
) -> Thread:
    steps = [Step(timedelta(), Part.CUSTOMER, customer.handle, remark.text)]
    state, assignee, is_wanted = "open", "", dice.random() < ANSWERED
    after = dice.randint(2, 25)
    answer = answers.to(remark.kind) if is_wanted and after < minutes_ago else None
    if answer is not None:
        text, is_holding = answer
        assignee = dice.choice(COLLEAGUES)
        state = "open" if is_holding else "completed"
        words = text.format(name=customer.name.split()[0])
        steps.append(Step(timedelta(minutes=after), Part.REPLY, assignee, words, is_holding=is_holding))
    return Thread(
        key=f"storm-{remark.kind}-{customer.handle}",
        place=Place.PUBLIC,
        language=remark.language,
        team="" if answer is None else "bagage" if "bagage" in remark.labels else "webcare",
        labels=remark.labels,
        steps=tuple(steps),
        then=remark.then,
        when=f"{minutes_ago}m",
        state=state,
        assignee=assignee,
    )


class _Answers:
    """What colleagues say in the first hours of a storm."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        entries = read("storm.toml")["answer"]
        self._decks = [(entry["kinds"], entry["is_holding"], Deck(entry["say"], dice=dice)) for entry in entries]

    def to(self, kind: str) -> tuple[str, bool] | None:
        """Return an answer that fits a kind of post, and whether it only holds; None where there is none."""
        fitting = [(deck, is_holding) for kinds, is_holding, deck in self._decks if kind in kinds]
        if not fitting:
            return None
        deck, is_holding = self._dice.choice(fitting)
        return deck.deal(), is_holding
