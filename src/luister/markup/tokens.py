"""HTML as a flat list of tags and texts: one linear pass that no input can make slow.

This is no security boundary (`sanitize` has nh3 for that) but what makes hostile HTML cheap: the standard
library's parser and html5ever both become quadratic on nesting and on tags that never end.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_CHARACTERS = 1_500_000
MAX_TOKENS = 60_000

_TAG_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9:_-]{0,40}")
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?P<name>[^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)(?:\"|\Z)|'(?P<single>[^']*+)(?:'|\Z)"
    r"|(?P<bare>[^\s>]*+)))?+"
)
_REST_OF_TAG = re.compile(r"[\s/=]*+>?")
_SKIPPED = {"script", "style", "title", "xmp", "iframe", "noembed", "noframes", "textarea", "template", "noscript"}
VOID = {"br", "hr", "img", "wbr", "col", "input", "link", "meta", "base", "area", "embed", "source", "track", "param"}


class TooComplexError(Exception):
    """More tags or text than something that someone reads has."""


@dataclass(frozen=True, slots=True)
class Token:
    """A text (`tag` is ""), a start tag, or an end tag (`closing`)."""

    tag: str
    text: str = ""
    closing: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


def read_tokens(source: str) -> Iterator[Token]:
    """Yield what a page shows, in order; comments and what stands in scripts, styles and titles is left out.

    Raises:
        TooComplexError: it is too long, or has too many tags.
    """
    if len(source) > MAX_CHARACTERS or source.count("<") > MAX_TOKENS:
        raise TooComplexError
    position = 0
    while position < len(source):
        token, position = _next(source, position)
        if token is None:
            continue
        yield token
        if token.tag in _SKIPPED and not token.closing:
            position = _after(source, f"</{token.tag}", position, otherwise=len(source))


def _next(source: str, position: int) -> tuple[Token | None, int]:
    if source[position] != "<":
        end = source.find("<", position)
        end = len(source) if end < 0 else end
        return Token("", html.unescape(source[position:end])), end
    name = _TAG_NAME.match(source, position + 1)
    if name:
        return _tag(source, name)
    if source.startswith("<!--", position):
        return None, _after(source, "-->", position + 4, otherwise=len(source))
    if source.startswith(("<!", "<?", "</"), position):
        return None, _after(source, ">", position, otherwise=len(source))
    return Token("", "<"), position + 1


def _tag(source: str, name: re.Match[str]) -> tuple[Token, int]:
    attributes: dict[str, str] = {}
    position = name.end()
    while (attribute := _ATTRIBUTE.match(source, position)) is not None:
        position = attribute.end()
        value = attribute["double"] or attribute["single"] or attribute["bare"] or ""
        if len(attributes) < 50:
            attributes.setdefault(attribute["name"].lower(), html.unescape(value))
    rest = _REST_OF_TAG.match(source, position)
    position = rest.end() if rest else position
    tag = name[0].lower()
    return Token(tag.lstrip("/"), closing=tag.startswith("/"), attributes=attributes), position


def _after(source: str, mark: str, position: int, *, otherwise: int) -> int:
    # Case matters only for end tags; searching a window in lower case keeps this linear.
    if mark.startswith("</"):
        found = re.compile(re.escape(mark), re.IGNORECASE).search(source, position)
        return found.start() if found else otherwise
    index = source.find(mark, position)
    return index + len(mark) if index >= 0 else otherwise
