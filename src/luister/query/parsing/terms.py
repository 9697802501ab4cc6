"""What one term says: a token, or several that stand side by side, with their wildcards."""

import re
from sys import intern

from luister.query.addresses import cut_placed, find_addresses
from luister.query.errors import QueryError
from luister.query.normalize import normalize_placed
from luister.query.parsing.scanner import Lexeme, shown
from luister.query.tokens import Kind, Piece, pieces
from luister.query.tree import Emoji, Hashtag, Mention, Phrase, Token, Wildcard, Word

LEAST_PREFIX = 2  # characters that a word has at least, when it may go on
LEAST_OTHER = 3  # and when something may stand before it
LONGEST_ADDRESS = 200  # of which an error repeats all; the beginning of a longer one is found as well
_STAR = "*"
_PLAIN = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")  # words that need no second look


def read_term(written: Lexeme) -> Token | Phrase:
    """Return what a term or quoted text finds.

    Raises:
        QueryError: it has nothing to search for, or a wildcard that cannot be.
    """
    if _PLAIN.fullmatch(written.text):
        words = tuple(Word(intern(text)) for text in written.text.lower().split(" "))
        return words[0] if len(words) == 1 else Phrase(words)
    return _Term(written).read()


class _Term:
    """A term as it is read: its text without addresses, normalised, and the tokens in it."""

    def __init__(self, written: Lexeme) -> None:
        self._written = written
        cut, self._places = cut_placed(written.text)
        self._placed = normalize_placed(cut)
        self._pieces = list(pieces(self._placed.text))
        self._text = self._placed.text

    def read(self) -> Token | Phrase:
        self._check_stars()
        if not self._pieces:
            raise self._nothing()
        tokens = tuple(self._token(piece) for piece in self._pieces)
        return tokens[0] if len(tokens) == 1 else Phrase(tokens)

    def _nothing(self) -> QueryError:
        written = self._written
        length = written.end - written.start
        for start, end in find_addresses(written.text):
            return QueryError(
                "query.address", offset=written.start, length=length, text=_as_value(written.text[start:end])
            )
        return QueryError("query.nothing", offset=written.start, length=length, text=shown(written.text))

    def _check_stars(self) -> None:
        """Refuse a star that does not stand right before a word or right behind a token."""
        if _STAR not in self._text:
            return
        ends = {piece.end: piece for piece in self._pieces}
        starts = {piece.start: piece for piece in self._pieces}
        place = self._text.find(_STAR)
        while place >= 0:
            before, behind = ends.get(place), starts.get(place + 1)
            if before and behind:
                raise self._star_error("query.wildcard_inside", place)
            may_go_on = before and before.kind is not Kind.EMOJI and not before.domain
            may_come_after = behind and behind.kind is Kind.WORD and self._text[max(place - 1, 0)] not in "#@"
            if not (may_go_on or may_come_after):
                raise self._star_error("query.wildcard_misplaced", place)
            place = self._text.find(_STAR, place + 1)

    def _token(self, piece: Piece) -> Token:
        wildcard = self._wildcard(piece)
        if piece.kind is Kind.WORD:
            return Word(intern(piece.text), wildcard)
        if piece.kind is Kind.HASHTAG:
            return Hashtag(piece.text, wildcard)
        if piece.kind is Kind.MENTION:
            return Mention(piece.text, piece.domain, wildcard)
        return Emoji(piece.text)

    def _wildcard(self, piece: Piece) -> Wildcard:
        before = piece.kind is Kind.WORD and self._text[piece.start - 1 : piece.start] == _STAR
        behind = self._text[piece.end : piece.end + 1] == _STAR
        if not (before or behind):
            return Wildcard.NONE
        least = LEAST_OTHER if before else LEAST_PREFIX
        if len(piece.text) < least:
            start, length = self._span(piece.start - before, piece.end + behind)
            raise QueryError("query.wildcard_short", offset=start, length=length, least=str(least))
        if before:
            return Wildcard.INFIX if behind else Wildcard.SUFFIX
        return Wildcard.PREFIX

    def _star_error(self, code: str, place: int) -> QueryError:
        start, length = self._span(place, place + 1)
        return QueryError(code, offset=start, length=length)

    def _span(self, start: int, end: int) -> tuple[int, int]:
        """Return offset and length in the query of a stretch of the normalised text."""
        first, last = self._placed.span(start, end)
        offset = self._written.inside + self._places[first]
        return offset, self._written.inside + self._places[last - 1] + 1 - offset


def _as_value(address: str) -> str:
    """Return an address as `url:` takes it: in quotation marks where it has to be, and not without end."""
    part = address[:LONGEST_ADDRESS]
    return f'"{part}"' if "(" in part or ")" in part else part
