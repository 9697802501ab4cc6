"""The labelled texts that models learn from: our own, and the permissive sets that DATA holds."""

import csv
import gzip
import json
import tarfile
import xml.etree.ElementTree as ET  # a file that we were given, read once by a developer
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

MEASURED = ("posts.nl.aside", "posts.en.aside", "restaurants.nl")  # nothing is learned from these
TEXTS = Path(__file__).parent.parent / "texts"

_GOOD = frozenset({
    "admiration", "amusement", "approval", "caring", "excitement", "gratitude", "joy", "love", "optimism", "pride",
    "relief",
})  # fmt: skip
_BAD = frozenset({
    "anger", "annoyance", "disappointment", "disapproval", "disgust", "embarrassment", "fear", "grief", "nervousness",
    "remorse", "sadness",
})  # fmt: skip
GOEMOTIONS = (  # in the order of the labels' numbers
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
    "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy",
    "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """A text with what people said of it: `says` has sentiment, kinds, need, urgency, neglected, wants_human."""

    text: str
    source: str
    says: dict[str, Any]


def own(name: str) -> list[Text]:
    """Return a set of ours, of the folder `texts`, without what also stands in one that only measures."""
    lines = (line for line in _lines(name) if line["text"].lower() not in _only_measured())
    return [Text(line.pop("text"), name.split(".")[0], line) for line in lines]


@cache
def _only_measured() -> frozenset[str]:
    return frozenset(line["text"].lower() for name in MEASURED for line in _lines(name))


def _lines(name: str) -> list[dict[str, Any]]:
    text = (TEXTS / f"{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def goemotions(data: Path, *, every: bool = False) -> Iterator[Text]:
    """Yield Reddit comments (GoEmotions, Apache-2.0) whose emotions are all good, all bad or none; or every one."""
    for name in ("train", "dev"):
        for row in _rows(data / f"en_tone/goemotions_{name}.csv.gz"):
            emotions = {GOEMOTIONS[int(number)] for number in row["labels"].split(",")}
            is_good, is_bad = bool(emotions & _GOOD), bool(emotions & _BAD)
            if every or is_good != is_bad or emotions == {"neutral"}:
                sentiment = "positive" if is_good else "negative" if is_bad else "neutral"
                yield Text(
                    row["text"].replace("[NAME]", "@name"), "goemotions", {"sentiment": sentiment, "emotions": emotions}
                )


def care_tweets(data: Path) -> Iterator[Text]:
    """Yield tweets of customers (IBM, Apache-2.0) with our labels of them."""
    texts = {}
    for row in _rows(data / "en_support_threads/ibm_twitter_care_dev.csv.gz"):
        for number, turn in enumerate(json.loads(row["turns"])):
            texts[f"{row['conv']}:{number}"] = turn["text"][:400]
    for one in own_labels("care_tweets"):
        yield Text(texts[one.pop("id")], "care_tweets", one)


def own_labels(name: str) -> list[dict[str, Any]]:
    """Return our labels of texts that are not ours, with the id of each text."""
    return _lines(f"{name}.labels")


def book_reviews(data: Path) -> Iterator[Text]:
    """Yield reviews of books and readers (bol.com, from pattern, BSD-3)."""
    for row in _rows(data / "nl_sentiment/bol_book_reviews.csv.gz"):
        yield Text(row["review"], "bol", {"sentiment": "positive" if float(row["polarity"]) > 0 else "negative"})


def subtitles(data: Path, *, every: bool = False) -> Iterator[Text]:
    """Yield lines of films with Plutchik's emotions (XED, CC BY 4.0): all good or all bad; or every one."""
    good, bad = {"5", "8"}, {"1", "3", "4", "6"}
    for row in _rows(data / "nl_sentiment/xed_emotions_nl.csv.gz"):
        labels = {label.strip() for label in row["labels"].split(",")}
        is_good, is_bad = bool(labels & good), bool(labels & bad)
        if every or is_good != is_bad:
            yield Text(row["text"], "xed", {"sentiment": "positive" if is_good else "negative", "emotions": labels})


def pattern_valences(data: Path) -> dict[str, float]:
    """Return the polarity of Dutch words in pattern's lexicon (PDDL), from −1 to 1, averaged over their senses."""
    with tarfile.open(data / "nl_lexicons/pattern_nl.tar.gz") as archive:
        member = next(name for name in archive.getnames() if name.endswith("nl-sentiment.xml"))
        file = archive.extractfile(member)
        assert file is not None
        root = ET.fromstring(file.read())
    found: dict[str, list[float]] = {}
    for word in root.iter("word"):
        found.setdefault(word.attrib["form"].lower().replace("_", " "), []).append(float(word.attrib["polarity"]))
    return {form: sum(each) / len(each) for form, each in found.items()}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)
