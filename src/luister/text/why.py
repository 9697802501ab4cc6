"""Reasons of a conclusion: the features that weighed most, in words that a person knows."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from luister.text.contract import Reason
from luister.text.features import Found
from luister.text.judging import Judgement

FOR, AGAINST = 3, 1  # reasons that are told
_NAMED = 3  # words or phrases of one cue
_LOOKED_AT = 6  # features that weigh most, of which the reasons are made
_LEAST = 0.1  # of a logit
_MARKS = frozenset(
    {".", ",", ";", ":", "...", "…", "!", "!!", "?", "??", "?!", "0", "@", "http"}
)  # tell a person nothing
_SHAPES = {"%asks": "shape.asks", "%ends asking": "shape.asks", "%capitals": "shape.capitals"}


def reasons(judgement: Judgement, heads: Sequence[str]) -> list[tuple[Reason, ...]]:
    """Return for each head what spoke most for it, and what spoke against it."""
    columns = [judgement.model.column[head] for head in heads]
    parts = (judgement.weights.take(columns, axis=1) * judgement.amounts[:, None]).T
    places = np.argsort(np.abs(parts))[:, : -_LOOKED_AT - 1 : -1].tolist()
    names = list(judgement.found.values)
    return [
        (*_learned(judgement, head), *_of_head(judgement.found, names, each_places, each_parts))
        for head, each_places, each_parts in zip(heads, places, parts.tolist(), strict=True)
    ]


def _learned(judgement: Judgement, head: str) -> tuple[Reason, ...]:
    added = judgement.added.get(head, 0.0)
    return (Reason("learned", "", round(added, 2)),) if abs(added) >= _LEAST else ()


def _of_head(found: Found, names: list[str], places: list[int], parts: list[float]) -> tuple[Reason, ...]:
    left = {True: FOR, False: AGAINST}
    told: list[Reason] = []
    for place in places:
        part = parts[place]
        if -_LEAST < part < _LEAST:
            break
        is_for = part > 0
        if left[is_for]:
            code, text = _meaning(names[place])
            if not code or (text is None and not is_for and code[0] == "f"):
                continue
            if text is None:
                text = _words(names[place], found)
            if not _is_told(code, text, told):
                told.append(Reason(code, text, round(part, 2)))
                left[is_for] -= 1
    return tuple(told)


def _is_told(code: str, text: str, told: list[Reason]) -> bool:
    """Tell whether another reason says so already, or names the same words."""
    for reason in told:
        other = reason.text
        if (text in other or other in text) if text and other else (reason.code == code and text == other):
            return True
    return False


@lru_cache(maxsize=100_000)
def _meaning(name: str) -> tuple[str, str | None]:
    """Return the code and the words of a feature: None where they differ by text, no code where it tells nothing."""
    sign = name[0]
    if sign == "=":
        return f"cue.{_cue(name)}", None
    if sign == "%":
        if name in {"%good", "%bad", "%negative", "%positive"}:
            return f"feeling.{name[1:]}", None
        return _SHAPES.get(name, ""), ""
    if name.startswith("not "):
        return "negated", name[4:]
    if name[-1] == "*" and len(name) > 1:
        return "words", None
    words = [word for word in name.removeprefix("^").split(" ") if word not in _MARKS]
    return ("words", " ".join(words)) if words else ("", "")


@lru_cache(maxsize=1_000)
def _cue(name: str) -> str:
    return name[1:].partition("+")[0].partition(" ")[0].rstrip("?")


def _words(name: str, found: Found) -> str:
    """Return the words of this text that a feature stands for."""
    if name[0] == "=":
        return _listed(found.cues[_cue(name)])
    if name[0] == "%":
        sign = {"%good": 1, "%bad": -1}.get(name, 0)
        grams = sorted((each for each in found.valences if sign * each[1] > 0), key=lambda each: -abs(each[1]))
        return _listed([gram for gram, _ in grams])
    start = name[:-1]
    return next((word for word in found.values if word.startswith(start)), start)


def _listed(grams: list[str]) -> str:
    """Return the first grams, without those that stand within another."""
    whole = [gram for gram in grams if not any(gram != other and gram in other for other in grams)]
    return ", ".join(list(dict.fromkeys(whole))[:_NAMED])
