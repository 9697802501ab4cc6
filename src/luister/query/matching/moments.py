"""When a search or run started, from which ages and local times are counted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from luister.query.tree import Since

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a search or run started (aware), and the reader's time zone."""

    now: datetime
    zone: tzinfo


def instant(since: Since, moment: Moment) -> datetime:
    """Return the instant in UTC that `after:` or `before:` names.

    A local time that a clock skips is read by the clock as it was before; one that it shows twice is the first.
    """
    try:
        if isinstance(since.moment, timedelta):
            return moment.now.astimezone(UTC) - since.moment
        local = since.moment if since.moment.tzinfo else since.moment.replace(tzinfo=moment.zone)
        return local.astimezone(UTC)
    except OverflowError:  # within a day of the first or last that can be written, or an age beyond them
        early = isinstance(since.moment, timedelta) or since.moment.year == FIRST.year
        return FIRST if early else LAST
