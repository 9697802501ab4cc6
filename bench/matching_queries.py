"""Standing queries as people write them, over the words of what is talked of: names, and what is said of them."""

import random

from bench.matching_posts import WORDS, Talk

TERMS = (3, 12)  # of a query
PHRASED, NEGATED, WILD, NEARBY = 0.2, 0.15, 0.1, 0.05  # the share of queries with each
# From which rank to which the words of a group are: names are rare, what is said of them is not.
NAMES, TOPICS, COMMON = (1_500, WORDS), (100, 6_000), (30, 3_000)
VERY_RARE = (8_000, WORDS)
BROAD, EVERYDAY = (30, 600), (5, 60)


def queries_of(talk: Talk, count: int, *, broad: float = 0.0) -> list[tuple[str, str]]:
    """Return ids and texts of queries; the given share of them is broad, spread evenly.

    The first so many are the same however many are asked for.
    """
    dice = random.Random(f"queries {talk.seed} {broad}")
    every = round(1 / broad) if broad else 0
    return [
        (
            f"query-{number}",
            _Query(talk, dice).broad() if every and number % every == 0 else _Query(talk, dice).narrow(),
        )
        for number in range(count)
    ]


class _Query:
    """A query in the making."""

    def __init__(self, talk: Talk, dice: random.Random) -> None:
        self._talk, self._dice = talk, dice
        self._language = talk.language(dice)
        self._phrases = dice.choice((1, 1, 2)) if dice.random() < PHRASED else 0
        self._wildcards = dice.choice((1, 1, 2)) if dice.random() < WILD else 0
        self._negated = dice.random() < NEGATED
        self._nearby = dice.random() < NEARBY
        self._terms = dice.randint(*TERMS)

    def narrow(self) -> str:
        """Return a query of names and what is said of them, or of very rare words alone."""
        dice = self._dice
        left = max(1, self._terms - self._negated - 2 * self._nearby)
        if dice.random() < 0.08 and left > 1 and not self._nearby:
            ranks = [VERY_RARE]
        else:
            ranks = [NAMES, TOPICS, COMMON][: max(1, min(left, dice.choice((2, 2, 3))))]
        parts = [self._group(size, between) for size, between in zip(self._split(left, len(ranks)), ranks, strict=True)]
        if self._nearby:
            parts.append(f"{self._word(TOPICS)} NEAR/{dice.choice((3, 5, 8))} {self._word(TOPICS)}")
        return self._joined(parts, TOPICS)

    def broad(self) -> str:
        """Return a query of words that everybody uses."""
        left = self._terms - self._negated
        sizes = self._split(left, 2) if self._dice.random() < 0.5 else [left]
        return self._joined(
            [self._group(size, between) for size, between in zip(sizes, (BROAD, EVERYDAY), strict=False)], BROAD
        )

    def _joined(self, parts: list[str], between: tuple[int, int]) -> str:
        if self._negated:
            parts.append(self._dice.choice(("-", "NOT ")) + self._word(between))
        return self._dice.choice((" ", " AND ")).join(parts)

    def _split(self, terms: int, groups: int) -> list[int]:
        cuts = sorted(self._dice.sample(range(1, terms), k=groups - 1))
        return [end - start for start, end in zip([0, *cuts], [*cuts, terms], strict=True)]

    def _group(self, size: int, between: tuple[int, int]) -> str:
        terms = [self._term(between) for _ in range(size)]
        return terms[0] if size == 1 else f"({' OR '.join(terms)})"

    def _term(self, between: tuple[int, int]) -> str:
        dice = self._dice
        if self._phrases:
            self._phrases -= 1
            return f'"{dice.choice(self._language.pairs)}"'
        if self._wildcards:
            self._wildcards -= 1
            return self._wildcard(between)
        how = dice.random()
        if how < 0.04:
            return f"#{self._word(between)}"
        if how < 0.06:
            return f"@{dice.choice(self._talk.companies)}"
        return self._word(between)

    def _wildcard(self, between: tuple[int, int]) -> str:
        dice = self._dice
        word = ""
        while len(word) < 3:  # a wildcard wants letters beside it
            word = self._word(between)
        how = dice.random()
        if how < 0.7 or len(word) < 5:
            return word[: max(3, len(word) - 2)] + "*"
        return f"*{word[-max(4, len(word) - 3) :]}" if how < 0.9 else f"*{word[1:-1]}*"

    def _word(self, between: tuple[int, int]) -> str:
        return self._language.between(self._dice, *between)
