"""Posts made of sentence lists, so that a storm, or a day that never ends, keeps saying new things."""

import random
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from luister.demo.script import Customer, ScriptError, customer, customers, read

MAX_TRIES = 200
DECORATED = 0.25  # how many posts have an opening; and how many an ending
_BLANK = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Remark:
    """One post made of a list: its text, and what the writer may say once answered."""

    kind: str
    language: str
    text: str
    labels: tuple[str, ...]
    then: tuple[str, ...]


class Deck:
    """Deals every item once, in random order, before any comes back."""

    def __init__(self, items: Sequence[str], *, dice: random.Random) -> None:
        self._items = items
        self._dice = dice
        self._left: list[str] = []

    def deal(self) -> str:
        """Return the next item."""
        if not self._left:
            self._left = self._dice.sample(self._items, len(self._items))
        return self._left.pop()


class Phrasebook:
    """Makes posts from one file of sentence lists; never the same text twice."""

    def __init__(self, name: str, *, seed: str, said: Collection[str] = ()) -> None:
        content = read(f"{name}.toml")
        self._dice = random.Random(f"{name}:{seed}")  # noqa: S311 - made to be repeatable
        self._kinds: list[dict[str, Any]] = content["kind"]
        self._sentences = {kind["key"]: Deck(kind["say"], dice=self._dice) for kind in self._kinds}
        self._blanks = {blank: Deck(words, dice=self._dice) for blank, words in content["blank"].items()}
        self._tones: dict[str, dict[str, list[str]]] = content["tone"]
        self._said = set(said)

    def remark(self, *, wave: int = 0) -> Remark:
        """Return a new post.

        Args:
            wave: keep to the kinds of this wave of the storm; 0: any.

        Raises:
            ScriptError: everything has been said.
        """
        kinds = [kind for kind in self._kinds if not wave or wave in kind["waves"]]
        for _ in range(MAX_TRIES):
            # A longer list is drawn from more often, so that all lists run out at about the same time.
            kind = self._dice.choices(kinds, weights=[len(one["say"]) for one in kinds])[0]
            text = self._text(kind)
            if text not in self._said:
                self._said.add(text)
                return Remark(kind["key"], kind["language"], text, tuple(kind["labels"]), tuple(kind["then"]))
        raise ScriptError("everything has been said")

    def _text(self, kind: Mapping[str, Any]) -> str:
        text = _BLANK.sub(lambda blank: self._blanks[blank[1]].deal(), self._sentences[kind["key"]].deal())
        tone, language = self._tones[kind["tone"]], kind["language"]
        opening, ending = self._sometimes(tone[f"open_{language}"]), self._sometimes(tone[f"end_{language}"])
        return _capitals(f"{opening}{text}{ending}")

    def _sometimes(self, words: Sequence[str]) -> str:
        return self._dice.choice(words) if self._dice.random() < DECORATED else ""


def _capitals(text: str) -> str:
    """Begin each sentence with a capital, where a blank was filled there."""
    return re.sub(r"(^|[.?!…] )([a-zà-ÿ])", lambda found: f"{found[1]}{found[2].upper()}", text)


class Crowd:
    """People made of lists of names, each met once; never one of those who are written by hand."""

    def __init__(self, *, seed: str, met: Collection[str] = ()) -> None:
        self._dice = random.Random(f"crowd:{seed}")  # noqa: S311 - made to be repeatable
        self._names = read("customers.toml")["more"]
        self._met = {*customers(), *met}

    def meet(self, language: str) -> Customer:
        """Return someone new who writes in that language."""
        tongue = "english" if language == "en" else "dutch"
        first, last = (self._dice.choice(self._names[f"{tongue}_{part}"]) for part in ("first", "last"))
        stem = _plain(f"{first}{last}" if self._dice.random() < 0.5 else first)
        handle = next(name for name in self._handles(stem) if name not in self._met)
        self._met.add(handle)
        return customer(handle, f"{first} {last}")

    def _handles(self, stem: str) -> Iterator[str]:
        yield stem
        while True:
            yield f"{stem}{self._dice.choice(('_', '', '_nl', 'x'))}{self._dice.randint(1, 9999)}"[:30]


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z]", "", letters)
