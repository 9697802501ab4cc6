"""What the field for queries shows while somebody types: what may come, and what is wrong."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from luister.query import Expected, QueryError, Suggestion, as_value, sentence, suggest
from luister.query.normalize import normalize
from luister.ui.query_help import FIELDS, VALUES

MOST_OPTIONS = 12
CASE_FIELDS = frozenset({"status", "assignee", "team", "priority", "channel", "sla", "kind"})
# What is missing here may still come, as long as nothing stands behind the cursor.
_OPEN_ENDED = frozenset(
    {
        "query.unclosed_quote", "query.unclosed_parenthesis", "query.missing_operand", "query.missing_after",
        "query.value_missing", "query.empty_group", "query.lone_minus",
    }
)  # fmt: skip
_WORD = re.compile(r"\S*")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a query: a sentence, and the query cut where the wrong part begins and ends.

    `wrong` is empty where something is missing between two characters.
    """

    sentence: str
    before: str
    wrong: str
    after: str

    @property
    def as_json(self) -> dict[str, object]:
        """What the script of the field is told; it counts code points."""
        return {"start": len(self.before), "length": len(self.wrong), "sentence": self.sentence}


@dataclass(frozen=True, slots=True)
class Option:
    """What may be written at the cursor."""

    text: str  # as it is shown
    insert: str  # as it is written
    about: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """What may replace the query's code points from `start` up to `end`; `chosen` is what Enter takes, if anything."""

    start: int
    end: int
    options: Sequence[Option] = ()
    chosen: int | None = None

    @property
    def as_json(self) -> dict[str, object]:
        """What the script of the field is told."""
        options = [{"text": one.text, "insert": one.insert, "about": one.about} for one in self.options]
        return {"start": self.start, "end": self.end, "options": options, "chosen": self.chosen}


def mistake(text: str, *, start: int, length: int, sentence: str) -> Mistake:
    """Return a mistake in a query; start and length count code points."""
    return Mistake(sentence, text[:start], text[start : start + length], text[start + length :])


def mistake_of(error: QueryError, *, text: str) -> Mistake:
    """Return what is wrong with a query, in the reader's language."""
    said = sentence(error.reason, translate=gettext)
    return mistake(text, start=error.offset, length=error.length, sentence=said)


def is_unfinished(error: QueryError, *, text: str, cursor: int) -> bool:
    """Return whether a mistake may be gone once the word at the cursor has been typed."""
    code = error.reason.code
    if code.startswith("query.too_"):
        return False
    if code in _OPEN_ENDED and cursor >= error.offset:
        return not text[cursor:].strip()
    begin = cursor - len(_WORD.match(text[:cursor][::-1])[0])  # type: ignore[index]  # it also matches nothing
    end = cursor + len(_WORD.match(text[cursor:])[0])  # type: ignore[index]
    return begin < end and error.offset <= end and error.offset + error.length >= begin


def complete(
    text: str, *, cursor: int, names: Callable[[str], Iterable[str]], of_cases: bool, is_asked: bool = False
) -> Completion:
    """Return what may come at the cursor, a number of code points from the start.

    `names` gives what a workspace has of a field, such as its labels. Unasked, nothing is offered before a letter of a
    field's name was typed.
    """
    found = suggest(text, cursor)
    if found.expected is Expected.FIELD:
        options = _fields(found, of_cases=of_cases) if found.typed or is_asked else []
        return Completion(found.start, found.end, options)
    if found.expected is Expected.NOTHING:
        return Completion(found.start, found.end)
    every = found.options if found.expected is Expected.CHOICE else _values(found, names(found.field))
    about = VALUES.get(found.field, {})
    options = [Option(one, as_value(one), _said(about, one)) for one in every[:MOST_OPTIONS]]
    start, end = _with_quotes(text, found)
    if [option.text for option in options] == [found.typed]:
        options = []
    return Completion(start, end, options, 0 if options else None)


def _fields(found: Suggestion, *, of_cases: bool) -> list[Option]:
    known = [name for name in found.options if of_cases or name.removesuffix(":") not in CASE_FIELDS]
    return [Option(name, name, _said(FIELDS, name.removesuffix(":"))) for name in known]


def _values(found: Suggestion, names: Iterable[str]) -> list[str]:
    """Return the values that hold what was typed, those that start with it first."""
    typed = normalize(found.typed)
    known = {**dict.fromkeys(found.options), **dict.fromkeys(VALUES.get(found.field, ())), **dict.fromkeys(names)}
    fits = [(normalize(name), name) for name in known]
    first = [name for normal, name in fits if normal.startswith(typed)]
    inside = [name for normal, name in fits if not normal.startswith(typed) and f" {typed}" in normal]
    return first + inside


def _with_quotes(text: str, found: Suggestion) -> tuple[int, int]:
    """Return what is replaced: with the quotation marks around it, which a value brings itself."""
    begins = found.start > 0 and text[found.start - 1] in '"“”„'
    ends = begins and text[found.end : found.end + 1] in ('"', "“", "”", "„")
    return found.start - begins, found.end + ends


def _said(words: Mapping[str, object], name: str) -> str:
    return str(words[name]) if name in words else ""
