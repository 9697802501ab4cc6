"""What a row becomes, and how it waits in the database."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from luister.base.errors import Reason
from luister.base.posts import Author, Automatic, Bounce, InboundAttachment, InboundPost, Kind


@dataclass(frozen=True, slots=True)
class Options:
    """What was chosen beside the columns.

    `brand` is whose posts these are, for rows that do not say so themselves; `network` where they were said.
    """

    brand: str = ""
    network: str = "x"
    time_zone: str = "Europe/Amsterdam"
    day_first: bool = True
    is_public: bool = True
    as_open: bool = False
    skip_broken: bool = False
    layout: str = ""  # twitter_support: our posts name their brand as author, & is written &amp;


@dataclass(frozen=True, slots=True)
class Item:
    """A post with what the file says around it."""

    post: InboundPost
    network: str
    brand: str = ""
    to: str = ""  # the customer whom a post of ours answers
    labels: tuple[str, ...] = field(default=())
    topics: tuple[str, ...] = field(default=())


def pack(item: Item) -> dict[str, Any]:
    """Return an item as JSON can hold it."""
    given = {
        one.name: getattr(item.post, one.name)
        for one in fields(InboundPost)
        if getattr(item.post, one.name) not in (None, "", (), False)
    }
    for name in ("author", "reply_to", "bounce"):
        if name in given:
            given[name] = asdict(given[name])
    for name in ("recipients", "notices"):
        if name in given:
            given[name] = [asdict(one) for one in given[name]]
    if "attachments" in given:
        given["attachments"] = [
            {**asdict(one), "content": base64.b64encode(one.content).decode()} for one in item.post.attachments
        ]
    given["posted_at"] = item.post.posted_at.isoformat()
    if item.post.rating is not None:
        given["rating"] = str(item.post.rating)
    # PostgreSQL's JSON has no NUL, and no lone surrogate.
    packed = {
        "post": given,
        "network": item.network,
        "brand": item.brand,
        "to": item.to,
        "labels": list(item.labels),
        "topics": list(item.topics),
    }
    clean: dict[str, Any] = _storable(packed)
    return clean


def unpack(data: Mapping[str, Any], *, thread: str) -> Item:
    """Return the item again, in its thread."""
    given = dict(data["post"])
    for name in ("author", "reply_to"):
        if name in given:
            given[name] = Author(**given[name])
    if "bounce" in given:
        given["bounce"] = Bounce(**given["bounce"])
    given["recipients"] = tuple(Author(**one) for one in given.get("recipients", ()))
    given["notices"] = tuple(Reason(**one) for one in given.get("notices", ()))
    given["attachments"] = tuple(
        InboundAttachment(**{**one, "content": base64.b64decode(one["content"])})
        for one in given.get("attachments", ())
    )
    for name in ("references", "links", "says"):
        given[name] = tuple(given.get(name, ()))
    given["posted_at"] = datetime.fromisoformat(given["posted_at"])
    given["kind"] = Kind(given["kind"])
    given["automatic"] = Automatic(given["automatic"]) if "automatic" in given else None
    given["rating"] = Decimal(given["rating"]) if "rating" in given else None
    defaults = {"text": "", "public": False, "addressed": False}
    post = replace(InboundPost(**{**defaults, **given}), thread_external_id=thread)
    return Item(post, data["network"], data["brand"], data["to"], tuple(data["labels"]), tuple(data.get("topics", ())))


def _storable(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\x00", "").encode("utf-8", "replace").decode()
        case dict():
            return {name: _storable(one) for name, one in value.items()}
        case list() | tuple():
            return [_storable(one) for one in value]
        case _:
            return value
