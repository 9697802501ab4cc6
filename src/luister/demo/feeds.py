"""The demo's sources: feeds that are kept with their channel instead of on a site, so that no network is needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from typing import Final
from xml.sax.saxutils import escape

from luister.accounts.models import Membership, Workspace
from luister.channels import actions as channels
from luister.channels.enums import Owner, Purpose
from luister.channels.models import Channel
from luister.delivery import actions as delivery
from luister.demo.script import duration, read

GAP: Final = timedelta(minutes=6)  # at least, between two items that appear while the demo runs
_END: Final = "</channel></rss>"


@dataclass(frozen=True, slots=True)
class Item:
    """What appears in a feed; `ago` is None for what appears while the demo runs."""

    title: str
    text: str
    ago: timedelta | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A site whose feed is listened to."""

    name: str
    network: str
    address: str
    items: tuple[Item, ...]

    @property
    def handle(self) -> str:
        """Return the address as sources are known by it."""
        return self.address.partition("://")[2]


@cache
def feeds() -> Sequence[Feed]:
    """Return the sources, as they are written down."""
    return tuple(
        Feed(one["name"], one["network"], one["address"], tuple(_item(item) for item in one["item"]))
        for one in read("feeds.toml")["feed"]
    )


def add_feeds(*, by: Membership, now: datetime) -> None:
    """Listen to the sources, and read what has appeared there so far."""
    for feed in feeds():
        before = sorted((item for item in feed.items if item.ago is not None), key=lambda item: item.ago or GAP)
        document = _begun(feed) + "".join(_written(item, at=now - (item.ago or GAP)) for item in before) + _END
        described = channels.NewChannel(
            kind="feed", network=feed.network, name=feed.name, handle=feed.handle, publicness="public",
            settings={"address": feed.address, "network": feed.network, "document": document},
            purpose=Purpose.NEWS, owner=Owner.PUBLIC,
        )  # fmt: skip
        channel = channels.connect(described, workspace=by.workspace, by=by, now=now)
        delivery.read_soon(channel, now=now)
    for lease in delivery.claim(most=len(feeds()), now=now):
        delivery.read_polled(lease, clock=lambda: now)


def publish(workspace: Workspace, *, now: datetime) -> None:
    """Let the next item appear in each feed whose newest one is long enough ago."""
    for feed, channel in _channels(workspace):
        document = str(channel.settings.get("document", ""))
        coming = [item for item in feed.items if item.ago is None and escape(item.title) not in document]
        if not coming or now - max(_newest(document), channel.state_since) < GAP:
            continue
        begun = _begun(feed)
        appeared = begun + _written(coming[0], at=now) + document.removeprefix(begun)
        channel.settings = {**channel.settings, "document": appeared}
        channel.save(update_fields=["settings"])
        delivery.read_soon(channel, now=now)


def _channels(workspace: Workspace) -> Iterator[tuple[Feed, Channel]]:
    """Yield the feeds that nobody took away or put at rest."""
    known = {feed.handle: feed for feed in feeds()}
    working = Channel.objects.filter(workspace=workspace, kind="feed", state="active", handle__in=known)
    for channel in working.select_for_update().order_by("pk"):
        yield known[channel.handle], channel


def _item(raw: dict[str, str]) -> Item:
    return Item(raw["title"], raw["text"], duration(raw["ago"]) if "ago" in raw else None)


def _begun(feed: Feed) -> str:
    title = escape(feed.name)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>{feed.address}</link>'


def _written(item: Item, *, at: datetime) -> str:
    title = escape(item.title)
    return (
        f'<item><title>{title}</title><guid isPermaLink="false">{title}</guid>'
        f"<pubDate>{format_datetime(at)}</pubDate><description>{escape(item.text)}</description></item>"
    )


def _newest(document: str) -> datetime:
    """Return when the first item is from, which is the newest."""
    return parsedate_to_datetime(document.partition("<pubDate>")[2].partition("</pubDate>")[0])
