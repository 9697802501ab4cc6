"""A row as a post, or the reason why it is none."""

import hashlib
import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from luister.base.errors import Reason
from luister.base.posts import Author, InboundPost, Kind
from luister.imports.mapping import values
from luister.imports.mapping.fields import Target
from luister.imports.mapping.item import Item, Options
from luister.imports.mapping.values import RefusedValueError
from luister.imports.reading.contract import Format, Source
from luister.imports.reading.moments import NotAMomentError, moment


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row is not stored."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class _Cells:
    """The values of a row by field."""

    by_target: Mapping[str, tuple[str, Any]]  # field → column, value

    def raw(self, target: Target) -> Any:
        return self.by_target.get(target, ("", ""))[1]

    def text(self, target: Target) -> str:
        return values.text(self.raw(target))

    def column(self, target: Target) -> str:
        return self.by_target.get(target, ("", ""))[0]


def convert(row: Mapping[str, Any], *, mapping: Mapping[str, str], options: Options, source: Source) -> Item | Refusal:
    """Return what a row is."""
    cells = _Cells({target: (column, row.get(column, "")) for column, target in mapping.items()})
    try:
        return _item(cells, options, source)
    except RefusedValueError as error:
        column = cells.column(error.target)
        return Refusal(Reason(error.code, {"column": column, "value": cells.text(error.target)[:100]}))


def _item(cells: _Cells, options: Options, source: Source) -> Item:
    text, title = cells.text(Target.TEXT), cells.text(Target.TITLE)
    if options.layout == "twitter_support":
        text = html.unescape(text)
    if not text and not title:
        raise RefusedValueError("row.no_text", Target.TEXT)
    at = _moment(cells, options, source)
    ours = not values.truth(cells.raw(Target.INBOUND), Target.INBOUND, default=True)
    public = values.truth(cells.raw(Target.PUBLIC), Target.PUBLIC, default=options.is_public)
    network = values.network(cells.text(Target.NETWORK), default=options.network)
    parent = values.identifier(cells.text(Target.IN_REPLY_TO), Target.IN_REPLY_TO)
    thread = values.identifier(cells.text(Target.THREAD), Target.THREAD)
    author = _author(cells, network)
    external_id = values.identifier(cells.text(Target.ID), Target.ID)
    if not external_id:
        external_id = _digest(network, author, title, text, at, thread, cells.text(Target.URL))
    if author is None:
        author = Author(external_id=f"?{external_id}"[:320], name="–")
    brand = cells.text(Target.BRAND)
    if ours and not brand and not options.brand:
        brand = author.handle or author.name if cells.text(Target.AUTHOR) or author.name != "–" else ""
    rating = values.rating(cells.raw(Target.RATING))
    post = InboundPost(
        external_id=external_id,
        kind=values.kind(cells.text(Target.TYPE))
        or _kind(network, public=public, is_reply=bool(parent), rated=rating is not None),
        public=public,
        author=author,
        text=text,
        posted_at=at,
        subject=title,
        url=values.url(cells.text(Target.URL)),
        references=(parent,) if parent else (),
        thread_external_id=thread,
        ours=ours,
        addressed=not ours,
        language=values.language(cells.text(Target.LANG)),
        links=values.several(cells.raw(Target.LINKS), separators=r"[\s|;]+"),
        rating=rating,
        reach=values.count(cells.raw(Target.REACH), Target.REACH),
        followers=values.count(cells.raw(Target.FOLLOWERS), Target.FOLLOWERS),
        sentiment=values.sentiment(cells.text(Target.SENTIMENT)),
        says=values.says(cells.raw(Target.SAYS)),
    )
    labels = tuple(word[:60] for word in values.several(cells.raw(Target.LABELS), separators=r"[,;|]"))
    topics = tuple(word[:80] for word in values.several(cells.raw(Target.TOPICS), separators=r"[,;|]"))
    to = values.handle(cells.text(Target.RECIPIENT))
    return Item(post, network, (brand or options.brand)[:200], to, labels, topics)


def _moment(cells: _Cells, options: Options, source: Source) -> datetime:
    value = cells.raw(Target.PUBLISHED_AT)
    if value in ("", None):
        raise RefusedValueError("row.no_moment", Target.PUBLISHED_AT)
    if clock := cells.text(Target.TIME):
        value = f"{values.text(value).split('T')[0]} {clock}"
    try:
        return moment(
            value,
            zone=ZoneInfo(options.time_zone),
            day_first=options.day_first,
            serial=source.format == Format.XLSX,
            from_1904=source.counts_from_1904,
        )
    except NotAMomentError:
        raise RefusedValueError("row.bad_moment", Target.PUBLISHED_AT) from None


def _author(cells: _Cells, network: str) -> Author | None:
    """Return who wrote it: by their handle, address or number, whichever the network goes by, else by name."""
    name, handle = cells.text(Target.AUTHOR_NAME), values.handle(cells.text(Target.AUTHOR))
    email, phone = values.email(cells.text(Target.EMAIL)), values.phone(cells.text(Target.PHONE))
    if network == "email" and not email and "@" in handle:
        email, handle = values.email(handle, Target.AUTHOR), ""
    known_by = [handle, email, phone]
    if network == "email":
        known_by = [email, handle, phone]
    elif network in {"phone", "whatsapp", "sms"}:
        known_by = [phone, handle, email]
    known = next((one for one in known_by if one), "") or name
    if not known:
        return None
    return Author(external_id=known[:320], name=name[:200], handle=(known if known != name else "")[:320])


def _kind(network: str, *, public: bool, is_reply: bool, rated: bool) -> Kind:
    if network == "email":
        return Kind.MAIL
    if network == "phone":
        return Kind.CALL
    if not public:
        return Kind.MESSAGE
    if network == "review" or rated:
        return Kind.REVIEW
    return Kind.REPLY if is_reply else Kind.POST


def _digest(network: str, author: Author | None, *said: object) -> str:
    """Name a row that has no name by what it says, so that the same row is known again."""
    parts = (network, author.external_id if author else "", *(str(one) for one in said))
    return "row-" + hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
