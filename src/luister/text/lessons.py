"""What the corrections of a workspace teach: weights on top of the model's own, and how much they help.

For each aspect a logistic regression is fitted on top of the model: its logits stay, and what is learned is added to
them. It is held back towards adding nothing, and learns from posts that people left as they were too, so that a few
corrections do not turn everything around. What does not help on posts it did not learn from is not used.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from luister.text.contract import UNDETERMINED, Kind, Need, Sentiment, Urgency
from luister.text.judging import BIAS, NEEDS, TOPIC, UNTAUGHT, URGENCIES, Judgement, judge
from luister.text.language import language
from luister.text.model import LANGUAGES, model
from luister.text.tokens import read

LEAST = 24  # corrected posts of an aspect before anything is learned of it
ASPECTS = ("sentiment", "kinds", "need", "urgency", "neglected", "wants_human", "topics")
_FOLDS = 5
_ROUNDS = 20
_STEP = 1.0
_HELD_BACK = 0.01  # a weight shrinks by this share each time it is seen
_SURE = 0.02  # an error so small teaches nothing
_LEFT = 0.5  # what a post counts that people left as it was, against one they corrected


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what people say of it, by aspect: sentiment, kinds, need, urgency, neglected, wants_human, topics.

    An aspect that is missing is one nobody spoke of. `sentiment`, `need` and `urgency` have a string, `kinds` and
    `topics` a sorted list of strings (topics: ids), `neglected` and `wants_human` a bool. `is_correction` is False for
    a post that people worked on and left as it was.
    """

    text: str
    says: Mapping[str, Any]
    title: str = ""
    lang: str = ""
    is_correction: bool = True


@dataclass(frozen=True, slots=True)
class Effect:
    """What the learning of one aspect does, measured on posts it was not learned from (five-fold cross-validation)."""

    aspect: str
    corrections: int
    right_before: float  # share of the corrected posts that are right without the lessons
    right_after: float
    kept_before: float  # share of the posts left as they were that stay so
    kept_after: float
    is_used: bool  # only what helps is used


@dataclass(frozen=True, slots=True)
class Lessons:
    """Learned weights by head (a value of an aspect) and feature: plain JSON."""

    shifts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()


def learn(examples: Sequence[Example]) -> Lessons:
    """Return what a workspace's corrections teach; lessons that change nothing while they are too few.

    The same examples give the same lessons, in whatever order.
    """
    ordered = sorted(examples, key=lambda example: (example.text, example.title))
    seen = [each for each in map(_seen, ordered) if each is not None]
    shifts: dict[str, Mapping[str, float]] = {}
    effects = []
    for aspect in ASPECTS:
        spoken = [each for each in seen if aspect in each.example.says]
        corrections = [each for each in spoken if each.example.is_correction]
        if len(corrections) < LEAST:
            continue
        effect = _effect(aspect, spoken)
        effects.append(effect)
        if effect.is_used:
            shifts |= _taught(aspect, spoken)
    return Lessons(shifts, tuple(effects))


@dataclass(frozen=True, slots=True)
class _Seen:
    """An example with what the model makes of it."""

    example: Example
    judgement: Judgement
    values: Mapping[str, float]  # with the feature that every text has


def _seen(example: Example) -> _Seen | None:
    """Return what the model makes of an example; None in a language whose posts no lesson is used for."""
    tokens = read(example.text, title=example.title)
    lang = example.lang or language(tokens.words)[0]
    if lang not in {*LANGUAGES, UNDETERMINED}:
        return None
    judgement = judge(tokens, model(lang if lang in LANGUAGES else LANGUAGES[0]))
    return _Seen(example, judgement, {BIAS: 1.0, **judgement.found.values})


def _effect(aspect: str, spoken: Sequence[_Seen]) -> Effect:
    before: dict[bool, list[bool]] = {True: [], False: []}
    after: dict[bool, list[bool]] = {True: [], False: []}
    for fold in range(_FOLDS):
        here = [each for place, each in enumerate(spoken) if place % _FOLDS == fold]
        taught = _taught(aspect, [each for place, each in enumerate(spoken) if place % _FOLDS != fold])
        for each in here:
            is_correction = each.example.is_correction
            before[is_correction].append(_is_right(aspect, each, {}))
            after[is_correction].append(_is_right(aspect, each, taught))
    gained = sum(after[True]) - sum(before[True])
    lost = sum(before[False]) - sum(after[False])
    return Effect(
        aspect,
        corrections=len(before[True]),
        right_before=_share(before[True]),
        right_after=_share(after[True]),
        kept_before=_share(before[False]),
        kept_after=_share(after[False]),
        is_used=gained > lost,
    )


def _share(answers: Sequence[bool]) -> float:
    return round(sum(answers) / len(answers), 3) if answers else 1.0


def _is_right(aspect: str, seen: _Seen, shifts: Mapping[str, Mapping[str, float]]) -> bool:
    tokens = read(seen.example.text, title=seen.example.title)
    judged = judge(tokens, seen.judgement.model, shifts)
    return bool(_answer(aspect, judged) == _wanted(aspect, seen.example))


def _answer(aspect: str, judged: Judgement) -> Any:
    answer = getattr(judged, aspect)
    return sorted(answer) if aspect in {"kinds", "topics"} else answer


def _wanted(aspect: str, example: Example) -> Any:
    wanted = example.says[aspect]
    return sorted(wanted) if aspect in {"kinds", "topics"} else wanted


def _taught(aspect: str, spoken: Sequence[_Seen]) -> dict[str, Mapping[str, float]]:
    """Fit what is added to each head of an aspect."""
    shifts: dict[str, dict[str, float]] = {head: {} for head in _heads(aspect, spoken)}
    order = list(spoken)
    chance = random.Random(1)  # noqa: S311  # the order of learning, the same each time
    for round_ in range(_ROUNDS):
        chance.shuffle(order)
        for each in order:
            weight = (1.0 if each.example.is_correction else _LEFT) * _STEP / (1 + round_ / 4)
            _step(aspect, each, shifts, weight)
    return {
        head: {name: round(weight, 4) for name, weight in learned.items() if abs(weight) >= 0.005}
        for head, learned in shifts.items()
    }


def _heads(aspect: str, spoken: Sequence[_Seen]) -> list[str]:
    if aspect == "sentiment":
        return list(Sentiment)
    if aspect == "kinds":
        return list(Kind)
    if aspect == "need":
        return [NEEDS[need] for need in Need]
    if aspect == "urgency":
        return [URGENCIES[urgency] for urgency in Urgency]
    if aspect == "topics":
        return sorted({TOPIC + topic for each in spoken for topic in each.example.says[aspect]})
    return [aspect]


def _step(aspect: str, seen: _Seen, shifts: dict[str, dict[str, float]], weight: float) -> None:
    """Move each head a little towards what people say of one text."""
    logits = {head: _base(seen, head) + _dot(seen.values, learned) for head, learned in shifts.items()}
    wanted = seen.example.says[aspect]
    if aspect in {"sentiment", "need", "urgency"}:
        name = {"need": "need ", "urgency": "urgency "}.get(aspect, "") + wanted
        top = max(logits.values())
        parts = {head: math.exp(logit - top) for head, logit in logits.items()}
        whole = sum(parts.values())
        errors = {head: (head == name) - part / whole for head, part in parts.items()}
    else:
        holds: Callable[[str], bool] = (
            (lambda head: head.removeprefix(TOPIC) in wanted)
            if isinstance(wanted, (list, tuple))
            else (lambda head: bool(wanted))
        )
        errors = {
            head: holds(head) - 1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))) for head, logit in logits.items()
        }
    length = sum(value * value for value in seen.values.values())
    for head, error in errors.items():
        if abs(error) < _SURE:
            continue
        learned = shifts[head]
        amount = weight * error / math.sqrt(length)
        for name, value in seen.values.items():
            learned[name] = learned.get(name, 0.0) * (1 - _HELD_BACK) + amount * value


def _base(seen: _Seen, head: str) -> float:
    """Return the model's logit of a head, as far from its threshold; a topic that nobody gave is not there."""
    if head.startswith(TOPIC):
        return UNTAUGHT
    logit = seen.judgement.logits[head]
    return logit - seen.judgement.model.thresholds.get(head, 0.0)


def _dot(values: Mapping[str, float], learned: Mapping[str, float]) -> float:
    return sum(value * learned[name] for name, value in values.items() if name in learned)
