"""When to read a feed again: as often as its items ask for, as seldom as its site asks for."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from luister.base.connector import Pace

SHORTEST: Final = timedelta(minutes=2)
LONGEST: Final = timedelta(minutes=60)
LONGEST_ASKED: Final = timedelta(hours=24)
RECENT: Final = 20  # items that tell how often something appears
_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a site asks of its readers: how long to wait, and the hours (UTC) and days (Monday is 0) to leave out."""

    wait: timedelta = timedelta(0)
    skip_hours: Set[int] = frozenset()
    skip_days: Set[int] = frozenset()


def pace(moments: Sequence[datetime], *, asked: Asked, now: datetime) -> Pace:
    """Return when to read again.

    Args:
        moments: when the feed's items are from.
    """
    latest = sorted((moment for moment in moments if moment <= now), reverse=True)[:RECENT]
    usual = (latest[0] - latest[-1]) / (len(latest) - 1) if len(latest) > 1 else None
    wait = LONGEST
    if usual is not None:
        # Half the usual time between two items; the longer nothing came, the less often.
        wait = min(max(usual / 2, (now - latest[0]) / 10, SHORTEST), LONGEST)
    wait = max(wait, min(asked.wait, LONGEST_ASKED))
    return Pace(
        next_in=_past_skipped(now + wait, asked) - now, usual_gap=usual, newest_at=latest[0] if latest else None
    )


def asked_wait(headers: Mapping[str, str], *, ttl_minutes: int) -> timedelta:
    """Return how long a site asks to wait, by its Cache-Control and the feed's ttl."""
    cache = headers.get("cache-control", "")
    age = _MAX_AGE.search(cache)
    is_for_caches_alone = "no-cache" in cache.lower() or "no-store" in cache.lower()
    seconds = int(age[1]) if age and not is_for_caches_alone else 0
    return max(timedelta(seconds=seconds), timedelta(minutes=ttl_minutes))


def _past_skipped(at: datetime, asked: Asked) -> datetime:
    """Return the first moment from `at` on that is in no skipped hour or day; a feed that skips all skips none."""
    moment = at
    for _ in range(7 * 24 + 1):
        if moment.hour not in asked.skip_hours and moment.weekday() not in asked.skip_days:
            return moment
        moment = (moment + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return at
