"""What is said of a post, aspect by aspect, as plain values; and the one place that puts them where they count."""

from collections.abc import Mapping
from typing import Final

from luister.posts.enums import Direction
from luister.posts.models import Post
from luister.text.contract import UNDETERMINED, Kind, Need, Sentiment, Urgency
from luister.text.contract import Understanding as Found
from luister.understanding.enums import Aspect
from luister.understanding.models import Understanding

Value = str | bool | list[str]

# Languages that can be chosen, the most likely ones first.
LANGUAGES: Final = ("nl", "en", "de", "fr", "es", "it", "pt", "da", "sv", "pl", "tr", "id", "ar", UNDETERMINED)

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    Aspect.LANG: LANGUAGES,
    Aspect.SENTIMENT: tuple(Sentiment),
    Aspect.KINDS: tuple(Kind),
    Aspect.NEED: tuple(Need),
    Aspect.URGENCY: tuple(Urgency),
}
TRUTHS: Final = frozenset({Aspect.NEGLECTED, Aspect.WANTS_HUMAN})


def words(aspect: Aspect) -> tuple[str, ...]:
    """Return what can be chosen of an aspect."""
    return CHOICES.get(aspect, ("yes", "no"))


def is_value(aspect: str, value: object) -> bool:
    """Whether this can be said of an aspect."""
    if aspect in TRUTHS:
        return isinstance(value, bool)
    choices = CHOICES.get(aspect, ())
    if aspect == Aspect.KINDS:
        return isinstance(value, list) and bool(value) and all(one in choices for one in value)
    return value in choices


def value_of(aspect: str, word: str, *, present: Value) -> Value:
    """Return what choosing a word from the list of an aspect says; of kinds, one is added or taken away."""
    if aspect in TRUTHS:
        return word == "yes" if word in {"yes", "no"} else word
    return with_kind(present, word) if isinstance(present, list) and word in CHOICES[aspect] else word


def with_kind(kinds: list[str], kind: str) -> list[str]:
    """Return kinds with one more, or without it where it was among them; a remark is what is none of the others."""
    others = {*kinds} - {Kind.REMARK} if kind != Kind.REMARK else set()
    chosen = others ^ {kind}
    return [one for one in Kind if one in chosen] or [str(Kind.REMARK)]


def is_of_a_person(post: Post) -> bool:
    """Whether somebody else wrote it: of what we or machines wrote only the language is of interest."""
    return post.direction == Direction.IN and not post.automatic


def said_by(found: Found) -> dict[str, Value]:
    """Return what the machine says."""
    return {
        Aspect.LANG: found.lang,
        Aspect.SENTIMENT: str(found.sentiment),
        Aspect.KINDS: [str(kind) for kind in found.kinds],
        Aspect.NEED: str(found.need),
        Aspect.URGENCY: str(found.urgency),
        Aspect.NEGLECTED: found.neglected,
        Aspect.WANTS_HUMAN: found.wants_human,
    }


def given_with(post: Post) -> dict[str, Value]:
    """Return what the network or a file says of a post that was never understood."""
    given: dict[str, Value] = {Aspect.LANG: post.language, Aspect.SENTIMENT: post.sentiment, Aspect.KINDS: post.says}
    return {aspect: value for aspect, value in given.items() if value}


def counting(post: Post, row: Understanding) -> dict[str, Value]:
    """Return what counts at present."""
    return {
        Aspect.LANG: post.language or UNDETERMINED,
        Aspect.SENTIMENT: post.sentiment,
        Aspect.KINDS: list(post.says),
        Aspect.NEED: row.need,
        Aspect.URGENCY: row.urgency,
        Aspect.NEGLECTED: row.is_neglected,
        Aspect.WANTS_HUMAN: row.wants_human,
    }


def without_people(row: Understanding) -> dict[str, Value]:
    """Return what would count had nobody said anything else."""
    return {**row.inferred, **row.given}


def put(values: Mapping[str, Value], *, post: Post, row: Understanding) -> None:
    """Let values count; neither is saved yet."""
    for aspect, value in values.items():
        match aspect:
            case Aspect.LANG:
                post.language = "" if value == UNDETERMINED else str(value)
            case Aspect.SENTIMENT:
                post.sentiment = str(value)
            case Aspect.KINDS if isinstance(value, list):
                post.says = value
            case Aspect.NEED:
                row.need = str(value)
            case Aspect.URGENCY:
                row.urgency = str(value)
            case Aspect.NEGLECTED:
                row.is_neglected = bool(value)
            case Aspect.WANTS_HUMAN:
                row.wants_human = bool(value)
