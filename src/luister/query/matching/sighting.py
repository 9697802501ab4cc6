"""A post as standing queries look at it: its keys first, and the rest of it only for a query that needs it."""

import re
from collections.abc import Callable, Collection

from luister.query.addresses import without_addresses
from luister.query.documents import Document
from luister.query.lazily import lazily
from luister.query.matching.keys import field_keys, mark_keys
from luister.query.matching.moments import Moment
from luister.query.plain import EMOJI, read_tokens
from luister.query.prepared import Prepared

INFERRED = frozenset({"lang", "sentiment", "says"})
Infer = Callable[[Document], Document]
_GAP = "\x03"  # between title and text: no phrase spans them
_EMOJI_TOKEN = re.compile(rf"{EMOJI}\w+")


class Sighting:
    """A post for as long as it is matched.

    `keys` are those of its words, of its hashtags and mentions, and of the fields that are asked for.
    """

    def __init__(self, document: Document, moment: Moment, infer: Infer | None, fields: Collection[str]) -> None:
        self.moment = moment
        self._document = document
        self._infer = infer
        tokens, marks = read_tokens(without_addresses(document.text))
        if document.title:
            title, title_marks = read_tokens(without_addresses(document.title))
            tokens, marks = [*title, _GAP, *tokens], title_marks + marks
        self._tokens = tokens
        self._marks = mark_keys(marks) if marks else []
        if fields:
            complete = self.prepared if INFERRED.isdisjoint(fields) else self.complete
            self._marks += field_keys(complete, fields)
        self.keys = set(tokens)
        if self._marks:
            self.keys.update(self._marks)

    @lazily
    def prepared(self) -> Prepared:
        """The post as the plain evaluator sees it."""
        return Prepared(self._document)

    @lazily
    def complete(self) -> Prepared:
        """The post with what it does not tell of itself and can be inferred."""
        return Prepared(self._infer(self._document)) if self._infer else self.prepared

    @lazily
    def line(self) -> str:
        """The words in one line, with a space before and behind each, in which words are searched as letters are."""
        line = f" {' '.join(self._tokens)} "
        return _EMOJI_TOKEN.sub(EMOJI, line) if EMOJI in line else line

    @lazily
    def mark_line(self) -> str:
        """The keys that are no words in one line, with a space before and behind each; empty where there are none."""
        return f" {' '.join(self._marks)} " if self._marks else ""
