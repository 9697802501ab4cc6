"""What an address gave, taken apart: which kind of document it is, and its entries, each fit to be kept by itself."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from luister.base.errors import ConnectorError
from luister.connectors.feed import scan, text
from luister.connectors.feed.scan import Element, Entry, Outline, UnsafeError

MOST_ENTRIES: Final = 1000
LONGEST_ID: Final = 150
_ROOTS: Final = frozenset({"rss", "rdf", "feed", "channel"})
_ABOUT: Final = frozenset({"title", "link", "language", "author", "creator", "managingeditor", "id", "generator"})
_LONGEST_ABOUT: Final = 3000
# What `parse` makes a post of; figures that change by themselves (numbers of comments, of views) are no edit.
_SAYS: Final = frozenset(
    {
        "title", "description", "summary", "content", "encoded", "body", "div", "link", "author", "creator",
        "enclosure", "in-reply-to", "fullitem",
    }
)  # fmt: skip
# Beside its text a media group counts views.
_MEDIA_TEXT: Final = re.compile(r"<media:(?:title|description)[^<>]*>([^<]*)")
_JSON_SAYS: Final = ("title", "content_html", "content_text", "summary", "url", "external_url", "author", "authors")
_DATES: Final = ("pubdate", "published", "issued", "date", "created", "updated", "modified")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: its id, what tells it apart when that changes (link and title), when it is from, and its payload."""

    id: str
    alias: str  # "" when it has no link or no title
    digest: str  # of what it says
    title: str
    link: str
    at: datetime | None
    payload: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed with its newest entries, newest first as far as they say when they are from; `total` counts all."""

    title: str
    items: tuple[Item, ...]
    total: int
    is_cut: bool = False
    ttl_minutes: int = 0
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = field(default=frozenset())  # Monday is 0


def read(content: bytes, *, headers: Mapping[str, str], host: str, is_cut: bool, most: int = scan.MOST_ENTRIES) -> Feed:
    """Return the feed that a document is, up to so many of its entries.

    Raises:
        ConnectorError: it is none, or cannot be read; the reason says which.
    """
    if not content.strip():
        raise ConnectorError("feed.empty", host=host)
    document = text.decoded(content, headers=headers)
    if document.lstrip()[:1] in {"{", "["}:
        return _json_feed(document, host=host, is_cut=is_cut, size=len(content))
    try:
        found = scan.outline(document, most=most)
    except UnsafeError:
        is_page = _is_page(document) and not re.search(
            r"<(?:\w+:)?(?:rss|feed|rdf)[\s>]", document[:5000], re.IGNORECASE
        )
        raise ConnectorError("feed.no_feed" if is_page else "feed.unsafe", host=host) from None
    if found.root is None or found.root.name not in _ROOTS:
        is_page = found.root is not None and (found.root.name == "html" or _is_page(document))
        raise ConnectorError("feed.no_feed" if is_page else "feed.not_a_feed", host=host)
    return _xml_feed(document, found, is_cut=is_cut)


def _is_page(document: str) -> bool:
    return bool(re.search(r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", document[:5000], re.IGNORECASE))


def _xml_feed(document: str, found: Outline, *, is_cut: bool) -> Feed:
    head, tail = _around(document, found)
    about = {element.name: element for element in reversed(found.about)}
    sketches = [_sketch(document, entry) for entry in found.entries]
    items = tuple(replace(item, payload=f"{head}{item.payload}{tail}") for item in _told_apart(_newest(sketches)))
    return Feed(
        title=text.plain(_inner(document, about.get("title"))),
        items=items,
        total=len(sketches),
        is_cut=is_cut or found.is_unfinished,
        ttl_minutes=_number(_inner(document, about.get("ttl"))),
        skip_hours=frozenset(
            int(hour) % 24 for hour in _listed(document, about.get("skiphours"), "hour") if hour.isdigit()
        ),
        skip_days=frozenset(
            _WEEKDAYS[day] for day in _listed(document, about.get("skipdays"), "day") if day in _WEEKDAYS
        ),
    )


def _around(document: str, found: Outline) -> tuple[str, str]:
    """Return what stands before and after an entry, so that it is a small feed of its own."""
    assert found.root is not None
    opening = [document[found.root.start : found.root.inner]]
    closing = [f"</{found.root.tag}>"]
    # In RSS 1.0 entries stand beside the channel, everywhere else within it.
    if found.channel is not None:
        opening.append(document[found.channel.start : found.channel.inner])
        closing.insert(0, f"</{found.channel.tag}>")
    opening.extend(
        document[element.start : element.end]
        for element in found.about
        if element.name in _ABOUT and 0 < element.end - element.start <= _LONGEST_ABOUT
    )
    if found.root.name == "rdf" and found.channel is not None:
        opening.append(closing.pop(0))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + "".join(opening), "".join(closing)


def _sketch(document: str, entry: Entry) -> Item:
    written = document[entry.start : entry.end]
    own = [child for child in entry.children if child.prefix == entry.prefix]
    first = {child.name: child for child in reversed(own)}
    dates = {child.name: child for child in reversed(entry.children) if child.name in _DATES}
    title = text.plain(_inner(document, first.get("title")))
    link = alternate_link(document, entry)
    when = (text.moment(text.value(_inner(document, dates.get(name)))) for name in _DATES if name in dates)
    said = "\n".join(document[child.start : child.end] for child in entry.children if child.name in _SAYS)
    said += "".join(_MEDIA_TEXT.findall(document, entry.inner, entry.inner_end)) if "media:group" in written else ""
    named = given_id(document, entry) or scan.attributes(document, entry).get("rdf:about", "") or link
    return Item(
        id=short_id(named) if named else f"sha256:{_digest(written)}",
        alias=_digest(f"{link}\n{title}")[:16] if link and title else "",
        digest=_digest(said or written),
        title=title,
        link=link,
        at=next((at for at in when if at is not None), None),
        payload=written,
    )


def given_id(document: str, entry: Entry) -> str:
    """Return the id or guid that an entry gives itself, or ""."""
    own = {child.name: child for child in reversed(entry.children) if child.prefix == entry.prefix}
    return text.without_session(text.value(_inner(document, own.get("id") or own.get("guid"))))


def alternate_link(document: str, entry: Entry) -> str:
    """Return the address of an entry's own page as it was written."""
    links = [child for child in entry.children if child.name == "link" and child.prefix == entry.prefix]
    for child in links:
        given = scan.attributes(document, child)
        if given.get("href") and given.get("rel", "alternate") == "alternate":
            return text.without_session(text.value(given["href"]))
    return text.without_session(next((found for child in links if (found := text.value(_inner(document, child)))), ""))


def _newest(items: Sequence[Item]) -> list[Item]:
    """Return the newest entries, those without a date last."""
    if len(items) <= MOST_ENTRIES:
        return list(items)
    dated = [(item.at, place, item) for place, item in enumerate(items) if item.at is not None]
    latest = [item for _, _, item in sorted(dated, key=lambda one: (one[0], -one[1]), reverse=True)]
    undated = [item for item in items if item.at is None]
    return [*latest, *undated][:MOST_ENTRIES]


def _told_apart(items: Sequence[Item]) -> list[Item]:
    """Give entries that share an id although they are different ones an id of their own; leave out copies."""
    kept: dict[str, Item] = {}
    for item in items:
        known = kept.get(item.id)
        if known is not None and known.alias != item.alias:
            item = replace(item, id=short_id(f"{item.id} {item.alias or item.digest}"))
        kept.setdefault(item.id, item)
    return list(kept.values())


def _json_feed(document: str, *, host: str, is_cut: bool, size: int) -> Feed:
    if is_cut:
        raise ConnectorError("feed.json_too_large", host=host, size=f"{size / 1_000_000:.0f}")
    try:
        found = json.loads(document)
    except (ValueError, RecursionError):
        raise ConnectorError("feed.bad_json", host=host) from None
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        raise ConnectorError("feed.not_a_feed", host=host)
    if not str(found.get("version", "")).startswith(("https://jsonfeed.org/version/", "http://jsonfeed.org/version/")):
        raise ConnectorError("feed.not_a_feed", host=host)
    about = {
        name: found[name]
        for name in ("version", "title", "home_page_url", "language", "author", "authors")
        if name in found
    }
    sketches = [_json_sketch(item, about) for item in found["items"] if isinstance(item, dict)]
    return Feed(text.plain(str(found.get("title") or "")), tuple(_told_apart(_newest(sketches))), len(sketches))


def _json_sketch(item: Mapping[str, Any], about: Mapping[str, Any]) -> Item:
    title, link = text.plain(_string(item.get("title"))), _string(item.get("url"))
    named = json_id(item)
    payload = json.dumps({**about, "items": [item]}, ensure_ascii=False)
    return Item(
        id=short_id(named) if named else f"sha256:{_digest(json.dumps(item, sort_keys=True))}",
        alias=_digest(f"{link}\n{title}")[:16] if link and title else "",
        digest=_digest(json.dumps([item.get(name) for name in _JSON_SAYS], sort_keys=True)),
        title=title or text.plain(_string(item.get("content_text") or item.get("summary")))[:200],
        link=link,
        at=text.moment(_string(item.get("date_published") or item.get("date_modified"))),
        payload=payload,
    )


def json_id(item: Mapping[str, Any]) -> str:
    """Return the id of an item of a JSON Feed; numbers count as their text."""
    given = item.get("id")
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return ""
    return str(given).strip()


def _string(given: object) -> str:
    return given if isinstance(given, str) else ""


def _inner(document: str, element: Element | None) -> str:
    return document[element.inner : element.inner_end] if element is not None and element.inner_end >= 0 else ""


def _listed(document: str, element: Element | None, name: str) -> list[str]:
    found = re.findall(rf"<{name}>\s*(\w{{1,9}})\s*</{name}>", _inner(document, element)[:5000], re.IGNORECASE)
    return [one.lower() for one in found]


def _number(inner: str) -> int:
    digits = inner.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 0


def short_id(name: str) -> str:
    """Return a name as it is kept as an id: on one line, and with a digest in place of what is too long."""
    name = " ".join(name.split())
    return name if len(name) <= LONGEST_ID else f"{name[: LONGEST_ID - 33]} {_digest(name)}"


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


_WEEKDAYS: Final = {
    name: number
    for number, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
}
