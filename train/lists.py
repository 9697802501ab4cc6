"""The lists that people wrote: cues, and the feeling of words and phrases."""

import tomllib
from pathlib import Path

from luister.text.tokens import read
from train.sets import TEXTS, pattern_valences

_PATTERN_LEAST = 0.2  # polarity; below it a word says nothing by itself
_PATTERN_SCALE = 3  # its polarity goes to 1, ours to 4


def cues(lang: str) -> dict[str, list[str]]:
    """Return the grams of each cue, as tokens are read."""
    with (TEXTS / f"cues.{lang}.toml").open("rb") as file:
        lists: dict[str, str] = tomllib.load(file)
    return {cue: sorted({gram for line in lines.splitlines() if (gram := _gram(line))}) for cue, lines in lists.items()}


def valences(lang: str, data: Path) -> dict[str, float]:
    """Return the feeling of grams and emoji, from −4 to 4; of Dutch words that ours does not have, pattern's."""
    found: dict[str, float] = {}
    for name in (f"lexicon.{lang}", "lexicon.emoji"):
        for line in (TEXTS / f"{name}.tsv").read_text("utf-8").splitlines():
            gram, _, score = line.partition("\t")
            if _gram(gram):
                found.setdefault(_gram(gram), float(score))
    if lang == "nl":
        for gram, polarity in pattern_valences(data).items():
            if abs(polarity) >= _PATTERN_LEAST and _gram(gram):
                found.setdefault(_gram(gram), round(_PATTERN_SCALE * polarity, 1))
    return found


def _gram(line: str) -> str:
    return " ".join(read(line.strip()).lower)
