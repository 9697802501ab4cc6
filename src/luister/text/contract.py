"""What understanding a text gives, and the closed lists of what it can say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

UNDETERMINED = "und"  # the language of a text that is in none we know, or in no language


class Sentiment(StrEnum):
    """How the writer feels about what they write of."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class Kind(StrEnum):
    """What a post is; it can be several at once."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    COMPLIMENT = "compliment"
    REMARK = "remark"  # what is none of the others
    IDEA = "idea"
    ERROR = "error"  # a factual mistake about us
    CRISIS = "crisis"
    LEAD = "lead"
    REQUEST = "request"
    THANKS = "thanks"  # a courtesy that needs nothing
    SPAM = "spam"


class Need(StrEnum):
    """What the writer wants most, after Willemsen's motives of those who complain in public."""

    ANSWER = "answer"
    REDRESS = "redress"
    HEARING = "hearing"
    WARNING = "warning"  # of others, against us
    NONE = "none"


class Urgency(StrEnum):
    """How soon it matters."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Personal(StrEnum):
    """A kind of personal data."""

    EMAIL = "email"
    PHONE = "phone"
    IBAN = "iban"
    CARD = "card"  # a payment card, by Luhn's sum
    BSN = "bsn"  # the Dutch citizen service number, by the eleven test
    ORDER = "order"
    BOOKING = "booking"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Where in the text personal data stand; offsets in characters, the end exclusive."""

    kind: Personal
    start: int
    end: int


class Reason(NamedTuple):
    """Why something was concluded: `code` says how (a key of `reasons.REASONS`), `text` which words.

    `weight` is how much it weighed: above zero it spoke for the conclusion, below it against.
    """

    code: str
    text: str = ""
    weight: float = 0.0


Why = Mapping[str, tuple[Reason, ...]]
"""Reasons by aspect: lang, sentiment, each kind, need, urgency, neglected, wants_human."""


@dataclass(frozen=True)
class Understanding:
    """What a text says; why it says so is worked out when somebody asks."""

    lang: str  # ISO 639-1, or UNDETERMINED
    sentiment: Sentiment
    score: float  # from -1 to 1
    kinds: tuple[Kind, ...]
    need: Need
    urgency: Urgency
    neglected: bool  # tells of earlier contact that got no answer
    wants_human: bool
    personal_data: tuple[PersonalData, ...] = ()
    emotions: tuple[str, ...] = ()  # luister.text.emotions.EMOTIONS, strongest first
    topics: tuple[str, ...] = ()  # ids of those that lessons taught
    key_phrases: tuple[str, ...] = ()
    fingerprint: int = 0  # 64 bits that near-duplicates have almost all in common; 0 where there is too little text
    explain: Callable[[], Why] = field(default=dict, repr=False, compare=False)

    @cached_property
    def why(self) -> Why:
        """Return the reasons of everything that was concluded."""
        return self.explain()
