"""Near-duplicates: a fingerprint that texts with nearly the same words have nearly the same.

Charikar's simhash (2002) over the different words of a text, 64 bits. Copies with a few words changed differ in a few
bits, texts that have nothing to do with each other in about 32.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import blake2b

BITS = 64
NEAR = 8  # bits in which near-duplicates differ at most
FEWEST = 6  # words; shorter texts are alike by chance
_LANE = 8  # bits of a counter
_MOST = 250  # different words that are counted, so that no counter overflows
_BANDS = ((0, 11), (11, 11), (22, 11), (33, 11), (44, 10), (54, 10))  # first bit and how many
_TOP = sum(1 << (_LANE * bit + _LANE - 1) for bit in range(BITS))
_ONES = sum(1 << _LANE * bit for bit in range(BITS))
_DIGITS = bytes(48 + (byte >> 7) for byte in range(256))


def fingerprint(words: Sequence[str]) -> int:
    """Return the 64 bits of a text's words, or 0 where there are too few to tell."""
    different = set(words[:_MOST])
    if len(different) < FEWEST:
        return 0
    counts = sum(map(_spread, different))
    # A bit is one where more than half of the words have it: what is added lifts those counters to their top bit.
    lifted = counts + _ONES * ((1 << _LANE - 1) - len(different) // 2 - 1)
    return int((lifted & _TOP).to_bytes(BITS, "little").translate(_DIGITS), 2)


def distance(one: int, other: int) -> int:
    """Return in how many bits two fingerprints differ."""
    return (one ^ other).bit_count()


def bands(bits: int) -> list[int]:
    """Return six numbers of which near-duplicates nearly always share one: those to look up."""
    found = []
    for band, (start, size) in enumerate(_BANDS):
        found.append(band << 11 | bits >> start & (1 << size) - 1)
    return found


@lru_cache(maxsize=10_000)
def _spread(word: str) -> int:
    """Return the bits of a word's hash, each in a counter of its own."""
    hashed = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=BITS // 8).digest()
    return sum(lanes << (8 * _LANE * place) for place, lanes in enumerate(map(_lanes, hashed)))


@cache
def _lanes(byte: int) -> int:
    return sum(1 << bit * _LANE for bit in range(8) if byte >> bit & 1)
