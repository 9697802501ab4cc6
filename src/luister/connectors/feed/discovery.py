"""Finding the feeds of a site from the address of one of its pages."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin, urlsplit

from luister.connectors.feed import text
from luister.connectors.feed.parse import safe_link
from luister.markup.tokens import Token, TooComplexError, read_tokens

MOST_CANDIDATES: Final = 3
_TYPES: Final = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/xml"}
)
_LOOKED_AT: Final = 500_000  # characters; a page names its feeds at its head, or has a link to them


def candidates(content: bytes, *, content_type: str, address: str) -> tuple[str, ...]:
    """Return the addresses of up to three feeds that a page names: those it declares, else those it links to."""
    page = text.decoded(content, headers={"content-type": content_type})[:_LOOKED_AT]
    base, declared, linked = address, [], []
    for token in _tags(page):
        href = token.attributes.get("href", "").strip()
        if token.tag == "base" and href:
            base = urljoin(address, href)
        elif token.tag == "link" and _declares(token) and href:
            declared.append(href)
        elif token.tag == "a" and _looks_like_feed(href):
            linked.append(href)
    found = (safe_link(urljoin(base, href)) for href in declared or linked)
    return tuple(dict.fromkeys(one for one in found if one and one != address))[:MOST_CANDIDATES]


def _tags(page: str) -> Iterator[Token]:
    try:
        yield from read_tokens(page)
    except TooComplexError:
        return


def _declares(token: Token) -> bool:
    rel = token.attributes.get("rel", "").lower().split()
    kind = token.attributes.get("type", "").partition(";")[0].strip().lower()
    return "alternate" in rel and "stylesheet" not in rel and kind in _TYPES


def _looks_like_feed(href: str) -> bool:
    path = urlsplit(href).path.lower().rstrip("/") if "://" not in href or href.startswith("http") else ""
    last = path.rpartition("/")[2]
    return last in {"feed", "rss", "atom", "feeds", "index.rdf"} or last.endswith(
        (".rss", ".atom", "rss.xml", "feed.xml", "atom.xml", "feed.json")
    )
