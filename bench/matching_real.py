"""Real posts, and what is talked of in them, for measuring the matcher on."""

import csv
import gzip
import io
import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from bench.matching_posts import Language, Talk
from luister.query import Document, prepare
from luister.query.tokens import Kind, pieces

# The column with the text of each file, by language; the first language has the more posts of the two.
FILES = {
    "en": {"en_support_threads/twcs.csv.gz": "text"},
    "nl": {"nl_social/flanders_covid_tweets.csv.gz": "text", "nl_social/party_tweets_sample.csv.gz": "Tweet"},
}
SEED = 1


def read(data: Path, share: float) -> tuple[list[dict[str, str]], Talk]:
    """Return the posts of a data folder in a random order, and the words, pairs of words and names in them."""
    texts = {lang: [text for name, column in files.items() for text in _column(data / name, column)]
             for lang, files in FILES.items()}  # fmt: skip
    every = [text for some in texts.values() for text in some]
    random.Random(SEED).shuffle(every)
    posts = [{"id": f"post-{number}", "text": text} for number, text in enumerate(every)]
    names = Counter(name for text in every for name in _of_kind(text, Kind.MENTION))
    talk = Talk(
        SEED, [_language(some) for some in texts.values()], [name for name, count in names.items() if count > 1]
    )
    return posts[: max(600, int(len(posts) * share))], talk


def _column(path: Path, column: str) -> list[str]:
    with gzip.open(path, "rb") as file, io.TextIOWrapper(file, "utf-8", newline="") as lines:
        return [row[column] for row in csv.DictReader(lines) if row[column]]


def _language(texts: Sequence[str]) -> Language:
    said = [_of_kind(text, Kind.WORD) for text in texts]
    words = Counter(word for some in said for word in some)
    pairs = Counter(f"{one} {other}" for some in said for one, other in pairwise(some))
    return Language(_most(words, 1), _most(pairs, 2))


def _of_kind(text: str, kind: Kind) -> list[str]:
    normal = prepare(Document("", text)).text
    return [piece.text for piece in pieces(normal) if piece.kind is kind]


def _most(counts: Counter[str], least: int) -> list[str]:
    """Return what is said at least so often and is of letters alone, the most said first."""
    return [one for one, count in counts.most_common() if count >= least and one.replace(" ", "").isalpha()]
