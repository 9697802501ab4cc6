"""What can be wrong with streams and their matchers, each with the line that mends it."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.utils import translation

from luister.base.errors import ConnectorError
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.config.checks import Check, State
from luister.delivery.actions import Seen, look_at_stream
from luister.delivery.queries import PART_OF, STREAM, sentence
from luister.streams.models import MatcherReport
from luister.streams.queries.reports import reports

SILENT: Final = timedelta(minutes=1)  # since any matcher reported
LATELY: Final = timedelta(days=1)
FEW: Final = 1_000  # posts that wait between two batches, and are no backlog
LONG_SECONDS: Final = 300.0  # that a backlog may take at the rate of now
BETWEEN_LOOKS_SECONDS: Final = 2.0
NEARLY: Final = 0.9  # of what fits
OURS: Final = "luister"  # the group of readers whose matches are stored, unless it was given another name

Wait = Callable[[float], None]

FIXES: Final = {
    "stream.unreachable": "Start nats-server there, and let this machine reach its port.",
    "stream.silent": "See that nothing between here and there drops the connection, and restart nats-server.",
    "stream.sign_in": "Open the stream among the sources, and change its user and password.",
    "stream.not_found": "Publish to it: luister publish POSTS --to {address}",
    "stream.no_jetstream": "Start nats-server with -js, or with a jetstream block in its settings.",
    "stream.forbidden": "Let this user publish to $JS.API.> and subscribe to _INBOX.>.",
    "http.blocked_address": "Add the host to LUISTER_ALLOW_HOSTS, where web, worker and doctor run.",
}
FIX: Final = "Mend that, or open the stream among the sources and change its address."


def stream_checks(*, now: datetime, wait: Wait = time.sleep) -> Iterator[Check]:
    """Yield the checks of every stream that a workspace listens to, once however many do."""
    resting = (ChannelState.PAUSED, ChannelState.REMOVED)
    found = Channel.objects.filter(kind=STREAM).exclude(state__in=resting).exclude(settings__has_key=PART_OF)
    found = found.order_by("handle", "pk")
    for channel in {one.handle: one for one in reversed(found)}.values():
        yield from _stream(channel, now=now, wait=wait)


def _stream(channel: Channel, *, now: datetime, wait: Wait) -> Iterator[Check]:
    name = f"stream {channel.name}"
    said = reports(channel.handle)
    try:
        seen = look_at_stream(channel)
        faults = [*_matchers(said, channel, now=now), *_letters(said, now=now), *_room(seen)]
        faults += _lag(channel, seen, said, now=now, wait=wait)
    except ConnectorError as error:
        state = State.WARN if error.reason.code == "http.blocked_address" else State.FAIL
        with translation.override("en"):
            text = sentence(error.reason.code, error.reason.values).rstrip(".")
        fix = FIXES.get(error.reason.code, FIX).format(address=channel.settings.get("address", ""))
        yield Check(name, state, text, fix)
        faults = [*_matchers(said, channel, now=now), *_letters(said, now=now)]
    else:
        if not faults:
            living = sum(now - one.seen_at <= SILENT for one in said)
            matchers = "1 matcher" if living == 1 else f"{living} matchers"
            yield Check(name, State.OK, f"{seen.messages:,} posts in it, {matchers}, not far behind")
    yield from (Check(name, *fault) for fault in faults)


Fault = tuple[State, str, str]


def _matchers(said: Sequence[MatcherReport], channel: Channel, *, now: datetime) -> Iterator[Fault]:
    if any(now - one.seen_at <= SILENT for one in said):
        return
    text = "No matcher reads it"
    if said:
        text += f"; the last, on {said[0].host}, reported {_ago(now - said[0].seen_at)} ago"
    address = channel.settings.get("address", "")
    yield State.FAIL, text, f"Run “luister match --from {address} --to database” on any machine that reaches both."


def _letters(said: Sequence[MatcherReport], *, now: datetime) -> Iterator[Fault]:
    count = sum(one.dead_letters for one in said if now - one.seen_at <= LATELY)
    if count:
        text = f"{count:,} messages were no posts and were set aside by the matchers of the last day"
        yield State.WARN, text, "Read the reasons in the dead-letter stream, and mend who publishes them."


def _room(seen: Seen) -> Iterator[Fault]:
    if seen.most_storage and seen.storage >= NEARLY * seen.most_storage:
        text = f"JetStream is nearly full: {_size(seen.storage)} of {_size(seen.most_storage)}"
        yield State.WARN, text, "Give it a larger max_file_store, or streams a smaller max_bytes."
    if not seen.most_size or seen.size < NEARLY * seen.most_size:
        return
    text = f"The stream is nearly full: {_size(seen.size)} of {_size(seen.most_size)}"
    if not seen.drops_old:
        fix = "Let it drop the oldest (discard old), or give it a larger max_bytes."
        yield State.FAIL, f"{text}, and then takes nothing new", fix
    elif _waiting(seen) > seen.messages / 2:
        fix = "Start more matchers, or give it a larger max_bytes."
        yield State.FAIL, f"{text}, and posts are about to be dropped unread", fix


def _lag(channel: Channel, seen: Seen, said: Sequence[MatcherReport], *, now: datetime, wait: Wait) -> Iterator[Fault]:
    living = [one for one in said if now - one.seen_at <= SILENT]
    if not _groups(seen):
        if living:
            text = "Matchers say that they read it, but on the server there is no group of readers"
            yield State.FAIL, text, "See that they and this channel name the same server, and restart them."
        return
    before, rate = _waiting(seen), sum(one.rate for one in living)
    if before <= FEW or not living:
        return
    wait(BETWEEN_LOOKS_SECONDS)
    after = _waiting(look_at_stream(channel))
    if after > before:
        text = f"{after:,} posts wait, and {(after - before) / BETWEEN_LOOKS_SECONDS:,.0f} more each second"
        yield State.WARN, text, "Start more matchers."
    elif after > rate * LONG_SECONDS:
        text = f"{after:,} posts wait, and {rate:,.0f} a second are read"
        yield State.WARN, text, "Start more matchers, or wait: it does not grow."


def _groups(seen: Seen) -> Sequence[int]:
    groups = [group for group in seen.groups if group.is_durable]
    return [group.lag for group in groups if group.name == OURS] or [group.lag for group in groups]


def _waiting(seen: Seen) -> int:
    return max(_groups(seen), default=0)


def _ago(passed: timedelta) -> str:
    minutes = passed // timedelta(minutes=1)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


def _size(count: int) -> str:
    return f"{count / 1_000_000:,.0f} MB"
