"""Reads a moment as people write it, in Dutch or English: "morgen 9 uur", "in 2 hours", "maandag".

Clock times are local to the reader; the caller gives the present local moment and its zone comes along.
"""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING, AFTERNOON, EVENING = time(9), time(13), time(18)

_DAYS = {
    0: ("maandag", "ma", "monday", "mon"),
    1: ("dinsdag", "di", "tuesday", "tue"),
    2: ("woensdag", "wo", "wednesday", "wed"),
    3: ("donderdag", "do", "thursday", "thu"),
    4: ("vrijdag", "vr", "friday", "fri"),
    5: ("zaterdag", "za", "saturday", "sat"),
    6: ("zondag", "zo", "sunday", "sun"),
}
_WEEKDAY = {word: number for number, words in _DAYS.items() for word in words}
_MONTHS = (
    ("januari", "january", "jan"),
    ("februari", "february", "feb"),
    ("maart", "march", "mrt", "mar"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("augustus", "august", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
_MONTH = {word: number for number, words in enumerate(_MONTHS, 1) for word in words}
_NUMBERS = {
    "een": 1, "één": 1, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6,
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
}  # fmt: skip
_UNITS = {
    "minuut": 60, "minuten": 60, "min": 60, "minute": 60, "minutes": 60,
    "uur": 3600, "uren": 3600, "u": 3600, "hour": 3600, "hours": 3600, "h": 3600,
    "dag": 86400, "dagen": 86400, "day": 86400, "days": 86400,
    "week": 604800, "weken": 604800, "weeks": 604800,
}  # fmt: skip
_PARTS = {
    "ochtend": MORNING, "morgen": MORNING, "morning": MORNING, "middag": AFTERNOON, "afternoon": AFTERNOON,
    "avond": EVENING, "evening": EVENING, "tonight": EVENING,
}  # fmt: skip
_LATER_TODAY = {"later vandaag", "later today", "straks", "later"}
_IN = re.compile(r"(?:over|in)\s+(\d{1,4}|[a-zé]+)\s*([a-z]+)")
_CLOCK = re.compile(r"(?:\b(?:om|at)\s+)?\b(\d{1,2})(?:[:.](\d{2}))?\s*(uur|u|am|pm|h)?$")
_DATE = re.compile(r"(\d{1,2})(?:e|th|st|nd|rd)?[\s/-]+([a-z]+|\d{1,2})(?:[\s/-]+(\d{4}))?")


class NotAMomentError(ValueError):
    """The text is not read as a moment in the future."""


def parse_moment(text: str, *, now: datetime) -> datetime:
    """Return the moment that a text means, in the zone of `now`.

    Args:
        text: such as "morgen 9 uur", "vanavond", "over drie dagen", "friday 14:30", "3 december 10:00".
        now: the present moment, aware, in the reader's zone.

    Raises:
        NotAMomentError: not understood, in the past, or more than two years ahead.
    """
    words = re.sub(r"\s+", " ", text.strip().lower())
    moment = _relative(words, now) or _named(words, now)
    if moment is None or not now < moment <= now + timedelta(days=731):
        raise NotAMomentError(text)
    return moment


def _relative(words: str, now: datetime) -> datetime | None:
    if words in _LATER_TODAY:
        return _absolute(now + timedelta(hours=3))
    if words in {"volgende week", "next week"}:
        return _at(now.date() + timedelta(days=7 - now.weekday()), MORNING, now)
    found = _IN.fullmatch(words)
    if not found:
        return None
    count = int(found[1]) if found[1].isdigit() else _NUMBERS.get(found[1])
    seconds = _UNITS.get(found[2])
    if count is None or seconds is None:
        return None
    if seconds >= _UNITS["dag"]:  # days are days on the calendar, also when the clock changes in between
        return _at(
            now.date() + timedelta(days=count * seconds // 86400), now.time().replace(second=0, microsecond=0), now
        )
    return (now.astimezone(ZoneInfo("UTC")) + timedelta(seconds=count * seconds)).astimezone(now.tzinfo)


def _named(words: str, now: datetime) -> datetime | None:
    words, clock = _take_clock(words)
    day, rest = _take_day(words, now)
    if day is None:
        return None
    part = _PARTS.get(rest)
    if rest and part is None:
        return None
    if not words and clock is None:
        return None
    moment = _at(day, clock or part or MORNING, now)
    is_bare_clock = not words
    return moment + timedelta(days=1) if is_bare_clock and moment <= now else moment


def _take_clock(words: str) -> tuple[str, time | None]:
    """Split "morgen om 9 uur" into "morgen" and 09:00; a bare number is a clock only with a unit or minutes."""
    found = _CLOCK.search(words)
    if not found or not (found[2] or found[3] or "om " in found[0] or "at " in found[0]):
        return words, None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] == "pm" and hour < 12:
        hour += 12
    if found[3] == "am" and hour == 12:
        hour = 0
    if hour > 23 or minute > 59:
        return words, None
    return words[: found.start()].strip(), time(hour, minute)


def _take_day(words: str, now: datetime) -> tuple[date | None, str]:
    """Return the day a text begins with and what is left of it."""
    today = now.date()
    for prefix in ("vandaag", "today", "vanoch", "van", "this "):
        if words.startswith(prefix):
            return today, words.removeprefix("van" if prefix == "vanoch" else prefix).strip().removeprefix("daag")
    if words in {"", "tonight"}:
        return today, words
    for prefix, days in (("overmorgen", 2), ("morgen", 1), ("tomorrow", 1)):
        if words.startswith(prefix):
            return today + timedelta(days=days), words.removeprefix(prefix).strip()
    first, _, rest = words.removeprefix("volgende ").removeprefix("next ").partition(" ")
    for word, weekday in _WEEKDAY.items():
        if first == word or (len(word) > 3 and first.startswith(word) and first.removeprefix(word) in _PARTS):
            ahead = (weekday - today.weekday() - 1) % 7 + 1
            return today + timedelta(days=ahead), (first.removeprefix(word) + rest).strip()
    return _calendar_day(words, today)


def _calendar_day(words: str, today: date) -> tuple[date | None, str]:
    found = _DATE.match(words)
    if not found:
        return None, words
    month = int(found[2]) if found[2].isdigit() else _MONTH.get(found[2], 0)
    try:
        day = date(int(found[3] or today.year), month, int(found[1]))
    except ValueError:
        return None, words
    if day < today and not found[3]:
        day = day.replace(year=day.year + 1)
    return day, words[found.end() :].strip()


def _at(day: date, clock: time, now: datetime) -> datetime:
    return _absolute(datetime.combine(day, clock, tzinfo=now.tzinfo))


def _absolute(moment: datetime) -> datetime:
    """Move a local time that the clock change skips to the first one that exists."""
    return moment.astimezone(ZoneInfo("UTC")).astimezone(moment.tzinfo)
