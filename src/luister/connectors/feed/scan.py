"""The outline of an XML feed: where each entry stands, and the few elements that tell one from another.

One linear pass over text that need not be well-formed, with nothing resolved and nothing loaded. Entries are cut
out as they were written, so that each can be kept and read by itself; what an entry says is for `parse`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from luister.base.errors import SentenceError

ENTRY_NAMES: Final = frozenset({"item", "entry"})
MOST_ENTRIES: Final = 10_000  # more than anybody reads; what comes after them is left out
LONGEST_TAG: Final = 20_000
_TAG: Final = re.compile(r"<(/?)([A-Za-z_][\w:.-]*+)((?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+)>")
# The one document type that a feed has reason to name: RSS 0.91 asked for it. Nothing of it is ever loaded.
_NETSCAPE: Final = re.compile(
    r"<!DOCTYPE\s+rss\s+PUBLIC\s+\"-//Netscape Communications//DTD RSS 0\.91//EN\"\s+\"https?://[\w./-]+\"\s*>",
    re.IGNORECASE,
)
_ATTRIBUTE: Final = re.compile(r"([\w:.-]++)\s*=\s*(?:\"([^\"]*+)\"|'([^']*+)')")


class UnsafeError(SentenceError):
    """It brings definitions of its own (a DTD), which can fill the memory or read files."""


class _Token(NamedTuple):
    start: int
    end: int
    name: str  # with its prefix, as it was written
    closes: bool
    is_empty: bool  # <name/>


@dataclass(slots=True)
class Element:
    """One element: its tag as written, its name in lower case without prefix, and where tag, content and end stand."""

    tag: str
    name: str
    prefix: str
    start: int
    inner: int
    inner_end: int = -1
    end: int = -1


@dataclass(slots=True)
class Entry(Element):
    """An item or entry, with its direct children."""

    children: list[Element] = field(default_factory=list)


@dataclass(slots=True)
class Outline:
    """A document: its root and channel tags, the elements that speak of the feed as a whole, and the entries.

    `is_unfinished` when the document ends within an entry, which is left out, or has more of them than are read.
    """

    root: Element | None = None
    channel: Element | None = None
    about: list[Element] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    is_unfinished: bool = False


def outline(text: str, *, most: int = MOST_ENTRIES) -> Outline:
    """Return the outline of a document, up to so many entries; without a root element it is no markup at all.

    Raises:
        UnsafeError: it holds a DTD.
    """
    outliner = _Outliner()
    for token in _tokens(text):
        outliner.take(token)
        if outliner.count >= most:
            return replace(outliner.outline(), is_unfinished=True)
    return outliner.outline()


def attributes(text: str, element: Element) -> dict[str, str]:
    """Return an element's attributes as they were written, names in lower case."""
    tag = text[element.start : element.inner]
    return {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(tag)}


class _Outliner:
    """Takes tags one by one; `_entry` is the entry that they are in."""

    def __init__(self) -> None:
        self._found = Outline()
        self._entry: Entry | None = None
        self._nested = 0  # elements of the entry's own name within it
        self._children = _Children(self._found.about)

    @property
    def count(self) -> int:
        return len(self._found.entries)

    def outline(self) -> Outline:
        self._found.is_unfinished = self._entry is not None
        return self._found

    def take(self, token: _Token) -> None:
        if self._entry is not None:
            self._within(self._entry, token)
        elif self._found.root is None:
            self._found.root = _element(token)
        elif not token.closes and _local(token.name) in ENTRY_NAMES:
            self._begin(token)
        elif not token.closes and _local(token.name) == "channel" and self._found.channel is None:
            self._found.channel = _element(token)
        else:
            self._children.take(token)

    def _begin(self, token: _Token) -> None:
        self._children.end_at(token.start)
        self._entry = Entry(*_named(token), token.start, token.end)
        self._nested, self._children = 0, _Children(self._entry.children)
        if token.is_empty:
            self._end(self._entry, token.end, token.end)

    def _within(self, entry: Entry, token: _Token) -> None:
        if token.name == entry.tag and not token.is_empty:
            if token.closes and not self._nested:
                self._children.end_at(token.start)
                self._end(entry, token.start, token.end)
                return
            self._nested += -1 if token.closes else 1
        self._children.take(token)

    def _end(self, entry: Entry, inner_end: int, end: int) -> None:
        entry.inner_end, entry.end = inner_end, end
        self._found.entries.append(entry)
        self._entry, self._children = None, _Children(self._found.about)


class _Children:
    """Collects direct children; each lasts until its own end tag, whatever stands in between."""

    def __init__(self, into: list[Element]) -> None:
        self._into = into
        self._open: Element | None = None
        self._nested = 0

    def take(self, token: _Token) -> None:
        if self._open is None:
            if token.closes:
                return
            element = _element(token)
            self._into.append(element)
            if not token.is_empty:
                self._open, self._nested = element, 0
        elif token.name == self._open.tag:
            if token.closes and not self._nested:
                self._open.inner_end, self._open.end = token.start, token.end
                self._open = None
            elif not token.is_empty:
                self._nested += -1 if token.closes else 1

    def end_at(self, position: int) -> None:
        """End what was never ended."""
        if self._open is not None:
            self._open.inner_end = self._open.end = position
            self._open = None


def _element(token: _Token) -> Element:
    element = Element(*_named(token), token.start, token.end)
    if token.is_empty:
        element.inner_end = element.end = token.end
    return element


def _named(token: _Token) -> tuple[str, str, str]:
    prefix, _, local = token.name.rpartition(":")
    return token.name, local.lower(), prefix.lower()


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while (start := text.find("<", position)) >= 0:
        skipped = _skipped(text, start)
        if skipped is not None:
            position = skipped
            continue
        tag = _TAG.match(text, start, start + LONGEST_TAG)
        if tag is None:
            position = start + 1
            continue
        position = tag.end()
        yield _Token(start, position, tag[2], bool(tag[1]), tag[3].endswith("/"))


def _skipped(text: str, start: int) -> int | None:
    """Return where what begins here and is no tag ends, or None for a tag."""
    for opening, closing in (("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>")):
        if text.startswith(opening, start):
            end = text.find(closing, start + len(opening))
            return end + len(closing) if end >= 0 else len(text)
    if not text.startswith("<!", start):
        return None
    netscape = _NETSCAPE.match(text, start)
    if netscape:
        return netscape.end()
    if re.match(r"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", text[start : start + 30], re.IGNORECASE):
        raise UnsafeError("feed.unsafe")
    return start + 2
