"""A post of one entry, kept as a small feed of its own; runs in the child that parses."""

import calendar
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import feedparser

from luister.base.connector import Account, RawItem
from luister.base.errors import Reason, UnprocessableError
from luister.base.posts import Author, InboundPost, Kind
from luister.connectors.feed import scan, text
from luister.connectors.feed.documents import alternate_link, given_id, json_id, short_id
from luister.markup.sanitize import sanitize
from luister.markup.text import html_to_text
from luister.markup.tokens import TooComplexError

CLOCK_SKEW: Final = timedelta(minutes=10)  # a date no further ahead is taken for a clock that is fast
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
MOST_LINKS: Final = 20
_KINDS: Final = {"review": Kind.REVIEW, "forum": Kind.POST}
_COMMENT: Final = re.compile(r"#(?:comment|reactie|respond)[-_]?\w*\d", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"([a-z]{2})(?:[-_].*)?", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")
# What a picture is called is no part of what is said.
_IMAGE: Final = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
# phpBB ends each post with who wrote it and how often it was seen.
_STATISTICS: Final = re.compile(r"<p>\s*(?:Statistics|Statistieken|Statistik)\s*:(?:(?!<p>).)*\Z", re.DOTALL)


@dataclass(slots=True)
class _Said:
    """What an entry says, whatever it is written in."""

    title: str = ""
    html: str = ""
    plain: str = ""
    link: str = ""
    author: str = ""
    author_url: str = ""
    site: str = ""  # the feed's own title
    home: str = ""  # the address of its site
    language: str = ""
    when: datetime | None = None
    links: Sequence[str] = ()
    answers: Sequence[str] = ()  # ids and addresses of what it comments on
    had_bad_link: bool = False


def parse_entry(account: Account, item: RawItem) -> InboundPost:
    """Return the post that an entry is; its id is the first part of the payload's key.

    Raises:
        UnprocessableError: it says nothing, or cannot be read.
    """
    payload = item.content.decode("utf-8", "replace")
    base = str(account.settings.get("address") or "")
    said = _from_json(payload) if payload.startswith("{") else _from_xml(payload, base=base)
    link = safe_link(urljoin(base, said.link) if said.link else "")
    html = said.html and _STATISTICS.sub("", said.html) if "viewtopic.php" in link else said.html
    words = html_to_text(_IMAGE.sub(" ", html)) if html else said.plain.strip()
    if not (said.title or words or link):
        raise UnprocessableError("feed.nothing_said")
    safe, notices = _designed(html)
    if said.had_bad_link or (said.link and not link):
        notices.append(Reason("feed.link_dropped"))
    posted_at = _when(said.when, item.received_at, notices)
    external_id = item.external_key.rpartition(" ")[0]
    answers = tuple(dict.fromkeys(short_id(one) for one in said.answers if one))
    is_comment = bool(answers or _COMMENT.search(link))
    return InboundPost(
        external_id=external_id,
        kind=Kind.COMMENT if is_comment else _KINDS.get(str(account.settings.get("network")), Kind.ARTICLE),
        public=True,
        author=_author(said, base=base),
        text=words or ("" if said.title else link),
        posted_at=posted_at,
        subject=said.title,
        html=safe,
        url=link,
        references=answers,
        thread_external_id=_thread(external_id, answers, link if is_comment else ""),
        addressed=False,
        notices=tuple(notices),
        language=said.language,
        links=tuple(dict.fromkeys(safe for one in said.links if (safe := safe_link(urljoin(base, one)))))[:MOST_LINKS],
        replaces=True,
    )


def safe_link(address: str) -> str:
    """Return an address that may stand behind a link, or "" for anything but http and https."""
    address = text.without_session("".join(address.split()))
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return ""
    return address if is_web and len(address) <= 1000 else ""


def _thread(external_id: str, answers: Sequence[str], comment_link: str) -> str:
    if answers:
        return answers[0]
    return comment_link.partition("#")[0] or external_id


def _designed(html: str) -> tuple[str, list[Reason]]:
    """Return the entry as it was designed, safe to show; nothing for what is plain text anyhow."""
    if not html or not re.search(r"<(?!/?(?:p|br|div)\b)[a-zA-Z]", html):
        return "", []
    try:
        return sanitize(html).html, []
    except TooComplexError:
        return "", [Reason("feed.plain_only")]


def _when(said: datetime | None, received_at: datetime, notices: list[Reason]) -> datetime:
    if said is None or said < EARLIEST:
        notices.append(Reason("feed.undated"))
        return received_at
    if said > received_at + CLOCK_SKEW:
        notices.append(Reason("feed.future", {"date": f"{said:%Y-%m-%d %H:%M}"}))
        return received_at
    return min(said, received_at)


def _author(said: _Said, *, base: str) -> Author:
    """Name who wrote it; the site itself where nobody is named. People of two sites are never one.

    Links may lead through a service that many sites use, and one feed may gather many sites: both hosts count.
    """
    home, page = (urlsplit(safe_link(urljoin(base, one))).hostname or "" for one in (said.home, said.link))
    host = home or page or urlsplit(base).hostname or ""
    name = said.author or said.site or host
    if page and page != host:
        host = f"{host},{page}"
    return Author(f"{host}/{said.author.casefold()}"[:320], name=name[:200], url=safe_link(said.author_url))


def _language(given: object) -> str:
    found = _LANGUAGE.fullmatch(given.strip()) if isinstance(given, str) else None
    return found[1].lower() if found else ""


def _from_xml(payload: str, *, base: str) -> _Said:
    try:
        outline = scan.outline(payload)
    except scan.UnsafeError as error:
        raise UnprocessableError(error.reason.code) from None
    # From a stream: given a text, the library would open files and addresses.
    found = feedparser.parse(
        io.BytesIO(payload.encode("utf-8", "replace")),
        sanitize_html=False,  # ours is stricter, and done on what is kept
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": base},
    )
    if not found.entries or not outline.entries:
        raise UnprocessableError("feed.item_unreadable")
    entry, about = found.entries[0], found.feed
    title, detail, person = entry.get("title_detail") or {}, _content(entry), entry.get("author_detail") or {}
    is_html = "html" in str(detail.get("type", "")) or "xml" in str(detail.get("type", ""))
    raw_link = alternate_link(payload, outline.entries[0])
    # Without a link the library offers the guid, which is an address only if it looks like one.
    has_address = raw_link or given_id(payload, outline.entries[0]).startswith(("http://", "https://"))
    link = str(entry.get("link") or "") if has_address else ""
    return _Said(
        title=_one_line(title),
        html=str(detail.get("value") or "") if is_html else "",
        plain="" if is_html else str(detail.get("value") or ""),
        link=link,
        author=_name(entry) or _name(about),
        author_url=str(person.get("href") or ""),
        site=_one_line(about.get("title_detail") or {}),
        home=str(about.get("link") or ""),
        language=_language(detail.get("language") or about.get("language")),
        when=_moment(entry),
        links=[str(one.get("href") or one.get("url") or "") for one in entry.get("enclosures") or ()],
        answers=list(_answers(entry)),
        had_bad_link=bool(raw_link) and not link,
    )


def _content(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fullest of what an entry holds: its content, else its summary."""
    readable = [
        one for one in entry.get("content") or () if str(one.get("type", "")).startswith(("text/", "application/xhtml"))
    ]
    fullest = max(readable, key=lambda one: len(str(one.get("value") or "")), default=None)
    if fullest and str(fullest.get("value") or "").strip():
        return dict(fullest)
    summary: Mapping[str, Any] = entry.get("summary_detail") or {}
    return summary


def _one_line(detail: Mapping[str, Any]) -> str:
    value = str(detail.get("value") or "")
    if "html" in str(detail.get("type", "")) or _TAG.search(value):
        value = html_to_text(value)
    return " ".join(value.split())[:500]


def _name(holder: Mapping[str, Any]) -> str:
    person = holder.get("author_detail") or {}
    name = str(person.get("name") or holder.get("author") or person.get("email") or "")
    return " ".join(html_to_text(name).split())[:200] if "<" in name else " ".join(name.split())[:200]


def _moment(entry: dict[str, Any]) -> datetime | None:
    given = dict(entry.items())  # the library's own look-up warns of a mapping that we do not rely on
    for name in ("published_parsed", "created_parsed", "updated_parsed"):
        parts = given.get(name)
        if parts:
            try:
                return datetime.fromtimestamp(calendar.timegm(parts), tz=UTC)
            except (ValueError, OverflowError, TypeError, OSError):
                continue
    return text.moment(str(given.get("published") or given.get("updated") or ""))


def _answers(entry: Mapping[str, Any]) -> Iterator[str]:
    answered = entry.get("thr_in-reply-to")
    if isinstance(answered, Mapping):
        for name in ("ref", "href"):
            yield text.without_session(str(answered.get(name) or "").strip())


def _from_json(payload: str) -> _Said:
    try:
        document = json.loads(payload)
        item = document["items"][0]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise UnprocessableError("feed.item_unreadable") from None
    if not json_id(item):
        raise UnprocessableError("feed.no_id")
    person = _json_author(item) or _json_author(document)
    link = _text(item.get("url"))
    attachments = [one for one in item.get("attachments") or () if isinstance(one, dict)]
    return _Said(
        title=text.plain(_text(item.get("title")))[:500],
        html=_text(item.get("content_html")),
        plain=_text(item.get("content_text")) or _text(item.get("summary")),
        link=link,
        author=" ".join(_text(person.get("name")).split())[:200],
        author_url=_text(person.get("url")),
        site=text.plain(_text(document.get("title")))[:200],
        home=_text(document.get("home_page_url")),
        language=_language(item.get("language") or document.get("language")),
        when=text.moment(_text(item.get("date_published") or item.get("date_modified"))),
        links=[_text(item.get("external_url")), *(_text(one.get("url")) for one in attachments)],
    )


def _json_author(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    authors = holder.get("authors")
    found = authors[0] if isinstance(authors, list) and authors else holder.get("author")
    return found if isinstance(found, dict) else {}


def _text(given: object) -> str:
    return given if isinstance(given, str) else ""
