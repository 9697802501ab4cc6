"""How well texts are understood: on real data, and on our own that the rules and models never saw."""

import csv
import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.figures import Figure, MissingDataError
from eval.scores import accuracy, f1, macro_f1, macro_f1_of_labels, macro_recall, precision, recall
from luister.text import Kind, Personal, Understanding, understand
from luister.text.personal import personal_data

TEXTS = Path(__file__).parent.parent / "texts"
_STARS: Mapping[str, str] = {"1": "negative", "2": "negative", "3": "neutral", "4": "positive", "5": "positive"}
_MARKED = re.compile(r"\[\[(\w+):(.*?)\]\]")
_CODES: Mapping[str, str] = {"nb": "no"}


@dataclass(frozen=True, slots=True)
class _Goal:
    floor: float | None  # what was measured with simpler means; below it the evaluation fails
    aim: float


def own() -> list[Figure]:
    """Measure on our own texts: what was put aside before the rules and the models were made."""
    figures = []
    for lang in ("nl", "en"):
        figures += _posts(lang)
    figures.append(_restaurants())
    for name in ("personal", "personal.aside"):
        figures += _personal(name)
    return figures


def real(data: Path) -> list[Figure]:
    """Measure language and sentiment on real texts."""
    return [*_languages(data), *_deliveries(data), *_airlines(data), *_tweets(data)]


def _posts(lang: str) -> list[Figure]:
    posts = _lines(f"posts.{lang}.aside")
    said = [understand(post["text"], lang=lang) for post in posts]
    figures = [
        _figure(
            f"{lang} kinds, macro-F1 over {len(Kind)} kinds, {len(posts)} posts put aside",
            macro_f1_of_labels([post["kinds"] for post in posts], [each.kinds for each in said]),
            _Goal(None, 0.80),
        ),
        _figure(
            f"{lang} need, macro-F1",
            macro_f1([post["need"] for post in posts], [each.need for each in said]),
            _Goal(None, 0.80),
        ),
        _figure(
            f"{lang} urgency, macro-F1 (no aim was set)",
            macro_f1([post["urgency"] for post in posts], [each.urgency for each in said]),
        ),
        _figure(
            f"{lang} sentiment of these posts, macro-F1 (no aim was set)",
            macro_f1([post["sentiment"] for post in posts], [each.sentiment for each in said]),
        ),
        _figure(
            f"{lang} neglected, F1",
            f1([post["neglected"] for post in posts], [each.neglected for each in said]),
            _Goal(None, 0.85),
        ),
    ]
    wanted, found = [post["wants_human"] for post in posts], [each.wants_human for each in said]
    figures.append(_figure(f"{lang} wants a human, recall", recall(wanted, found), _Goal(None, 0.97)))
    figures.append(_figure(f"{lang} wants a human, precision", precision(wanted, found), _Goal(None, 0.90)))
    figures += [
        _figure(
            f"{lang} {kind}, F1", f1([kind in post["kinds"] for post in posts], [kind in each.kinds for each in said])
        )
        for kind in Kind
    ]
    return figures


def _restaurants() -> Figure:
    sentences = _lines("restaurants.nl")
    said = [understand(sentence["text"], lang="nl") for sentence in sentences]
    return _figure(
        f"nl polarity of {len(sentences)} sentences about restaurants that we wrote",
        macro_f1([sentence["sentiment"] for sentence in sentences], [_polarity(each) for each in said]),
        _Goal(None, 0.80),
    )


def _personal(name: str) -> list[Figure]:
    there = found = alarms = rest = 0
    for line in _lines(name):
        text, marked = _unmarked(line["text"])
        spans = {(each.kind, each.start, each.end) for each in personal_data(text)}
        there += len(marked)
        found += len(marked & spans)
        rest += 1
        alarms += bool(spans - marked)
    return [
        _figure(f"{name}: personal data found, {there} in {rest} texts", found / there, _Goal(None, 0.99)),
        _figure(f"{name}: texts with a false alarm (at most .02)", alarms / rest, failed=alarms / rest > 0.02),
    ]


def _unmarked(marked: str) -> tuple[str, set[tuple[Personal, int, int]]]:
    text, spans, at = "", set(), 0
    for match in _MARKED.finditer(marked):
        text += marked[at : match.start()]
        spans.add((Personal(match[1]), len(text), len(text) + len(match[2])))
        text += match[2]
        at = match.end()
    return text + marked[at:], spans


def _languages(data: Path) -> list[Figure]:
    texts: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _rows(data / "langid/lingua_sentences.csv.gz"):
        if row["lang"] != "af":  # left out on purpose: short Dutch is taken for it
            lang = _CODES.get(row["lang"], row["lang"])
            texts["sentences"].append((lang, row["text"]))
            words = row["text"].split()
            if len(words) >= 5:
                texts["four words"].append((lang, " ".join(words[1:5])))
    for row in _rows(data / "nl_social/flanders_covid_tweets.csv.gz"):
        texts["tweets, nl and en"].append(("nl", row["text"]))
    for row in _rows(data / "en_sentiment/airline_tweets.csv.gz"):
        texts["tweets, nl and en"].append(("en", row["text"]))
    figures = []
    for name, pairs in texts.items():
        for prior in ("", "nl"):
            truth = [lang for lang, _ in pairs]
            said = [understand(text, prior=prior).lang for _, text in pairs]
            where = f"language of {name}, {'prior nl' if prior else 'no prior'}"
            is_post = name != "four words" and not prior
            figures.append(
                _figure(f"{where}, {len(pairs)}", accuracy(truth, said), _Goal(0.84, 0.92) if is_post else None)
            )
            each = ", ".join(
                f"{lang} {recall([one == lang for one in truth], [one == lang for one in said]):.3f}"
                for lang in ("nl", "en", "de")
                if lang in truth
            )
            dutch = f1([lang == "nl" for lang in truth], [lang == "nl" for lang in said])
            figures.append(
                _figure(f"{where}: {each}; Dutch against the rest, F1", dutch, _Goal(None, 0.90) if is_post else None)
            )
    return figures


def _deliveries(data: Path) -> list[Figure]:
    by_stars: dict[str, list[str]] = defaultdict(list)
    for row in _rows(data / "nl_sentiment/thuisbezorgd_reviews_sample.csv.gz"):
        if row["review"].strip():
            by_stars[row["rating"]].append(row["review"])
    least = min(map(len, by_stars.values()))
    chance = random.Random(1)
    pairs = [(stars, text) for stars in sorted(by_stars) for text in chance.sample(by_stars[stars], least)]
    said = [(_STARS[stars], understand(text, lang="nl")) for stars, text in pairs]
    clear = [(truth, each) for truth, each in said if truth != "neutral"]
    return [
        _figure(
            f"nl delivery reviews, {len(clear)} of 1–2 against 4–5 stars, macro-F1",
            macro_f1([truth for truth, _ in clear], [_polarity(each) for _, each in clear]),
            _Goal(0.83, 0.87),
        ),
        _figure(
            f"nl delivery reviews, {len(said)} with 3 stars as neutral, macro-F1",
            macro_f1([truth for truth, _ in said], [each.sentiment for _, each in said]),
            _Goal(0.57, 0.60),
        ),
    ]


def _airlines(data: Path) -> list[Figure]:
    rows = list(_rows(data / "en_sentiment/airline_tweets.csv.gz"))
    truth = [row["airline_sentiment"] for row in rows]
    said = [understand(row["text"], lang="en").sentiment for row in rows]
    return [_figure(f"en airline tweets, {len(rows)}, macro-F1", macro_f1(truth, said), _Goal(0.46, 0.60))]


def _tweets(data: Path) -> list[Figure]:
    rows = list(_rows(data / "en_tweeteval/sentiment_val.csv.gz"))
    said = [understand(row["text"], lang="en").sentiment for row in rows]
    return [
        _figure(
            f"en tweets (TweetEval), {len(rows)}, macro recall",
            macro_recall([row["label"] for row in rows], said),
            _Goal(0.60, 0.61),
        )
    ]


def _polarity(each: Understanding) -> str:
    return "positive" if each.score > 0 else "negative"


def _figure(name: str, value: float, goal: _Goal | None = None, *, failed: bool = False) -> Figure:
    shown = f"{value:.3f}"
    if goal is not None:
        floor = "" if goal.floor is None else f"floor {goal.floor:.2f}, "
        shown += f"  ({floor}aim {goal.aim:.2f}{'' if value >= goal.aim else ', missed'})"
        failed = goal.floor is not None and value < goal.floor
    return Figure(name, shown, (name,) if failed else ())


def _lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (TEXTS / f"{name}.jsonl").read_text("utf-8").splitlines() if line.strip()]


def _rows(path: Path) -> Sequence[dict[str, str]]:
    if not path.exists():
        raise MissingDataError(path.name)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))
