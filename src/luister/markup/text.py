"""The text of what comes as HTML only: paragraphs, lists, table rows, and quotes as `> ` lines."""

import re

from luister.markup.tokens import VOID, Token, TooComplexError, read_tokens

_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "hr"}
_LINES = _PARAGRAPHS | {
    "div", "li", "tr", "dt", "dd", "center", "section", "article", "header", "footer", "address", "form", "caption",
    "thead", "tbody", "tfoot", "body", "html", "fieldset", "figure", "figcaption", "main", "nav", "aside", "details",
}  # fmt: skip
_SPACES = re.compile(r"[ \t\n\r\u00a0]+")
_ANY_TAG = re.compile(r"<[^<>]*>")
MAX_QUOTE_DEPTH = 20


def html_to_text(source: str) -> str:
    """Return what a reader sees of a page as plain text; of a hostile page, whatever stands between tags."""
    writer = _Writer()
    try:
        for token in read_tokens(source):
            writer.write(token)
    except TooComplexError:
        return re.sub(r"\s*\n\s*", "\n", _ANY_TAG.sub("\n", source[:500_000])).strip()
    return writer.text()


class _Writer:
    """Collects lines; a paragraph asks for an empty line before it, which is given when text follows."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quote_depth = 0
        self._gap = False
        self._tight = False
        self._preformatted = 0
        self._hidden: list[str] = []
        self._link = ""

    def write(self, token: Token) -> None:
        if self._hide(token):
            return
        if not token.tag:
            self._text(token.text)
        elif token.closing:
            self._close(token.tag)
        else:
            self._open(token)

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines).strip("\n")

    def _hide(self, token: Token) -> bool:
        """Skip elements that are not shown (preheaders, trackers' texts)."""
        if self._hidden:
            if token.tag == self._hidden[0]:
                if token.closing:
                    self._hidden.pop()
                else:
                    self._hidden.append(token.tag)
            return True
        style = token.attributes.get("style", "").lower().replace(" ", "")
        if token.tag and token.tag not in VOID and not token.closing and "display:none" in style:
            self._hidden.append(token.tag)
            return True
        return False

    def _text(self, text: str) -> None:
        if self._preformatted:
            first, *rest = text.split("\n")
            self._line.append(first)
            for line in rest:
                self._end_line(keep_empty=True)
                self._line.append(line)
            return
        text = _SPACES.sub(" ", text)
        if not self._line or self._line[-1].endswith(" "):
            text = text.lstrip(" ")
        if text:
            self._line.append(text)

    def _open(self, token: Token) -> None:
        tag = token.tag
        if tag == "br":
            self._end_line(keep_empty=True)
            return
        if tag in ("td", "th"):
            if self._line and not self._line[-1].endswith(" "):
                self._line.append("  ")
        elif tag in _LINES:
            self._end_line()
            self._tight = tag == "p" and _is_tight(token)
            self._gap = self._gap or (tag in _PARAGRAPHS and not self._tight)
        self._begin(token)

    def _begin(self, token: Token) -> None:
        match token.tag:
            case "blockquote":
                self._quote_depth = min(self._quote_depth + 1, MAX_QUOTE_DEPTH)
            case "pre":
                self._preformatted += 1
            case "li":
                self._line.append("- ")
            case "hr":
                self._line.append("_" * 32)
                self._end_line()
            case "img":
                self._text(f" {token.attributes.get('alt', '')[:200]} ")
            case "a":
                self._link = token.attributes.get("href", "").strip()

    def _close(self, tag: str) -> None:
        if tag == "a":
            self._end_link()
        if tag in _LINES:
            tight = self._tight and bool("".join(self._line).strip())
            self._end_line()
            self._gap = self._gap or (tag in _PARAGRAPHS and not tight)
        if tag == "blockquote":
            self._quote_depth = max(self._quote_depth - 1, 0)
        elif tag == "pre":
            self._preformatted = max(self._preformatted - 1, 0)

    def _end_link(self) -> None:
        """Write the address of a link whose words do not already say it."""
        shown = "".join(self._line[-1:]).strip()
        if self._link.startswith(("http://", "https://")) and shown and shown not in self._link:
            bare = shown.removeprefix("https://").removeprefix("http://").rstrip("/")
            if bare not in self._link and len(self._link) <= 300:
                self._line.append(f" <{self._link}>")
        self._link = ""

    def _end_line(self, *, keep_empty: bool = False) -> None:
        line = "".join(self._line).rstrip()
        self._line = []
        if not self._preformatted:
            line = line.strip()
        if not line and not keep_empty:
            return
        quote = ">" * self._quote_depth
        if self._gap or not line:
            self._empty_line(quote)
        self._gap = False
        if line:
            self._lines.append(f"{quote} {line}" if quote else line)

    def _empty_line(self, quote: str) -> None:
        """Add an empty line, unless one stands there or nothing does."""
        if self._lines and self._lines[-1].strip(">"):
            above = self._lines[-1]
            self._lines.append(quote[: len(above) - len(above.lstrip(">"))])


def _is_tight(token: Token) -> bool:
    """Outlook writes every line as a paragraph without margins."""
    style = token.attributes.get("style", "").lower().replace(" ", "")
    return "MsoNormal" in token.attributes.get("class", "") or "margin:0" in style
