"""Made-up Dutch and English posts, and the standing queries of people who watch for what is said in them.

Everything follows from a seed. Words are as unevenly used as real ones (Zipf's law), and some go together.
"""

import itertools
import json
import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.town import DUTCH, EMOJI, ENDS, ENGLISH, MIDDLES, SITES, STARTS, STEEPNESS, Vocabulary

WORDS = 30_000  # of each language
LEAST, MOST = 10, 60  # words of a post
# The share of posts that carry each.
ADDRESS, NAMED, WITH_EMOJI, ACCENTED = 0.3, 0.4, 0.1, 0.3
# The share of accented posts with more than the accents of Western Europe.
FOREIGN = 0.06
_ENGLISH_STARTS = [
    "b", "br", "c", "ch", "cl", "cr", "d", "dr", "f", "fl", "g", "gr", "h", "j", "l", "m", "n",
    "p", "pl", "pr", "qu", "r", "s", "sh", "sl", "sp", "st", "str", "t", "th", "tr", "v", "w",
]  # fmt: skip
_ENGLISH_MIDDLES = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou"]
_ENGLISH_ENDS = [
    "ck", "ct", "d", "ft", "ll", "m", "n", "nd", "ng", "nt", "p", "rd", "rk", "rt", "s", "ss", "st", "t", "tch", "x",
]  # fmt: skip
_AFFIXES = {
    "nl": (["", "", "", "ver", "be", "ge", "ont"], ["", "", "en", "ing", "s", "je", "baar", "heid", "lijk"]),
    "en": (["", "", "", "re", "un", "in", "out"], ["", "", "s", "ed", "er", "ing", "ly", "ness", "ment", "able"]),
}
_ACCENTS = {"a": "áàä", "c": "ç", "e": "éëèê", "i": "ïí", "n": "ñ", "o": "öóô", "u": "üú"}
_FOREIGN_LETTERS = ("абвгдеиклмнорст", "αβγδεικλμνορσ", "ığşçöü", "łśżąęó", "æøåß")


@dataclass(frozen=True, slots=True)
class Language:
    """The words of a language, the most used first, and pairs of them that people often say together."""

    words: Sequence[str]
    pairs: Sequence[str]

    def between(self, dice: random.Random, first: int, last: int) -> str:
        """Return a word between two ranks, each as likely to be of the first hundred as of the second thousand."""
        last = min(last, len(self.words))
        first = min(first, last // 2)
        return self.words[int(first * (last / first) ** dice.random())]


@dataclass(frozen=True, slots=True)
class Talk:
    """What is said, of which posts and queries are made: in which languages and about whom."""

    seed: int
    languages: Sequence[Language]  # the first is spoken by three in five
    companies: Sequence[str]

    def language(self, dice: random.Random) -> Language:
        """Return the language of a post or query."""
        return self.languages[0] if dice.random() < 0.6 else self.languages[-1]


def _vocabulary(name: str, dice: random.Random) -> Vocabulary:
    parts = (STARTS, MIDDLES, ENDS) if name == "nl" else (_ENGLISH_STARTS, _ENGLISH_MIDDLES, _ENGLISH_ENDS)
    before, behind = _AFFIXES[name]
    stems = ["".join(map(dice.choice, parts * dice.choice((1, 1, 1, 2)))) for _ in range(4_000)]
    everyday = dict.fromkeys(DUTCH if name == "nl" else ENGLISH)
    made: dict[str, None] = {}
    while len(everyday) + len(made) < WORDS:
        of_stems = 1 if len(made) < 15_000 else 2
        word = dice.choice(before) + "".join(dice.choices(stems, k=of_stems)) + dice.choice(behind)
        if word not in everyday:
            made[word] = None
    words = [*everyday, *sorted(made, key=lambda word: len(word) + dice.gauss(0, 1.5))]  # the rarer, the longer
    return Vocabulary(words, list(itertools.accumulate((rank + 2) ** -STEEPNESS for rank in range(WORDS))))


def _made_up(vocabulary: Vocabulary, dice: random.Random) -> Language:
    alone = Language(vocabulary.words, [])
    pairs = [f"{alone.between(dice, 5, 3_000)} {alone.between(dice, 50, 8_000)}" for _ in range(3_000)]
    return Language(vocabulary.words, pairs)


class Town:
    """People who post, and what they talk of."""

    def __init__(self, seed: int = 1) -> None:
        dice = random.Random(f"town {seed}")
        self._vocabularies = [_vocabulary("nl", dice), _vocabulary("en", dice)]
        languages = [_made_up(one, dice) for one in self._vocabularies]
        companies = [dice.choice(languages).between(dice, 100, 8_000) for _ in range(300)]
        self.talk = Talk(seed, languages, companies)
        self._handles = [f"{dice.choice(languages).between(dice, 60, WORDS)}{number}" for number in range(5_000)]

    def posts(self, count: int) -> list[dict[str, Any]]:
        """Return posts as the `match` command reads them."""
        dice = random.Random(f"posts {self.talk.seed}")
        return [self._post(dice, number) for number in range(count)]

    def _post(self, dice: random.Random, number: int) -> dict[str, Any]:
        language = self.talk.language(dice)
        vocabulary = self._vocabularies[self.talk.languages.index(language)]
        said = vocabulary.pick(dice, dice.randint(LEAST, MOST))
        if dice.random() < 0.3:
            place = dice.randrange(len(said) - 1)
            said[place : place + 2] = dice.choice(language.pairs).split()
        if dice.random() < ACCENTED:
            _put_accents(dice, said)
        _put_sentences(dice, said)
        if dice.random() < NAMED:
            for _ in range(dice.choice((1, 1, 1, 2, 3))):
                said.insert(dice.randrange(len(said) + 1), self._mention(dice, language))
        if dice.random() < WITH_EMOJI:
            said.insert(dice.randrange(len(said) + 1), dice.choice(EMOJI) * dice.choice((1, 1, 3)))
        if dice.random() < ADDRESS:
            said.append(_address(dice, language))
        return {"id": f"post-{number}", "text": " ".join(said)} | self._around(dice, language)

    def _mention(self, dice: random.Random, language: Language) -> str:
        if dice.random() < 0.4:
            return "#" + language.between(dice, 60, 20_000)
        name = dice.choice(self.talk.companies) if dice.random() < 0.6 else dice.choice(self._handles)
        return f"@{name}@{dice.choice(SITES)}" if dice.random() < 0.05 else f"@{name}"

    def _around(self, dice: random.Random, language: Language) -> dict[str, Any]:
        """Return what else a line tells: half tell who wrote where, half of those also at which address and when."""
        how_much = dice.random()
        if how_much >= 0.5:
            return {}
        found = {"author": dice.choice(self._handles), "network": dice.choice(("x", "mastodon", "facebook", "bluesky"))}
        if how_much >= 0.25:
            return found
        at = f"2026-11-{dice.randint(1, 20):02}T{dice.randrange(24):02}:{dice.randrange(60):02}:00Z"
        return found | {"url": _address(dice, language), "published_at": at}


def _put_accents(dice: random.Random, said: list[str]) -> None:
    """Write at least one of the words with a letter outside ASCII."""
    places = [place for place, word in enumerate(said) if _ACCENTS.keys() & set(word)]
    for place in dice.sample(places, k=min(len(places), dice.choice((1, 1, 2, 3)))):
        said[place] = _accented(dice, said[place])
    if not places or dice.random() < FOREIGN:
        letters = dice.choice(_FOREIGN_LETTERS)
        said[dice.randrange(len(said))] = "".join(dice.choices(letters, k=dice.randint(3, 9)))
        said[0] = unicodedata.normalize("NFD", said[0])


def _accented(dice: random.Random, word: str) -> str:
    place = dice.choice([place for place, letter in enumerate(word) if letter in _ACCENTS])
    return word[:place] + dice.choice(_ACCENTS[word[place]]) + word[place + 1 :]


def _put_sentences(dice: random.Random, said: list[str]) -> None:
    """Make sentences of words: capitals, punctuation, and a number or a time now and then."""
    begins = True
    for place, word in enumerate(said):
        written = word.capitalize() if begins else word.upper() if dice.random() < 0.01 else word
        if dice.random() < 0.02:
            written = dice.choice((f"{dice.randrange(100)}", f"{dice.randrange(24)}:{dice.randrange(60):02}", "2026"))
        end = dice.random() if place < len(said) - 1 else 0
        begins = end < 0.08
        said[place] = written + (dice.choice(".!?") if begins else "," if end < 0.14 else "")


def _address(dice: random.Random, language: Language) -> str:
    if dice.random() < 0.6:
        return "https://link.example/" + "".join(
            dice.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRS23456789", k=10)
        )
    slug = "-".join(language.between(dice, 1, WORDS) for _ in range(4))
    return f"https://www.{dice.choice(SITES)}/{slug}/{dice.randrange(100_000)}?ref=rss"


def lines_of(posts: Sequence[dict[str, Any]]) -> list[bytes]:
    """Return posts as JSON Lines."""
    return [json.dumps(post, ensure_ascii=False).encode() + b"\n" for post in posts]
