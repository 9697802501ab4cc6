"""A town that talks: posts in made-up Dutch and English, with words as unevenly used as real ones (Zipf's law)."""

import itertools
import random
from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

DUTCH = [
    "de",
    "van",
    "een",
    "het",
    "en",
    "in",
    "is",
    "dat",
    "op",
    "te",
    "zijn",
    "met",
    "voor",
    "niet",
    "aan",
    "er",
    "om",
    "ook",
    "als",
    "dan",
    "maar",
    "bij",
    "nog",
    "uit",
    "door",
    "over",
    "ik",
    "je",
    "we",
    "mijn",
    "jullie",
    "wat",
    "waar",
    "wie",
    "hoe",
    "kan",
    "al",
    "geen",
    "meer",
    "heb",
    "heeft",
    "was",
    "hij",
    "zij",
    "naar",
    "deze",
    "dit",
    "wel",
    "nu",
    "even",
    "weer",
    "zo",
    "iemand",
]
ENGLISH = [
    "the",
    "of",
    "and",
    "to",
    "a",
    "in",
    "is",
    "it",
    "you",
    "that",
    "he",
    "was",
    "for",
    "on",
    "are",
    "with",
    "as",
    "his",
    "they",
    "at",
    "be",
    "this",
    "have",
    "from",
    "or",
    "had",
    "by",
    "not",
    "but",
    "what",
    "all",
    "were",
    "we",
    "when",
    "your",
    "can",
    "said",
    "there",
    "use",
    "an",
    "each",
    "which",
    "she",
    "do",
    "how",
    "their",
    "if",
    "will",
    "up",
    "about",
    "out",
    "many",
    "then",
    "them",
]
STARTS = [
    "b",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "w",
    "z",
    "br",
    "dr",
    "gr",
    "kl",
    "kr",
    "pl",
    "pr",
    "schr",
    "sl",
    "sp",
    "st",
    "tr",
    "vl",
    "zw",
]
MIDDLES = ["a", "e", "i", "o", "u", "aa", "ee", "oo", "uu", "ie", "oe", "ei", "ui", "ou", "eu"]
ENDS = ["k", "l", "m", "n", "p", "r", "s", "t", "f", "ng", "nk", "rs", "st", "rt", "ld", "cht"]
EMOJI = ["😡", "😂", "👍🏽", "❤️", "😭", "🙏", "🎉", "✈️", "🧳", "🤷\u200d♀️", "👩🏾\u200d🚒", "🇳🇱"]
SITES = [f"{name}.example" for name in ("nieuws", "blog", "winkel", "luchthaven", "spoor", "forum")]
ACCOUNTS = ("luchthaven", "spoorweg", "bank", "webwinkel", "energie")
LANGUAGES = ("nl", "nl", "nl", "nl", "nl", "nl", "en", "en", "en", "de")
WORDS = 200_000
EPOCH = datetime(2021, 3, 1, tzinfo=UTC)
DAYS = 1_826
STEEPNESS = 1.05


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words, the most used first, and how often each is said of all together."""

    words: list[str]
    sums: list[float]  # of the shares up to and including each

    def pick(self, dice: random.Random, count: int) -> list[str]:
        """Return as many words as somebody says."""
        return dice.choices(self.words, cum_weights=self.sums, k=count)


def vocabulary(dice: random.Random) -> Vocabulary:
    """Make up the words: short ones that everybody uses, then ever longer compounds."""
    roots = list(dict.fromkeys(_root(dice) for _ in range(6_000)))
    made: dict[str, None] = dict.fromkeys(word for pair in zip(DUTCH, ENGLISH, strict=False) for word in pair)
    while len(made) < WORDS:
        parts = 1 if len(made) < 3_000 else dice.choice((2, 2, 3))
        ending = dice.choice(("", "", "en", "ing", "s", "je", "baar"))
        made["".join(dice.choices(roots, k=parts)) + ending] = None
    weights = [(rank + 2) ** -STEEPNESS for rank in range(len(made))]
    return Vocabulary(list(made), list(itertools.accumulate(weights)))


def _root(dice: random.Random) -> str:
    syllables = (dice.choice(STARTS) + dice.choice(MIDDLES) + dice.choice(ENDS) for _ in range(dice.choice((1, 1, 2))))
    return "".join(syllables)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who writes, a few of them much and most little."""

    handles: list[str]
    names: list[str]


def crowd(dice: random.Random, *, size: int, words: Vocabulary) -> Crowd:
    """Make up people."""
    names = [f"{dice.choice(words.words).title()} {dice.choice(words.words).title()}" for _ in range(size)]
    return Crowd([f"{name.split()[0].lower()}{number}" for number, name in enumerate(names)], names)


def fad(month: int) -> str:
    """Return the word that everybody said in one month, and nobody since."""
    return f"gekte{month}"


def post(dice: random.Random, part: float, words: Vocabulary, people: int, channels: int) -> dict[str, Any]:
    """Return the fields of a post; `part` of the town's years had passed.

    `author` and `channel` are numbers from 0, an author of -1 is us.
    """
    at = EPOCH + timedelta(days=DAYS) * part
    said = words.pick(dice, min(400, 3 + int(dice.expovariate(1 / 15))))
    said[0] = said[0].capitalize()
    month = (at - EPOCH).days // 30
    if dice.random() < 0.02:
        said.append(fad(month))
    for chance, extra in (
        (0.2, lambda: f"#{dice.choice(words.words[100:5_000])}"),
        (0.3, lambda: f"@{dice.choice(ACCOUNTS)}"),
        (0.2, lambda: dice.choice(EMOJI)),
        (0.15, lambda: f"https://{dice.choice(SITES)}/{dice.choice(words.words)}/{dice.randrange(100_000)}"),
    ):
        if dice.random() < chance:
            said.insert(dice.randrange(len(said) + 1), extra())
    is_ours = dice.random() < 0.2
    is_article = dice.random() < 0.05
    return {
        "author": -1 if is_ours else int(people * dice.random() ** 3),
        "channel": bisect((0.5, 0.7, 0.8, 0.9), dice.random()) % channels,
        "kind": "article" if is_article else dice.choice(("post", "reply", "comment", "message", "mail")),
        "is_public": dice.random() < 0.8,
        "subject": " ".join(words.pick(dice, 6)).capitalize() if is_article or dice.random() < 0.1 else "",
        "text": " ".join(said) + dice.choice((".", "!", "?")),
        "url": f"https://{dice.choice(SITES)}/bericht/{dice.randrange(10**9)}" if is_article else "",
        "language": dice.choice(LANGUAGES),
        "sentiment": dice.choice(("positive", "neutral", "negative", "")),
        "says": dice.sample(("question", "complaint", "thanks", "remark"), k=dice.choice((0, 1, 1, 2))),
        "rating": Decimal(dice.randint(1, 5)) if dice.random() < 0.03 else None,
        "reach": int(dice.paretovariate(1) * 100) if is_article else None,
        "followers": int(dice.paretovariate(0.8) * 50),
        "is_edited": dice.random() < 0.02,
        "posted_at": at,
    }
