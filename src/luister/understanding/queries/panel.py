"""What stands behind a chip: why it was concluded, who corrected it, and what can be said instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from luister.understanding import sentences
from luister.understanding.aspects import CHOICES, TRUTHS, Value
from luister.understanding.enums import Aspect
from luister.understanding.queries.shown import Corrected, Shown

ALL: Final = "all"  # the list of aspects
MOST_REASONS: Final = 6  # of a value


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: words of the post, or a sentence; `speaks_for` the conclusion, or against it."""

    text: str
    speaks_for: bool


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons for one value."""

    about: str
    reasons: Sequence[Because]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that can be chosen, or on the list of aspects an aspect."""

    value: str
    text: str
    is_now: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """All of it. Without `choices` there is nothing to correct, or not for this reader."""

    post_id: int
    aspect: str
    heading: str
    whys: Sequence[Why] = ()
    corrected: Corrected | None = None
    machine: str = ""  # what it said, where a person says something else
    choices: Sequence[Choice] = field(default=())
    is_several: bool = False  # several choices hold at once


def panel(shown: Shown, aspect: str, *, may_correct: bool) -> Panel | None:
    """Return what stands behind a chip; None for an aspect that does not exist, or of which nothing is known."""
    if aspect == ALL:
        return _list(shown, may_correct=may_correct)
    if aspect not in shown.values:
        return None
    now = words_of(shown.values[aspect])
    corrected = shown.corrected.get(aspect)
    machine = shown.inferred.get(aspect)
    return Panel(
        post_id=shown.post.pk,
        aspect=aspect,
        heading=str(sentences.ASPECTS[aspect]),
        whys=_whys(shown, aspect, machine),
        corrected=corrected,
        machine=written(aspect, machine) if corrected and machine is not None else "",
        choices=_choices(aspect, now) if may_correct else (),
        is_several=aspect == Aspect.KINDS,
    )


def words_of(value: Value) -> list[str]:
    """Return a value as the words of its list."""
    if isinstance(value, list):
        return value
    return [value if isinstance(value, str) else "yes" if value else "no"]


def written(aspect: str, value: Value) -> str:
    """Write a value for people."""
    return ", ".join(sentences.word(aspect, word) for word in words_of(value))


def _list(shown: Shown, *, may_correct: bool) -> Panel | None:
    if not shown.values or not may_correct:
        return None
    choices = [
        Choice(aspect, str(name), hint=written(aspect, shown.values[aspect]))
        for aspect, name in sentences.ASPECTS.items()
    ]
    return Panel(shown.post.pk, ALL, sentences.all_aspects(), choices=choices)


def _choices(aspect: str, now: Sequence[str]) -> list[Choice]:
    offered = ("yes", "no") if aspect in TRUTHS else CHOICES[aspect]
    return [Choice(str(word), sentences.word(aspect, word), is_now=word in now) for word in offered]


def _whys(shown: Shown, aspect: str, machine: Value | None) -> list[Why]:
    """Return the reasons for what the machine said, also where a person knew better."""
    concluded = words_of(machine) if machine is not None else []
    keys = concluded if aspect == Aspect.KINDS else [aspect] * len(concluded)
    found = []
    for key, word in zip(keys, concluded, strict=True):
        reasons = _reasons(shown.why.get(key, ()))
        if reasons:
            found.append(Why(sentences.word(aspect, word), reasons))
    return found


def _reasons(reasons: Sequence[Mapping[str, str | float]]) -> list[Because]:
    heaviest = sorted(reasons, key=lambda reason: -abs(float(reason["weight"])))[:MOST_REASONS]
    said = [
        Because(sentences.because(str(reason["code"]), str(reason["text"])), float(reason["weight"]) >= 0)
        for reason in heaviest
    ]
    return [one for one in said if one.text]
