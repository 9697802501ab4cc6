"""Trains every model of luister.text and writes it beside the code: make train DATA=FOLDER."""

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from luister.text.contract import Kind
from luister.text.emotions import EMOTIONS
from luister.text.features import Vocabulary, find, vocabulary
from luister.text.tokens import read
from train import sets
from train.common import write_common
from train.emotions import GOEMOTIONS, XED
from train.lists import cues, valences
from train.sets import Text
from train.space import Space, Table, fit

MODELS = Path(__file__).parent.parent / "src" / "luister" / "text" / "models"
SENTIMENT = ("negative", "neutral", "positive")
NEED = ("answer", "hearing", "none", "redress", "warning")
URGENCY = ("high", "low", "normal")
FOLDS = 4
Values = Mapping[str, float]


def main() -> None:
    """Train the languages that are asked for, both unless one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the permissive sets")
    parser.add_argument("--lang", choices=("nl", "en"), action="append")
    arguments = parser.parse_args()
    print(f"common.txt: {write_common()} words")
    for lang in arguments.lang or ("nl", "en"):
        _train(lang, arguments.data)


def _train(lang: str, data: Path) -> None:
    grams, feelings = cues(lang), valences(lang, data)
    known = vocabulary(grams, feelings)
    table = Table()
    with_sentiment = _sentiment(lang, data, known, table)
    thresholds = _says(lang, data, known, with_sentiment, table) | _emotions(lang, data, known, table)
    names, weights = table.packed()
    lists = {
        "cues": grams, "valences": feelings, "heads": table.heads, "bias": table.bias, "features": names,
        "thresholds": {head: round(least, 3) for head, least in thresholds.items()},
    }  # fmt: skip
    packed = json.dumps(lists, ensure_ascii=False, separators=(",", ":")).encode()
    MODELS.mkdir(exist_ok=True)
    path = MODELS / f"{lang}.npz"
    np.savez_compressed(path, weights=weights, lists=np.frombuffer(packed, dtype=np.uint8))
    print(f"{path.name}: {len(names)} features, {path.stat().st_size / 1e6:.2f} MB")


# How much each source counts as a whole, against the posts and tweets of customers (which count as 1).
_SHARES: Mapping[str, Mapping[str, float]] = {
    "nl": {"posts": 0.8, "sentiment": 2.0, "needs": 0.2, "bol": 0.4, "xed": 0.1},
    "en": {"posts": 1.0, "care_tweets": 0.4, "sentiment": 0.6, "tweets": 3.0, "needs": 0.2, "goemotions": 3.0},
}
_STRENGTH = {"nl": 0.2, "en": 0.05}
_NEUTRAL = {"nl": 1.0, "en": 0.8}  # what neutral texts count: said too often where they count as much as the others
_SAYS = 0.7


def _sentiment(
    lang: str, data: Path, known: Vocabulary, table: Table
) -> Callable[[Sequence[Text], list[Values]], list[Values]]:
    """Train sentiment; returned is what adds it to the features of texts that it may have learned from."""
    texts = [*_posts(lang), *sets.own(f"sentiment.{lang}"), *sets.own(f"needs.{lang}")]
    texts += (
        [*sets.book_reviews(data), *sets.subtitles(data)]
        if lang == "nl"
        else [*sets.own("tweets.en"), *sets.care_tweets(data), *sets.goemotions(data)]
    )
    found = _features(texts, known)
    answers = [text.says["sentiment"] for text in texts]
    weights = _weights(texts, answers, _SHARES[lang])
    weights[np.array(answers) == "neutral"] *= _NEUTRAL[lang]
    space = Space(found, least=2 if lang == "nl" else 3)
    matrix = space.matrix(found)
    whole = fit(matrix, answers, strength=_STRENGTH[lang], weights=weights)
    table.add(SENTIMENT, whole, space)

    def with_sentiment(others: Sequence[Text], features: list[Values]) -> list[Values]:
        """Add what a model says that has not seen the fold a text is in."""
        folds = _folds(texts)
        of_other = {text.text: fold for text, fold in zip(texts, folds, strict=True)}
        models = []
        for fold in range(FOLDS):
            rows = np.flatnonzero(folds != fold)
            models.append(
                fit(matrix[rows], [answers[row] for row in rows], strength=_STRENGTH[lang], weights=weights[rows])
            )
        models.append(whole)
        added = []
        for text, values, row in zip(others, features, space.matrix(features), strict=True):
            shares = models[of_other.get(text.text, FOLDS)].predict_proba(row)[0]
            added.append({**values, "%negative": shares[0], "%positive": shares[2]})
        return added

    return with_sentiment


def _says(
    lang: str,
    data: Path,
    known: Vocabulary,
    with_sentiment: Callable[[Sequence[Text], list[Values]], list[Values]],
    table: Table,
) -> dict[str, float]:
    """Train all that a post says beside sentiment; returned are the shares from which on each head holds."""
    posts = _posts(lang)
    if lang == "en":
        posts += sets.care_tweets(data)
    texts = [*posts, *sets.own(f"flags.{lang}"), *sets.own(f"contrasts.{lang}"), *sets.own(f"needs.{lang}")]
    found = with_sentiment(texts, _features(texts, known))
    space = Space(found, least=2)
    matrix = space.matrix(found)
    thresholds: dict[str, float] = {}
    for head in (*Kind, "neglected", "wants_human"):
        answers = [_holds(head, text) for text in texts]
        rows = [row for row, answer in enumerate(answers) if answer is not None]
        here = [bool(answers[row]) for row in rows]
        table.add([head], fit(matrix[rows], here, strength=_SAYS), space)
        is_natural = np.array(["kinds" in texts[row].says for row in rows])
        thresholds[head] = _threshold(matrix[rows], here, [texts[row] for row in rows], among=is_natural, head=head)
    for names, aspect in ((NEED, "need"), (URGENCY, "urgency")):
        rows = [row for row, text in enumerate(texts) if aspect in text.says]
        answers = [texts[row].says[aspect] for row in rows]
        table.add([f"{aspect} {name}" for name in names], fit(matrix[rows], answers, strength=_SAYS), space)
    return thresholds


def _holds(head: str, text: Text) -> bool | None:
    """Tell what people said of a text for a head of two answers; None where they did not say."""
    if head in text.says:
        return bool(text.says[head])
    if "kinds" in text.says:
        return head in text.says["kinds"]
    return text.says["is"] if text.says.get("kind") == head else None


def _threshold(matrix: Any, answers: Sequence[bool], texts: Sequence[Text], *, among: np.ndarray, head: str) -> float:
    """Return from which share on a head is said to hold: what is best for texts that were not learned from.

    `among` are the texts that come as posts do; the others are look-alikes, of which there are more here than in life.
    A wish for a person must not be missed: for that, finding it counts twice as much as being right.
    """
    truth = np.asarray(answers)
    shares = np.zeros(len(truth))
    folds = _folds(texts)
    for fold in range(FOLDS):
        rest, here = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        shares[here] = fit(matrix[rest], truth[rest], strength=_SAYS).predict_proba(matrix[here])[:, 1]
    truth, shares = truth[among], shares[among]
    steps = np.arange(0.14, 0.81, 0.02)
    right = np.array([(truth & (shares >= step)).sum() for step in steps])
    said = np.array([(shares >= step).sum() for step in steps])
    recall_counts = 4.0 if head == "wants_human" else 1.0  # the square of F-beta's beta
    scores = (1 + recall_counts) * right / (recall_counts * truth.sum() + said)
    smooth = np.convolve(scores, np.ones(5) / 5, mode="same")[2:-2]
    return float(steps[2:-2][int(np.argmax(smooth))])


def _emotions(lang: str, data: Path, known: Vocabulary, table: Table) -> dict[str, float]:
    texts, groups = (
        ([*sets.subtitles(data, every=True)], XED)
        if lang == "nl"
        else ([*sets.goemotions(data, every=True)], GOEMOTIONS)
    )
    found = _features(texts, known)
    space = Space(found, least=3 if lang == "nl" else 8)
    matrix = space.matrix(found)
    thresholds = {}
    for emotion in EMOTIONS:
        answers = [bool(text.says["emotions"] & set(groups[emotion])) for text in texts]
        table.add([f"emotion {emotion}"], fit(matrix, answers, strength=0.05), space)
        thresholds[f"emotion {emotion}"] = _threshold(
            matrix, answers, texts, among=np.ones(len(texts), bool), head=emotion
        )
    return thresholds


def _posts(lang: str) -> list[Text]:
    return [*sets.own(f"posts.{lang}"), *sets.own(f"posts.{lang}.more")]


def _features(texts: Sequence[Text], known: Vocabulary) -> list[Values]:
    return [find(read(text.text), known).values for text in texts]


def _weights(texts: Sequence[Text], answers: Sequence[str], shares: Mapping[str, float]) -> np.ndarray:
    """Return a weight a text: each source counts as a whole by its share, and in it each answer alike."""
    counts = Counter(zip((text.source for text in texts), answers, strict=True))
    kinds = Counter(source for source, _ in counts)
    return np.array(
        [
            1000 * shares[text.source] / kinds[text.source] / counts[text.source, answer]
            for text, answer in zip(texts, answers, strict=True)
        ]
    )


def _folds(texts: Sequence[Text]) -> np.ndarray:
    """Return a fold a text, by the text alone."""
    return np.array([random.Random(text.text).randrange(FOLDS) for text in texts])


if __name__ == "__main__":
    main()
