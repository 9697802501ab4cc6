"""The signs of a query: terms, quoted text, fields, operators and parentheses, one at a time and only as needed."""

import re
from enum import Enum
from typing import NamedTuple

from luister.query.addresses import starts_address
from luister.query.errors import QueryError

QUOTES = '"“”„'
SHOWN = 40  # of what was written, an error repeats so much
_SPACE = re.compile(r"\s*")
_TERM = re.compile(rf"[^\s(){QUOTES}]+")
# What most signs are: parentheses, and words that mean nothing but themselves, unless they are operators.
_PLAIN = re.compile(rf"\s*+([()]|[A-Za-z0-9]++(?=[\s(){QUOTES}]|\Z))")
_QUOTE = re.compile(rf"[{QUOTES}]")
_FIELD = re.compile(r"([A-Za-z]+):")
DEFAULT_DISTANCE = 8
MOST_DISTANCE = 100


class Sign(Enum):
    """What stands at a place."""

    END = "end"
    OPEN = "("
    CLOSE = ")"
    TERM = "term"
    QUOTED = "quoted"
    FIELD = "field"
    MINUS = "-"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    NEAR = "NEAR"


OPERATORS = {"AND": Sign.AND, "OR": Sign.OR, "NOT": Sign.NOT}
_PARENTHESES = {"(": Sign.OPEN, ")": Sign.CLOSE}
_SIGNS = {**OPERATORS, **_PARENTHESES, "NEAR": Sign.NEAR}


class Lexeme(NamedTuple):
    """One sign: its text (of quoted text what is inside, of a field its name) and where it stands, quotes included.

    `inside` is where the text itself starts; `distance` is that of a NEAR.
    """

    sign: Sign
    text: str
    start: int
    end: int
    inside: int
    distance: int = 0


def shown(text: str) -> str:
    """Return text as an error repeats it: not without end."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


class Scanner:
    """Reads a query from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0
        self._next = self._read(operators=True, fields=True)

    def peek(self) -> Lexeme:
        """Return the sign at hand."""
        return self._next

    def take(self, *, in_list: bool = False) -> Lexeme:
        """Return the sign at hand and go on to the one behind it.

        In a list of values fields and minuses mean nothing: what looks like one is a value.
        """
        taken = self._next
        # Operators stand free: what a minus stands right before is a term, even where it looks like one.
        self._next = self._read(operators=taken.sign is not Sign.MINUS, fields=not in_list)
        return taken

    def take_value(self) -> Lexeme | None:
        """Return what stands right behind the field at hand, and go on behind that.

        It is a term, quoted text or the parenthesis that opens a list of values; None where there is nothing.
        """
        place = self._end
        if place == len(self._text) or self._text[place].isspace() or self._text[place] == ")":
            return None
        value = self._read_at(place, operators=False, fields=False)
        self._next = self._read(operators=True, fields=value.sign is not Sign.OPEN)
        return value

    def _read(self, *, operators: bool, fields: bool) -> Lexeme:
        plain = _PLAIN.match(self._text, self._end)
        if plain:
            text = plain[1]
            start, self._end = plain.span(1)
            sign = (_SIGNS if operators else _PARENTHESES).get(text, Sign.TERM)
            return Lexeme(sign, text, start, self._end, start, DEFAULT_DISTANCE if sign is Sign.NEAR else 0)
        place = self._skip()
        if place == len(self._text):
            return Lexeme(Sign.END, "", place, place, place)
        return self._read_at(place, operators=operators, fields=fields)

    def _skip(self) -> int:
        found = _SPACE.match(self._text, self._end)
        assert found is not None  # it may be empty
        return found.end()

    def _read_at(self, place: int, *, operators: bool, fields: bool) -> Lexeme:
        character = self._text[place]
        if character in _PARENTHESES:
            return self._sign(_PARENTHESES[character], place, place + 1)
        if character in QUOTES:
            return self._read_quoted(place)
        if character == "-" and fields:
            return self._read_minus(place)
        found = _TERM.match(self._text, place)
        assert found is not None  # the character is none that ends a term
        term = found.group()
        if operators and term.startswith("NEAR/"):
            return self._near(term, place)
        if fields and ":" in term and (name := _FIELD.match(term)) and not starts_address(term):
            return self._sign(Sign.FIELD, place, place + name.end(), text=name[1])
        return self._sign(Sign.TERM, place, found.end())

    def _read_quoted(self, place: int) -> Lexeme:
        closing = _QUOTE.search(self._text, place + 1)
        if closing is None:
            raise QueryError("query.unclosed_quote", offset=place, length=1)
        inside = self._text[place + 1 : closing.start()]
        self._end = closing.end()
        return Lexeme(Sign.QUOTED, inside, place, self._end, place + 1)

    def _read_minus(self, place: int) -> Lexeme:
        following = self._text[place + 1 : place + 2]
        if following == "-":
            raise QueryError("query.double_minus", offset=place, length=2)
        if not following or following.isspace() or following == ")":
            raise QueryError("query.lone_minus", offset=place, length=1)
        return self._sign(Sign.MINUS, place, place + 1)

    def _near(self, term: str, place: int) -> Lexeme:
        """Return a NEAR that says how near."""
        end = place + len(term)
        digits = term.removeprefix("NEAR/")
        significant = digits.lstrip("0")[:4] or digits[:1]
        if not (digits.isascii() and digits.isdigit()) or int(significant) > MOST_DISTANCE:
            raise QueryError("query.near_number", offset=place, length=len(term), text=shown(term))
        return self._sign(Sign.NEAR, place, end, distance=int(significant))

    def _sign(self, sign: Sign, start: int, end: int, *, text: str | None = None, distance: int = 0) -> Lexeme:
        self._end = end
        return Lexeme(sign, self._text[start:end] if text is None else text, start, end, start, distance)
