"""Streams as a workspace sees them: its channel, and the matchers that read it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from luister.accounts.models import Membership
from luister.channels.models import Channel
from luister.delivery.queries import StreamAddress
from luister.listening.queries.sources import Source, find_source
from luister.streams.models import MatcherReport
from luister.streams.queries.reports import living

# Why messages are set aside, by the code that their dead letter carries; what else begins with “query.line_” is a field
# that is missing or holds something else.
_WHY: Final = {
    "query.line_encoding": _("Not JSON"),
    "query.line_json": _("Not JSON"),
    "query.line_object": _("Not JSON"),
    "query.line_constant": _("Not JSON"),
    "line.too_big": _("Too big"),
    "line.not_matched": _("Could not be matched"),
    "line.deadly": _("Made matchers end"),
    "line.not_stored": _("Could not be stored"),
}
_FIELD: Final = _("A field is missing or wrong")


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream, how it is doing, and who reads it now."""

    source: Source
    matchers: Sequence[MatcherReport]

    @property
    def channel(self) -> Channel:
        """The channel by which the workspace listens to it."""
        return self.source.channel

    @property
    def command(self) -> str:
        """The command that starts a matcher, with a word in capitals for the password that it needs."""
        address = StreamAddress.parse(str(self.channel.settings["address"]))
        user = str(self.channel.settings.get("user") or "")
        sign_in = f"{user}:PASSWORD@" if user else ""
        return f"luister match --from {address.scheme}://{sign_in}{address.text.partition('://')[2]} --to database"

    @property
    def lag(self) -> int | None:
        """How many posts nobody has been given yet, as the matcher that reported last knows; None when none does."""
        return next((one.lag for one in self._latest if one.lag is not None), None)

    @property
    def in_hand(self) -> int | None:
        """How many posts matchers were given and have not finished."""
        return next((one.in_hand for one in self._latest if one.in_hand is not None), None)

    @property
    def rate(self) -> float:
        """Posts a second that are read, by all together."""
        return sum(one.rate for one in self.matchers)

    @property
    def matched_rate(self) -> float:
        """Posts a second that a query finds, by all together."""
        return sum(one.matched_rate for one in self.matchers)

    @property
    def redeliveries(self) -> int:
        """Posts that were given a second time, since the matchers started."""
        return sum(one.redeliveries for one in self.matchers)

    @property
    def dead_letters(self) -> int:
        """Messages that are no posts and were set aside, since the matchers started."""
        return sum(one.dead_letters for one in self.matchers)

    @property
    def dead_by_reason(self) -> Sequence[tuple[str, int]]:
        """How many of those there are for each reason, the commonest first."""
        counted: Counter[str] = Counter()
        for one in self.matchers:
            for code, count in (one.dead_by_code or {}).items():
                counted[str(_WHY.get(code, _FIELD))] += count
        return counted.most_common()

    @property
    def latest_error(self) -> MatcherReport | None:
        """The matcher whose trouble is the latest, if any has had some."""
        troubled = [one for one in self.matchers if one.last_error and one.last_error_at]
        return max(troubled, key=lambda one: one.last_error_at or one.seen_at, default=None)

    @property
    def _latest(self) -> Sequence[MatcherReport]:
        return sorted(self.matchers, key=lambda one: one.seen_at, reverse=True)


def find_stream(member: Membership, *, stream_id: int, now: datetime) -> Stream | None:
    """Return a stream of the reader's workspace, or None."""
    source = find_source(member, source_id=stream_id, now=now)
    if source is None or not source.is_stream:
        return None
    return Stream(source, living(source.channel.handle, now=now))
