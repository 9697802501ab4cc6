"""What the corrections of a workspace teach: weights on top of the model's own, and how much they help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LEAST = 24  # corrected posts of an aspect before anything is learned of it


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
    """Learned weights by aspect, value and feature; as plain JSON in `data`."""

    data: Mapping[str, Any] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()


def learn(examples: Sequence[Example]) -> Lessons:
    """Return what a workspace's corrections teach, or lessons that change nothing while they are too few."""
    return Lessons()
