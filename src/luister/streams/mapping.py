"""A post of a stream, as it is stored."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from luister.base.posts import Author, InboundPost, Kind
from luister.query import Document

LONGEST_ID: Final = 1000
LONGEST_TITLE: Final = 500
MOST_NUMBER: Final = 2**63 - 1
MOST_RATING: Final = Decimal("99.99")
SAYS: Final = frozenset(
    {"question", "complaint", "compliment", "remark", "idea", "error", "crisis", "lead", "request", "thanks", "spam"}
)
SENTIMENTS: Final = frozenset({"positive", "neutral", "negative"})
KINDS: Final[Mapping[str, Kind]] = {kind.value: kind for kind in Kind if kind != Kind.MAIL}
KINDS_OF_NETWORKS: Final[Mapping[str, Kind]] = {
    "news": Kind.ARTICLE, "print": Kind.ARTICLE, "radio": Kind.BROADCAST, "tv": Kind.BROADCAST,
    "phone": Kind.CALL, "review": Kind.REVIEW,
}  # fmt: skip
_NETWORK: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,29}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")


def network_of(document: Document, *, default: str) -> str:
    """Return the network on which a post was said, where its line names one."""
    name = document.network.strip().lower()
    return name if _NETWORK.fullmatch(name) else default


def inbound_post(document: Document, *, came_at: datetime) -> InboundPost:
    """Return a post as it is stored; what does not fit a column is left out."""
    external_id = external_id_of(document)
    return InboundPost(
        external_id=external_id,
        kind=_kind(document),
        public=document.public is not False,
        author=_author(document, external_id),
        text=document.text,
        posted_at=document.published_at or came_at,
        subject=document.title[:LONGEST_TITLE],
        url=document.url if document.url.startswith(("http://", "https://")) else "",
        addressed=False,
        ours=document.inbound is False,
        language=document.lang if document.lang and _LANGUAGE.fullmatch(document.lang) else "",
        links=tuple(document.links),
        rating=_rating(document.rating),
        reach=_people(document.reach),
        followers=_people(document.followers),
        sentiment=document.sentiment if document.sentiment in SENTIMENTS else "",
        says=tuple(one for one in document.says or () if one in SAYS),
    )


def external_id_of(document: Document) -> str:
    """Return by what a post is known on its network; of one that is too long its beginning and a digest."""
    if len(document.id) <= LONGEST_ID:
        return document.id
    digest = hashlib.sha256(document.id.encode("utf-8", "replace")).hexdigest()
    return f"{document.id[: LONGEST_ID - 65]}#{digest}"


def _kind(document: Document) -> Kind:
    if document.type in KINDS:
        return KINDS[document.type]
    if document.public is False:
        return Kind.MESSAGE
    if document.rating is not None:
        return Kind.REVIEW
    return KINDS_OF_NETWORKS.get(document.network.strip().lower(), Kind.POST)


def _author(document: Document, external_id: str) -> Author:
    handle, name = document.author.strip().removeprefix("@"), document.author_name.strip()
    if not handle and not name:
        return Author(external_id=f"?{external_id}"[:320], name="–")
    return Author(external_id=(handle or name)[:320], name=name, handle=handle)


def _rating(value: Decimal | None) -> Decimal | None:
    if value is None or not 0 <= value <= MOST_RATING:
        return None
    return Decimal(value).quantize(Decimal("0.01"))


def _people(value: Decimal | None) -> int | None:
    return int(value) if value is not None and 0 <= value <= MOST_NUMBER else None
