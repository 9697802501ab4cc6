"""Which words of a post a query is about, for marking them where people read."""

from collections.abc import Iterator
from dataclasses import dataclass

from luister.query.addresses import cut_placed
from luister.query.documents import Document
from luister.query.matching.near import near_spans
from luister.query.matching.spans import Span, term_spans
from luister.query.normalize import normalize_placed
from luister.query.prepared import Prepared
from luister.query.tokens import pieces
from luister.query.tree import And, Emoji, Hashtag, In, Mention, Near, Node, Not, Or, Part, Phrase, Word


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A word to mark: code points `start` up to `end` of the title or text as it was written."""

    part: Part
    start: int
    end: int


def marks(node: Node, document: Document) -> list[Mark]:
    """Return the words that a query's terms find in a post, title first, from left to right.

    Terms that must be absent mark nothing. Of a NEAR only words that do stand near each other are marked; otherwise
    each term counts for itself, so that the posts of a case can be marked one by one. Marks do not overlap.
    """
    prepared = Prepared(document)
    positions = {
        position for span in _spans(node, prepared, wanted=True) for position in range(span.start, span.end + 1)
    }
    if not positions:
        return []
    titles = {position for position in positions if position < prepared.text_start}
    texts = {position - prepared.text_start for position in positions - titles}
    return [
        *_marks(Part.TITLE, document.title, titles),
        *_marks(Part.TEXT, document.text, texts),
    ]


def _spans(node: Node, prepared: Prepared, *, wanted: bool) -> Iterator[Span]:
    if isinstance(node, Not):
        yield from _spans(node.part, prepared, wanted=not wanted)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from _spans(part, prepared, wanted=wanted)
    elif not wanted:
        return
    elif isinstance(node, Near):
        yield from near_spans(node, prepared)
    elif isinstance(node, In):
        in_title = node.part is Part.TITLE
        yield from (span for span in term_spans(node.term, prepared) if (span.start < prepared.text_start) is in_title)
    elif isinstance(node, Word | Hashtag | Mention | Emoji | Phrase):
        yield from term_spans(node, prepared)


def _marks(part: Part, text: str, wanted: set[int]) -> Iterator[Mark]:
    """Yield the marks of the wanted tokens of a part; one character that was several words is marked once."""
    if not wanted:
        return
    cut, places = cut_placed(text)
    placed = normalize_placed(cut)
    marked_up_to = 0
    for position, piece in enumerate(pieces(placed.text)):
        if position in wanted:
            first, last = placed.span(piece.start, piece.end)
            start, end = max(places[first], marked_up_to), places[last - 1] + 1
            if start < end:
                yield Mark(part, start, end)
                marked_up_to = end
