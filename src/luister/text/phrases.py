"""Key phrases: the runs of words between small words and marks, the most telling first (as RAKE, Rose et al. 2010)."""

from collections.abc import Mapping, Sequence

from luister.text.function_words import LANGUAGES_OF

MOST = 5
_LONGEST = 3  # words
_SHORTEST = 3  # letters of a word

_SMALL: Mapping[str, frozenset[str]] = {
    lang: frozenset(word for word, langs in LANGUAGES_OF.items() if lang in langs) | {"http"} for lang in ("nl", "en")
}
_ANY = frozenset(LANGUAGES_OF) | {"http"}


def key_phrases(tokens: Sequence[str], *, lang: str) -> tuple[str, ...]:
    """Return at most five phrases of one to three words of a text in lower case, longer and repeated ones first."""
    small = _SMALL.get(lang, _ANY)
    scores: dict[str, float] = {}
    run: list[str] = []
    for token in (*tokens, "."):
        tells = len(token) >= _SHORTEST and token not in small and token[0].isalpha()
        if tells:
            run.append(token)
        if run and (not tells or len(run) == _LONGEST):
            phrase = " ".join(run)
            scores[phrase] = scores.get(phrase, 0) + len(run) + len(phrase) / 20
            run = []
    return tuple(sorted(scores, key=scores.__getitem__, reverse=True)[:MOST])
