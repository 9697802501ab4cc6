"""Text as both evaluators compare it: without case, accents and compatibility forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import category
from unicodedata import normalize as to_form

import regex

# Sorting a run of combining characters takes time that grows with its square. A mark of class 0 now and then keeps runs
# short (Unicode's stream-safe text, UAX 15); it is dropped with all other marks. The five characters named decompose
# into combining ones.
_LONG_RUN = regex.compile(r"[\P{ccc=0}\u0F73\u0F75\u0F81\uFF9E\uFF9F]{30}")
_JOINER = "\u034f"
# A character and what may melt together with it: marks of all kinds, and the vowels and finals of Hangul.
_MELTS = r"\p{M}\u1100-\u11FF\u3131-\u318E\uA960-\uA97F\uD7B0-\uD7FF\uFF9E-\uFFDF"
_CLUSTER = regex.compile(rf"[^{_MELTS}][{_MELTS}]*+|[{_MELTS}]++")


class _WithoutMarks(dict[int, int | None]):
    """What becomes of each character when marks are dropped, worked out when it is first met."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if category(chr(code)) == "Mn" else code
        return self[code]


_WITHOUT_MARKS = _WithoutMarks()


def normalize(text: str) -> str:
    """Return text in NFKC, casefolded, without combining marks, in NFC."""
    if text.isascii():
        return text.lower()
    short_runs = _LONG_RUN.sub(rf"\g<0>{_JOINER}", text)
    bare = to_form("NFD", to_form("NFKC", short_runs).casefold()).translate(_WITHOUT_MARKS)
    return to_form("NFC", bare)


@dataclass(frozen=True, slots=True)
class Placed:
    """Normalised text, and for each of its characters where what it was made of starts and ends in the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of at least one normalised character stands in the original."""
        return self.starts[start], self.ends[end - 1]


def normalize_placed(text: str) -> Placed:
    """Normalise text, remembering where each character came from."""
    if text.isascii():
        return Placed(text.lower(), range(len(text)), range(1, len(text) + 1))
    made: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        piece = normalize(cluster.group())
        made.append(piece)
        starts += [cluster.start()] * len(piece)
        ends += [cluster.end()] * len(piece)
    return Placed("".join(made), starts, ends)
