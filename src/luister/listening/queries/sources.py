"""Sources: what is read without being ours, how it is doing, and what it brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.delivery.models import Reading
from luister.delivery.queries import PART_OF, SOURCE_KINDS, STREAM
from luister.posts.access import visible_posts
from luister.posts.models import Post

LATEST = 25
SILENT_AFTER = timedelta(days=2)  # however often something usually appears
SILENT_GAPS = 5  # so many times as long as usual
UNREAD_AFTER = timedelta(minutes=1)  # since a matcher of a stream last reported


UNITS = (("day", 86_400), ("week", 7 * 86_400), ("month", 30 * 86_400))


@dataclass(frozen=True, slots=True)
class Pace:
    """So many items in a day, a week or a month."""

    number: int
    unit: str


@dataclass(frozen=True, slots=True)
class Source:
    """A feed or a stream and how it is doing.

    For who may not change it, `address` lacks its query, which can be a secret.
    """

    channel: Channel
    reading: Reading | None
    address: str
    now: datetime

    @property
    def health(self) -> str:
        """Return paused, attention, failing, waiting (not read yet), silent, unread (a stream without a matcher) or
        working.
        """
        if self.channel.state in {ChannelState.PAUSED, ChannelState.ATTENTION}:
            return str(self.channel.state)
        if self.is_stream:
            read_at = self.channel.last_read_at
            return "unread" if read_at is None or self.now - read_at > UNREAD_AFTER else "working"
        if self.reading is not None and self.reading.failures:
            return "failing"
        if self.channel.last_read_at is None:
            return "waiting"
        return "silent" if self.is_silent else "working"

    @property
    def is_stream(self) -> bool:
        """Whether matchers read it, and not a worker."""
        return self.channel.kind == STREAM

    @property
    def is_silent(self) -> bool:
        """Whether nothing has appeared for far longer than usual: it is read, but it may have broken off."""
        reading = self.reading
        if reading is None or reading.newest_at is None or reading.usual_gap_seconds is None:
            return False
        usual = timedelta(seconds=reading.usual_gap_seconds)
        return self.now - reading.newest_at > max(SILENT_AFTER, SILENT_GAPS * usual)

    @property
    def pace(self) -> Pace | None:
        """Return how often something usually appears; None when that is not known."""
        gap = self.reading.usual_gap_seconds if self.reading is not None else None
        if not gap:
            return None
        for unit, seconds in UNITS:
            if seconds / gap >= 1 or unit == UNITS[-1][0]:
                return Pace(max(1, round(seconds / gap)), unit)
        return None

    @property
    def next_read_at(self) -> datetime | None:
        """Return when it is read next; None when it is not."""
        if self.reading is None or self.channel.state == ChannelState.PAUSED:
            return None
        return self.reading.next_read_at

    @property
    def candidates(self) -> list[str]:
        """Return the addresses of feeds that a page names which stands where a feed was."""
        values = self.reading.reason_values if self.reading is not None else {}
        return [one for one in str(values.get("candidates", "")).split("\n") if one]


def sources(member: Membership, *, now: datetime) -> Sequence[Source]:
    """Return the sources of the reader's workspace, by name."""
    found = list(_visible(member).order_by("name", "id"))
    readings = Reading.objects.in_bulk([channel.pk for channel in found])
    return [_source(channel, readings.get(channel.pk), member=member, now=now) for channel in found]


def has_streams(member: Membership) -> bool:
    """Return whether the reader's workspace listens to streams, whose posts are stored only if a monitor finds them."""
    return _visible(member).filter(kind=STREAM).exists()


def find_source(member: Membership, *, source_id: int, now: datetime) -> Source | None:
    """Return a source of the reader's workspace, or None."""
    channel = _visible(member).filter(pk=source_id).first()
    if channel is None:
        return None
    return _source(channel, Reading.objects.filter(pk=channel.pk).first(), member=member, now=now)


def latest_posts(source: Source, *, member: Membership) -> Sequence[Post]:
    """Return the latest posts that a source brought."""
    channels = [source.channel.pk, *_parts(source)]
    posts = Post.objects.filter(visible_posts(member), channel_id__in=channels)
    # A stream's channels hold millions: its latest are those that came last, for which there is an index.
    order = ("-received_at", "-id") if source.is_stream else ("-posted_at", "-id")
    return list(posts.select_related("author").order_by(*order)[:LATEST])


def _parts(source: Source) -> Sequence[int]:
    """Return the channels in which a stream's posts of single networks are."""
    if not source.is_stream:
        return []
    found = Channel.objects.filter(
        workspace_id=source.channel.workspace_id, kind=STREAM, settings__contains={PART_OF: source.channel.pk}
    )
    return list(found.values_list("pk", flat=True))


def _visible(member: Membership) -> QuerySet[Channel]:
    found = Channel.objects.filter(workspace_id=member.workspace_id, kind__in=SOURCE_KINDS)
    return found.exclude(settings__has_key=PART_OF).exclude(state=ChannelState.REMOVED).select_related("workspace")


def _source(channel: Channel, reading: Reading | None, *, member: Membership, now: datetime) -> Source:
    whole = str(channel.settings.get("address") or channel.handle)
    bare, mark, _ = whole.partition("?")
    address = whole if member.may(Permission.MANAGE_LISTENING) or not mark else f"{bare}?…"
    return Source(channel, reading, address, now)
