"""What the models look at: words, phrases, cues and shape, named so that a person can read them.

A gram is one to five words as they stand. Cues are named lists of grams; a valence is the feeling of a gram, from −4 to
4, turned around behind a negation. Which grams mean something is told by a `Vocabulary`; all else is told by the text.

Names: `word` and `two words`; `^word` at the start of a sentence; `not word` behind a negation; `prefix*` for the forms
of a longer word; `=cue`, `=cue+cue`, `=cue?`; `%shape`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from luister.text.tokens import Tokens

NEGATION = "negate"  # the cue that turns around what follows
_PREFIX = 6  # letters that stand for the forms of a longer word
_SCOPE = 4  # words behind a negation that it turns around
_TURNED = -0.6  # what is left of a feeling that is turned around: “not good” is less bad than “bad”
_FEWEST = 8  # grams; a shorter text counts as if it had these
_STOPS = frozenset({".", ",", "!", "?", "!!", "??", "?!", "...", "…", ";", ":"})
_ENDS = frozenset({".", "!", "?", "!!", "??", "?!", "...", "…"})
_ASKING = frozenset({"?", "??", "?!"})
_CUE_PAIRS = (
    ("contact_made", "no_answer"), ("contact_made", "repeated"), ("contact_made", "promise_broken"),
    ("contact_made", "anger"), ("contact_made", "fault"), ("contact_made", "helped"), ("no_answer", "repeated"),
    ("no_answer", "promise_broken"), ("promise_broken", "repeated"), ("bot", "human"), ("bot", "anti_bot"),
    ("bot", "praise"), ("bot", "anger"), ("human", "ask_to_do"), ("thank", "fault"), ("thank", "praise"),
    ("thank", "joke"), ("praise", "joke"), ("praise", "fault"), ("warn", "leak"), ("buy", "leaving"),
    ("fault", "danger"), ("praise", "praise_person"), ("anger", "warn"), ("fault", "urgent"),
)  # fmt: skip
_WITH_QUESTION_MARK = (
    "ask", "rhetorical", "ask_to_do", "suggest", "buy", "anger", "contact_made", "mistake_by_us",
)  # fmt: skip


Meaning = tuple[tuple[str, ...], float | None, bool]
"""What a gram means: its cues, its valence, and whether longer ones begin with it."""

Vocabulary = Mapping[str, Meaning]
"""The grams of a language that mean something, and what longer ones begin with."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a text: features with what they count, and the words that cues and feelings were seen in."""

    values: dict[str, float]
    cues: dict[str, list[str]]
    valences: list[tuple[str, float]]  # words and their valence here, in order


def vocabulary(cues: Mapping[str, Sequence[str]], valences: Mapping[str, float]) -> Vocabulary:
    """Return the vocabulary of the grams of each cue and of those with a valence."""
    by_gram: dict[str, tuple[str, ...]] = {}
    for cue, grams in cues.items():
        for gram in grams:
            by_gram[gram] = (*by_gram.get(gram, ()), cue)
    beginnings: set[str] = set()
    for gram in (*by_gram, *valences):
        words = gram.split(" ")
        beginnings.update(" ".join(words[:size]) for size in range(1, len(words)))
    return {
        gram: (by_gram.get(gram, ()), valences.get(gram), gram in beginnings)
        for gram in (*by_gram, *valences, *beginnings)
    }


def find(tokens: Tokens, known: Vocabulary) -> Found:
    """Return the features of a text."""
    words = tokens.lower
    cues: dict[str, list[str]] = {}
    valences: list[tuple[str, float]] = []
    negated = _look_up(tokens, known, cues, valences)
    grams = [*words, *[one + " " + two for one, two in pairwise(words)]]
    grams += [word[:_PREFIX] + "*" for word in words if len(word) > _PREFIX]
    grams += ["not " + words[place] for place in negated]
    grams += _starts(words)
    values = dict.fromkeys(grams, 0.0)
    # A gram counts less in a long text, so that a long text is not surer of everything.
    values = dict.fromkeys(values, 4 / math.sqrt(max(_FEWEST, len(values))))
    _shape(tokens, values)
    _cues(cues, values)
    _feelings(valences, values)
    return Found(values, cues, valences)


def _look_up(
    tokens: Tokens, known: Vocabulary, cues: dict[str, list[str]], valences: list[tuple[str, float]]
) -> list[int]:
    """Note the cues and feelings of a text, as it was written, and return which words stand behind a negation."""
    words, raw = tokens.lower, tokens.raw
    negated: list[int] = []
    reach = 0  # up to where the last negation turns things around
    taken = 0  # up to where a longer gram has spoken for the feeling
    for place, word in enumerate(words):
        if place < reach:
            if word in _STOPS:
                reach = 0
            else:
                negated.append(place)
        if word not in known:
            continue
        valence, end = _longest(place, words, raw, known, cues)
        if valence and place >= taken:
            valences.append((" ".join(raw[place:end]), _TURNED * valence if place < reach else valence))
            taken = end
        if NEGATION in known[word][0]:
            reach = place + 1 + _SCOPE
    return negated


def _longest(
    place: int, words: Sequence[str], raw: Sequence[str], known: Vocabulary, cues: dict[str, list[str]]
) -> tuple[float, int]:
    """Note the cues of the grams that begin at a place; return the valence of the longest, and where that ends."""
    gram = words[place]
    valence, felt_to = 0.0, place
    for end in range(place + 1, len(words) + 1):
        meaning = known.get(gram)
        if meaning is None:
            break
        meant, felt, is_beginning = meaning
        if meant:
            said = " ".join(raw[place:end])
            for cue in meant:
                cues.setdefault(cue, []).append(said)
        if felt is not None:
            valence, felt_to = felt, end
        if not is_beginning or end == len(words):
            break
        gram = gram + " " + words[end]
    return valence, felt_to


def _starts(words: Sequence[str]) -> Iterator[str]:
    """Yield the first word and the first two of each sentence."""
    is_start = True
    for place, word in enumerate(words):
        if is_start:
            yield "^" + word
            if place + 1 < len(words):
                yield "^" + word + " " + words[place + 1]
        is_start = word in _ENDS


def _shape(tokens: Tokens, values: dict[str, float]) -> None:
    words = tokens.lower
    size = len(words)
    if size <= 9:
        values["%brief"] = 1.0
        if size <= 4:
            values["%short"] = 1.0
    values["%long"] = min(size, 120) / 60
    if "?" in values or "??" in values or "?!" in values:
        values["%asks"] = 1.0
        if words[-1] in _ASKING:
            values["%ends asking"] = 1.0
    loud = len([raw for raw in tokens.raw if raw.isupper() and len(raw) > 2 and raw.isalpha()])
    if loud >= 2:
        values["%capitals"] = min(loud, 6) / 3


def _cues(cues: Mapping[str, Sequence[str]], values: dict[str, float]) -> None:
    for cue, grams in cues.items():
        values["=" + cue] = 1.0
        if len(grams) > 1 and len(set(grams)) > 1:
            values["=" + cue + " twice"] = 1.0
    if len(cues) > 1:
        for one, other in _CUE_PAIRS:
            if one in cues and other in cues:
                values["=" + one + "+" + other] = 1.0
    if "%asks" in values:
        for cue in _WITH_QUESTION_MARK:
            if cue in cues:
                values["=" + cue + "?"] = 1.0


def _feelings(valences: Sequence[tuple[str, float]], values: dict[str, float]) -> None:
    if not valences:
        values["%no feeling"] = 1.0
        return
    good = sum([valence for _, valence in valences if valence > 0])
    bad = -sum([valence for _, valence in valences if valence < 0])
    values["%mean"] = (good - bad) / len(valences) / 2
    values["%last"] = valences[-1][1] / 3
    if good:
        values["%good"] = min(good, 12) / 4
    else:
        values["%only bad"] = 1.0
    if bad:
        values["%bad"] = min(bad, 12) / 4
    else:
        values["%only good"] = 1.0
