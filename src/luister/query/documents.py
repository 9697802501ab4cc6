"""What a post is to a query."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct


class Document(Struct, frozen=True):
    """A post, as both evaluators see it; None and "" are values that are missing, and match nothing.

    The names are those of the `match` command. `author` is a handle without its first `@`; `url` is the post's own
    address; `media` counts pictures, films and sounds; `published_at` is aware.
    """

    id: str
    text: str
    title: str = ""
    author: str = ""
    author_name: str = ""
    network: str = ""
    url: str = ""
    links: Sequence[str] = ()
    lang: str | None = None
    sentiment: str | None = None
    type: str = ""
    rating: Decimal | None = None
    reach: Decimal | None = None
    followers: Decimal | None = None
    published_at: datetime | None = None
    public: bool | None = None
    inbound: bool | None = None
    edited: bool | None = None
    media: int | None = None
    says: Sequence[str] | None = None
    topics: Sequence[str] = ()
    labels: Sequence[str] = ()
