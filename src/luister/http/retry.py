"""When a network wants us back: the many spellings of Retry-After."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=1)


def retry_after(value: str | None, *, now: datetime, longest: timedelta = LONGEST) -> timedelta | None:
    """Return how long a Retry-After header asks to wait, at most `longest`; None when it says nothing usable.

    Source: RFC 9110, section 10.2.3 (seconds or an HTTP date).
    """
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]+", text):
        wait = timedelta(seconds=min(int(text[:12]), longest.total_seconds()))
    else:
        wait = _until(text, now)
    return min(wait, longest) if wait > timedelta(0) else None


def _until(text: str, now: datetime) -> timedelta:
    try:
        moment = parsedate_to_datetime(text)
        # RFC 5322 writes "-0000" for a zone that is not known; HTTP dates are always UTC.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return timedelta(0)
