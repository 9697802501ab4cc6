"""How rare keys are: as far as is known beforehand, and as the posts that were seen show."""

from collections import Counter
from collections.abc import Iterable
from importlib.resources import files

from luister.query.matching.keys import Key, Loose
from luister.query.matching.spans import FITS
from luister.query.tree import Wildcard

# Shares of posts that have a key of which nothing is known; a field that is inferred costs far more than a look-up.
_UNKNOWN = 1e-5
_SHORT = 1e-3  # a word of one or two letters
_FIELDS = {
    "author": 1e-5, "name": 1e-5, "site": 0.01, "topic": 0.1, "label": 0.1, "network": 0.3, "type": 0.4, "has": 0.4,
    "is": 0.9, "lang": 1.5, "sentiment": 1.5, "says": 1.5,
}  # fmt: skip
_LOOSE = {Wildcard.PREFIX: 5e-4, Wildcard.SUFFIX: 1e-3, Wildcard.INFIX: 1e-3}
_WEIGHT = 300  # posts that what is known beforehand counts for
_COMMON = 300  # words that tell how common a loose key is
_MOST = 200_000  # keys that are counted


class Rarity:
    """Which share of posts has a key, by estimate."""

    def __init__(self) -> None:
        self.posts = 0  # that were seen
        self._before = known()
        self._seen: Counter[str] = Counter()
        self._common: list[tuple[str, float]] = []
        self._common_at = -1  # how many posts were seen when these were worked out
        self._loose: dict[Loose, float] = {}

    def see(self, keys: Iterable[str]) -> None:
        """Count the keys of a post."""
        self.posts += 1
        self._seen.update(keys)
        if len(self._seen) > _MOST:
            self._seen = Counter({key: count for key, count in self._seen.items() if count > 1})

    def share(self, key: Key) -> float:
        """Return the share of posts that have a key; above 1 for what has to be inferred."""
        if isinstance(key, Loose):
            return self._share_of_loose(key)
        if key[0] == ":":
            return _FIELDS[key[1:].partition(":")[0]]
        before = self._before.get(key) or (_SHORT if len(key) < 3 else _UNKNOWN)
        return (before * _WEIGHT + self._seen[key]) / (_WEIGHT + self.posts) if self.posts else before

    def _share_of_loose(self, key: Loose) -> float:
        """Return the sum of what common words have; these are worked out anew when twice as many posts were seen."""
        if self.posts > 2 * self._common_at:
            words = {word for word, _ in self._seen.most_common(_COMMON)} | set(list(self._before)[:_COMMON])
            self._common = [(word, self.share(word)) for word in words if word.isalnum()]
            self._common_at = self.posts
            self._loose = {}
        if key not in self._loose:
            fits = FITS[key.wildcard]
            self._loose[key] = _LOOSE[key.wildcard] + sum(
                [share for word, share in self._common if fits(word, key.text)]
            )
        return self._loose[key]


_known: dict[str, float] = {}


def known() -> dict[str, float]:
    """Return the common Dutch and English words, each with the share of posts that have it."""
    if not _known:
        for line in files("luister.query").joinpath("common.txt").read_text("utf-8").splitlines():
            word, _, per_million = line.partition(" ")
            _known[word] = int(per_million) / 1e6
    return _known
