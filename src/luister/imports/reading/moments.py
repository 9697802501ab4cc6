"""Moments as files write them: ISO, Twitter's, mail's, Dutch and American dates, serial dates, seconds since 1970."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any, Final

_MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "mrt": 3, "maa": 3, "apr": 4, "may": 5, "mei": 5, "jun": 6, "jul": 7, "aug": 8,
    "sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_CLOCK: Final = (
    r"(?:[ T,]+(?:om |at )?(?P<hour>\d{1,2})[:.u](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)?(?: ?uur)? ?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_TWITTER: Final = re.compile(
    r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}) (?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r" (?P<zone>[+-]\d{4}) (?P<year>\d{4})"
)
_NUMBERS: Final = re.compile(r"(?P<first>\d{1,2})[-/. ](?P<second_part>\d{1,2})[-/. ](?P<year>\d{4}|\d{2})" + _CLOCK)
_YEAR_FIRST: Final = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _CLOCK)
_WORDS: Final = re.compile(
    r"(?:[A-Za-z]+,? )?(?P<day>\d{1,2})(?:st|nd|rd|th|e)?[ -](?P<month>[A-Za-z]{3,9})\.?,?[ -](?P<year>\d{4})" + _CLOCK
)
_MONTH_FIRST: Final = re.compile(
    r"(?:[A-Za-z]+,? )?(?P<month>[A-Za-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})" + _CLOCK
)
_EPOCH: Final = re.compile(r"-?\d{9,10}(?:\.\d+)?|\d{13}")
_SERIAL_FROM: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a clock on the wall, as in the sheet
_SERIAL_FROM_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


class NotAMomentError(ValueError):
    """What stands there is not read as a moment."""


def moment(
    value: Any, *, zone: tzinfo, day_first: bool = True, serial: bool = False, from_1904: bool = False
) -> datetime:
    """Return the moment in UTC; a clock without an offset is that of `zone`.

    Args:
        serial: numbers are days, as spreadsheets count them.

    Raises:
        NotAMomentError: nothing that is known, no real date, or before 1970 or after 2099.
    """
    try:
        found = _number(value, serial, from_1904) if isinstance(value, (int, float)) else _text(str(value), day_first)
        found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, KeyError, OSError) as error:
        raise NotAMomentError(value) from error
    if not EARLIEST <= found < LATEST:
        raise NotAMomentError(value)
    return found


def is_day_first(values: Iterable[Any]) -> bool:
    """Whether dates like 03-04-2026 begin with the day: unless one of them can only begin with the month."""
    for value in values:
        found = _NUMBERS.match(str(value).strip())
        if found and int(found["second_part"]) > 12 >= int(found["first"]):
            return False
    return True


def _number(value: float, serial: bool, from_1904: bool) -> datetime:
    if isinstance(value, bool):
        raise NotAMomentError(value)
    if serial and 0 < value < 100_000:
        days = timedelta(seconds=round(value * 86_400))
        return (_SERIAL_FROM_1904 if from_1904 else _SERIAL_FROM) + days
    return _epoch(f"{value}")


def _epoch(text: str) -> datetime:
    if not _EPOCH.fullmatch(text):
        raise NotAMomentError(text)
    seconds = float(text)
    return datetime.fromtimestamp(seconds / 1000 if len(text) == 13 else seconds, tz=UTC)


def _text(text: str, day_first: bool) -> datetime:
    text = " ".join(text.split())
    if len(text) > 60:
        raise NotAMomentError(text)
    if text[:4].isdigit() and text[4:5] == "-":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # as people write it, then
    if found := _TWITTER.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return _put_together(found)
    if found := _NUMBERS.fullmatch(text):
        first, second = int(found["first"]), int(found["second_part"])
        day, month = (first, second) if (day_first and second <= 12) or first > 12 else (second, first)
        return _put_together(found, day=day, month=month)
    if found := _WORDS.fullmatch(text) or _MONTH_FIRST.fullmatch(text):
        return _put_together(found)
    if _EPOCH.fullmatch(text):
        return _epoch(text)
    return parsedate_to_datetime(text)


def _put_together(found: re.Match[str], *, day: int | None = None, month: int | None = None) -> datetime:
    parts = found.groupdict()
    year = int(parts["year"])
    if month is None:
        month = int(parts["month"]) if parts["month"].isdigit() else _MONTHS[parts["month"][:3].lower()]
    hour = int(parts["hour"] or 0)
    half = (parts.get("half") or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            raise NotAMomentError(found[0])
        hour = hour % 12 + (12 if half == "p" else 0)
    on = date(year + 2000 if year < 100 else year, month, day or int(parts["day"]))
    at = datetime(  # noqa: DTZ001 - the zone follows
        on.year, on.month, on.day, hour, int(parts["minute"] or 0), int(parts["second"] or 0)
    )
    offset = parts.get("zone")
    return at.replace(tzinfo=_offset(offset)) if offset else at


def _offset(text: str) -> tzinfo | None:
    return datetime.strptime("+0000" if text in {"Z", "UTC", "GMT"} else text.replace(":", ""), "%z").tzinfo
