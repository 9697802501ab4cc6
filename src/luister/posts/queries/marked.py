"""Text with the words marked that queries are about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from luister.query import Document, Node, marks
from luister.query.tree import Part

LONGEST = 700  # characters of a text in a list
BEFORE = 120  # characters before the first marked word, where a text is cut


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, marked or not."""

    text: str
    is_marked: bool = False


def marked(seen: Document, nodes: Sequence[Node]) -> tuple[list[Piece], list[Piece]]:
    """Return a post's title and text in pieces; a long text around its first marked word."""
    found = sorted({mark for node in nodes for mark in marks(node, seen)})
    title = [(mark.start, mark.end) for mark in found if mark.part is Part.TITLE]
    text = [(mark.start, mark.end) for mark in found if mark.part is Part.TEXT]
    return pieces(seen.title, title, longest=LONGEST), pieces(seen.text, text, longest=LONGEST)


def pieces(text: str, places: Sequence[tuple[int, int]], *, longest: int) -> list[Piece]:
    """Cut a text at the places to mark, which stand in order; where it is longer, only the part around the first."""
    return list(_pieces(text, places, *_window(text, places, longest)))


def _pieces(text: str, places: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[Piece]:
    at = start
    lead = "… " if start else ""
    for first, last in places:
        if last <= at or first >= end:
            continue
        first = max(first, at)
        if lead or first > at:
            yield Piece(lead + text[at:first])
        lead = ""
        yield Piece(text[first : min(last, end)], is_marked=True)
        at = min(last, end)
    rest = lead + text[at:end] + ("…" if end < len(text) else "")
    if rest:
        yield Piece(rest)


def _window(text: str, places: Sequence[tuple[int, int]], longest: int) -> tuple[int, int]:
    """Return what of a text is shown: all of it, or a part that begins a little before the first marked word."""
    if len(text) <= longest:
        return 0, len(text)
    first = places[0][0] if places else 0
    start = 0 if first < longest - BEFORE else text.rfind(" ", 0, first - BEFORE) + 1
    return start, min(start + longest, len(text))
