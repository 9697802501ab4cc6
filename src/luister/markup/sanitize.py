"""HTML made safe to show: an allowlist (nh3), no remote content, no deep nesting.

Two steps. First the tags are rewritten so that they are balanced and at most MAX_DEPTH deep, and images lose
their `src`; then nh3, the authority on what is allowed, reads that. In this order its parser never meets the
nesting that makes it quadratic. docs/connectors/email.md says what the interface does with the result:

    <img data-remote-src="https://…">   blocked; "Show images" may set src
    <img data-cid="…">                  an attachment of this post, by its content_id
"""

import html
import re
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from urllib.parse import unquote

import nh3

from luister.markup.tokens import VOID, Token, read_tokens

MAX_DEPTH = 120
MAX_CONTENT_ID = 300
MAX_OPEN_FORMATTING = 12

_FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u", "ins", "del"}
_BLOCKS = {
    "abbr", "address", "article", "aside", "blockquote", "caption", "center", "cite", "dd", "details", "div", "dl",
    "dt", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "kbd", "li", "main", "mark",
    "ol", "p", "pre", "q", "samp", "section", "span", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul", "var", "colgroup",
}  # fmt: skip
_EMPTY = {"br", "hr", "img", "wbr", "col"}
_TAGS = _FORMATTING | _BLOCKS | _EMPTY
_IMAGE_ATTRIBUTES = {"src", "alt", "title", "width", "height", "style", "data-remote-src", "data-cid"}
_ATTRIBUTES = {
    "*": {"dir", "lang", "title", "style", "align"},
    "a": {"href"},
    "img": _IMAGE_ATTRIBUTES - {"title", "style"},
    "font": {"color", "face", "size"},
    "table": {"bgcolor", "border", "cellpadding", "cellspacing", "width"},
    "tr": {"bgcolor", "valign"},
    "td": {"bgcolor", "colspan", "height", "rowspan", "valign", "width"},
    "th": {"bgcolor", "colspan", "height", "rowspan", "valign", "width"},
    "col": {"span", "width"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
}
# No property that can load something, leave the page's flow, or cover other text.
_STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left", "border-radius",
    "border-right", "border-spacing", "border-style", "border-top", "border-width", "color", "direction", "display",
    "font", "font-family", "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing",
    "line-height", "list-style-type", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-width",
    "min-width", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "table-layout",
    "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align", "white-space", "width",
    "word-break", "word-wrap",
}  # fmt: skip
_LOADS = re.compile(r"url\s*\(|image|expression|@|\\|-moz-binding", re.IGNORECASE)
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)
_SMALL = re.compile(r"\s*[0-3](?:\.\d+)?\s*(?:px)?\s*", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:max-)?(?:width|height)\s*:\s*[01](?:px|\s*(?:;|$))"
)
# What HTML ends by itself when a tag begins, searched up to a wall. Done here too, because a parser that has to
# do it opens all formatting again each time, and the result grows without bound.
_ENDS_ITSELF = {
    "li": {"li"},
    "tr": {"tr"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "dd": {"dd", "dt"},
    "dt": {"dd", "dt"},
}
_ENDS_PARAGRAPH = _BLOCKS - {"abbr", "cite", "kbd", "mark", "q", "samp", "span", "sub", "sup", "var"} | {"hr"}
_WALLS = {"li": {"ul", "ol"}, "dd": {"dl"}, "dt": {"dl"}, "p": {"td", "th", "table", "caption"}}


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """HTML that may be shown in a sandboxed frame, and how many remote images wait for "Show images"."""

    html: str
    remote_images: int


def sanitize(source: str) -> SafeHtml:
    """Return the safe form of what a mail or a feed carries.

    Raises:
        TooComplexError: it is too long or has too many tags to be shown within a second.
    """
    rewriter = _Rewriter()
    for token in read_tokens(source):
        rewriter.write(token)
    safe = nh3.clean(
        rewriter.html(),
        tags=_TAGS,
        clean_content_tags={"script", "style", "title", "textarea", "template"},
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "tel", "data"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return SafeHtml(safe, rewriter.remote_images)


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "style":
        return ";".join(declaration for declaration in value.split(";") if not _LOADS.search(declaration)) or None
    if name in ("src", "href") and value.lower().lstrip().startswith("data:"):
        return value if name == "src" and _DATA_IMAGE.fullmatch(value) else None
    if name == "data-remote-src":
        return value if tag == "img" and value.startswith(("http://", "https://")) else None
    return value


class _Rewriter:
    """Writes balanced tags; what lies deeper than the limits keeps its text and loses its tags."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open: list[str] = []
        self._counts: Counter[str] = Counter()  # of the open tags, so that what is not open is not searched for
        self.remote_images = 0

    def html(self) -> str:
        self._parts.extend(f"</{tag}>" for tag in reversed(self._open))
        self._open.clear()
        return "".join(self._parts)

    def write(self, token: Token) -> None:
        if not token.tag:
            self._parts.append(html.escape(token.text, quote=False))
        elif token.tag == "img":
            self._image(token.attributes)
        elif token.tag in _EMPTY and (not token.closing or token.tag == "br"):
            self._parts.append(_start_tag(token.tag, token.attributes))
        elif token.tag in _TAGS and token.tag not in VOID:
            if token.closing:
                self._close(token.tag)
            else:
                self._start(token)

    def _start(self, token: Token) -> None:
        self._end_implied(_ENDS_ITSELF.get(token.tag, frozenset()), walls=_WALLS.get(token.tag, {"table"}))
        if token.tag in _ENDS_PARAGRAPH:
            self._end_implied({"p"}, walls=_WALLS["p"])
        too_deep = len(self._open) >= MAX_DEPTH
        if token.tag in _FORMATTING:
            too_deep = too_deep or sum(self._counts[tag] for tag in _FORMATTING) >= MAX_OPEN_FORMATTING
        if not too_deep:
            self._open.append(token.tag)
            self._counts[token.tag] += 1
            self._parts.append(_start_tag(token.tag, token.attributes))

    def _end_implied(self, tags: Set[str], *, walls: Set[str]) -> None:
        if not any(self._counts[tag] for tag in tags):
            return
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index] in walls:
                return
            if self._open[index] in tags:
                self._end_from(index)
                return

    def _close(self, tag: str) -> None:
        if not self._counts[tag]:
            return
        index = self._last(tag)
        if tag in _FORMATTING and any(inner not in _FORMATTING for inner in self._open[index:]):
            return  # `<b><p></b>`: ends with the block around it
        self._end_from(index)

    def _end_from(self, index: int) -> None:
        """End the tag at a place and all within it."""
        ended = self._open[index:]
        self._parts.extend(f"</{tag}>" for tag in reversed(ended))
        self._counts.subtract(ended)
        del self._open[index:]

    def _last(self, tag: str) -> int:
        return len(self._open) - 1 - self._open[::-1].index(tag)

    def _image(self, attributes: dict[str, str]) -> None:
        source = attributes.get("src", "").strip()
        source = f"https:{source}" if source.startswith("//") else source
        kept: dict[str, str] = {
            name: attributes[name] for name in ("alt", "title", "width", "height", "style") if name in attributes
        }
        lower = source.lower()
        if lower.startswith("cid:"):
            kept["data-cid"] = unquote(source[4:]).strip("<> ")[:MAX_CONTENT_ID]
        elif lower.startswith(("http://", "https://")):
            if _is_tracker(attributes):
                return
            self.remote_images += 1
            kept["data-remote-src"] = source[: source.index(":")].lower() + source[source.index(":") :]
        elif _DATA_IMAGE.fullmatch(source):
            kept["src"] = source
        else:
            return
        self._parts.append(_start_tag("img", kept))


def _is_tracker(attributes: dict[str, str]) -> bool:
    """An image that nobody can see is there to report that the mail was opened."""
    sizes = [attributes[name] for name in ("width", "height") if attributes.get(name)]
    small = bool(sizes) and all(_SMALL.fullmatch(size) for size in sizes)
    return small or bool(_HIDDEN.search(attributes.get("style", "").lower()))


def _start_tag(tag: str, attributes: dict[str, str]) -> str:
    written = "".join(
        f' {name}="{html.escape(value)}"'
        for name, value in attributes.items()
        if name.replace("-", "").isalnum()
        and name.isascii()
        and not name.startswith("on")
        and (tag == "img" or not name.startswith("data-"))
    )
    return f"<{tag}{written}>"
