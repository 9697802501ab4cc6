"""What may come where somebody is typing a query."""

import re
from dataclasses import dataclass
from enum import StrEnum

from luister.query.parsing.fields import CHOICES, FIELDS
from luister.query.parsing.scanner import QUOTES

_DELIMITERS = rf"\s(){QUOTES}"
_SIGN = re.compile(rf"\s+|[(){QUOTES}]|[^{_DELIMITERS}]+")
_FIELD = re.compile(r"-?([A-Za-z]+):")
_REST = re.compile(rf"[^{_DELIMITERS}]*")
_EXAMPLES = {"after": ("24h", "7d", "4w"), "before": ("24h", "7d", "4w"), "sla": ("breached", "<30m"),
             "assignee": ("me", "none"), "team": ("none",)}  # fmt: skip


class Expected(StrEnum):
    """What may come at a place."""

    FIELD = "field"  # a term or a field's name
    CHOICE = "choice"  # one of a closed list of values
    VALUE = "value"  # any value of the field: the options are no more than examples
    NOTHING = "nothing"  # nothing that could be known, such as within quotation marks


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may come at the cursor.

    What was typed of it stands from `start` up to `end` in the query, and is replaced by the option that is chosen.
    The options are those that go on as was typed, as they are written in a query: `lang:`, `negative`.
    """

    expected: Expected
    typed: str
    start: int
    end: int
    field: str = ""
    options: tuple[str, ...] = ()


def suggest(text: str, cursor: int) -> Suggestion:
    """Return what may come at the cursor, a number of code points from the start of the text."""
    cursor = max(0, min(cursor, len(text)))
    place = _Place()
    for found in _SIGN.finditer(text, 0, cursor):
        place.pass_by(found.group(), found.start())
    rest = _REST.match(text, cursor)
    end = rest.end() if rest else cursor
    typed = text[place.start : cursor] if place.typing else ""
    start = place.start if place.typing else cursor
    if place.in_quotes:
        return _of_quoted(text, place, cursor)
    if place.field:
        return _of_value(place.field, typed, start, end)
    if named := _FIELD.match(typed):
        value_start = start + named.end()
        return _of_value(named[1].lower(), text[value_start:cursor], value_start, end)
    if typed.startswith("-"):
        typed, start = typed[1:], start + 1
    options = tuple(f"{name}:" for name in sorted(FIELDS) if name.startswith(typed.lower()))
    return Suggestion(Expected.FIELD, typed, start, end, options=options)


class _Place:
    """Where one is, going through a query sign by sign."""

    def __init__(self) -> None:
        self.start = 0
        self.typing = False  # a term that is not over yet
        self.in_quotes = False
        self.field = ""  # in a list of its values, or in quotation marks behind it
        self._in_list = False
        self._behind = ""  # the field that stood right before this

    def pass_by(self, sign: str, start: int) -> None:
        if self.in_quotes:
            self._in_quotes(sign)
            return
        behind, self._behind = self._behind, ""
        self.typing = False
        if sign in QUOTES:
            self.in_quotes, self.start = True, start + 1
            self.field = self.field or behind
        elif sign == "(":
            self._in_list, self.field = bool(behind), behind
        elif sign == ")":
            self._in_list, self.field = False, ""
        elif not sign.isspace():
            self.typing, self.start = True, start
            named = _FIELD.fullmatch(sign)
            self._behind = named[1].lower() if named and not self._in_list else ""

    def _in_quotes(self, sign: str) -> None:
        if sign in QUOTES:
            self.in_quotes = False
            self.field = self.field if self._in_list else ""


def _of_quoted(text: str, place: _Place, cursor: int) -> Suggestion:
    typed = text[place.start : cursor]
    if not place.field:
        return Suggestion(Expected.NOTHING, typed, place.start, cursor)
    return _of_value(place.field, typed, place.start, cursor)


def _of_value(field: str, typed: str, start: int, end: int) -> Suggestion:
    if field not in FIELDS:
        return Suggestion(Expected.NOTHING, typed, start, end)
    is_closed = field in CHOICES
    every = CHOICES[field] if is_closed else _EXAMPLES.get(field, ())
    options = tuple(option for option in every if option.startswith(typed.lower()))
    return Suggestion(Expected.CHOICE if is_closed else Expected.VALUE, typed, start, end, field, options)


def as_value(text: str) -> str:
    """Return text as it is written behind a field: in quotation marks where it has to be."""
    if text and re.fullmatch(rf"[^{_DELIMITERS}]+", text):
        return text
    inside = re.sub(rf"[{QUOTES}]", " ", text)
    return f'"{inside}"'
