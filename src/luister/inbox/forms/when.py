"""Moments in words: "morgen 9 uur", "over 3 dagen", "monday 14:00", "3 december", in Dutch and in English."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MORNING: Final = time(9)
AFTERNOON: Final = time(14)
EVENING: Final = time(19)
LAST_HOUR: Final = 20  # "later today" is not offered when it would be after this

_DAYS: Final = (
    ("maandag", "monday", "ma", "mon"),
    ("dinsdag", "tuesday", "di", "tue"),
    ("woensdag", "wednesday", "wo", "wed"),
    ("donderdag", "thursday", "do", "thu"),
    ("vrijdag", "friday", "vr", "fri"),
    ("zaterdag", "saturday", "za", "sat"),
    ("zondag", "sunday", "zo", "sun"),
)
_WEEKDAY: Final = {word: number for number, words in enumerate(_DAYS) for word in words}
_MONTHS: Final = ("jan", "feb", "mrt maa mar", "apr", "mei may", "jun", "jul", "aug", "sep", "okt oct", "nov", "dec")
_MONTH: Final = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_UNITS: Final = {
    "minuut": "minutes", "minuten": "minutes", "min": "minutes", "minute": "minutes", "minutes": "minutes",
    "uur": "hours", "uren": "hours", "hour": "hours", "hours": "hours",
    "dag": "days", "dagen": "days", "day": "days", "days": "days",
    "week": "weeks", "weken": "weeks", "weeks": "weeks",
}  # fmt: skip
_ONE: Final = {"een", "één", "1", "a", "an", "one"}

_RELATIVE = re.compile(rf"\b(?:over|in)\s+(\d{{1,3}}|een|één|an?|one)\s+({'|'.join(_UNITS)})\b")
_CLOCK = re.compile(r"\b(?:om\s+|at\s+)?(\d{1,2})[:.](\d{2})\s*(am|pm)?\b")
_HOUR = re.compile(r"\b(?:om\s+|at\s+)?(\d{1,2})\s*(uur|u|h|am|pm|o'clock)\b")
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_NUMERIC = re.compile(r"\b(\d{1,2})[-/](\d{1,2})(?:[-/](\d{4}))?\b")
_NAMED = re.compile(r"\b(\d{1,2})\s+([a-z]{3})[a-z]*\.?(?:\s+(\d{4}))?\b")


@dataclass(frozen=True, slots=True)
class Preset:
    """A moment that is offered; `name` is later_today, tomorrow, next_week or in_a_week."""

    name: str
    at: datetime


def presets(*, now: datetime, zone: ZoneInfo) -> list[Preset]:
    """Return the moments that are offered first, soonest first."""
    local = now.astimezone(zone)
    later = (local + timedelta(hours=3)).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    found = [("later_today", later.date(), later.time())] if later.date() == local.date() else []
    if found and later.hour > LAST_HOUR:
        found = []
    tomorrow = local.date() + timedelta(days=1)
    monday = local.date() + timedelta(days=7 - local.weekday())
    found += [("tomorrow", tomorrow, MORNING)]
    if monday != tomorrow:
        found += [("next_week", monday, MORNING)]
    found += [("in_a_week", local.date() + timedelta(days=7), MORNING)]
    return [Preset(name, _utc(day, at, zone)) for name, day, at in found]


def parse_moment(words: str, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Read a moment to come; None when the words say none. What has passed today is meant for tomorrow."""
    text = " ".join(words.lower().replace(",", " ").split())
    if relative := _RELATIVE.search(text):
        return _relative(relative, now=now, zone=zone)
    today = now.astimezone(zone).date()
    day, rest = _day(text, today)
    at = _time(rest)
    if day is None and at is None:
        return None
    moment = _utc(day or today, at or MORNING, zone)
    if moment <= now and day in {None, today}:
        moment = _utc(today + timedelta(days=1), at or MORNING, zone)
    return moment


def _relative(found: re.Match[str], *, now: datetime, zone: ZoneInfo) -> datetime:
    amount = 1 if found[1] in _ONE else int(found[1])
    unit = _UNITS[found[2]]
    if unit in {"minutes", "hours"}:
        return now + timedelta(**{unit: amount})
    # Days are days on the wall: across a change of the clock the hour stays the same.
    local = now.astimezone(zone)
    return _utc(local.date() + timedelta(**{unit: amount}), local.time(), zone)


def _day(text: str, today: date) -> tuple[date | None, str]:
    """Return the day that the words name, and the words without it."""
    for pattern, make in _DATES:
        if found := pattern.search(text):
            day = make(found, today)
            if day is not None:
                return day, text[: found.start()] + text[found.end() :]
    for words, days in _NEAR.items():
        if re.search(rf"\b(?:{words})\b", text):
            return today + timedelta(days=days), text
    if re.search(r"\b(?:volgende week|next week)\b", text):
        return today + timedelta(days=7 - today.weekday()), text
    for word in text.split():
        if word in _WEEKDAY:
            ahead = (_WEEKDAY[word] - today.weekday()) % 7 or 7
            return today + timedelta(days=ahead), text
    return None, text


_NEAR: Final = {
    "overmorgen|day after tomorrow": 2,
    "morgen|tomorrow|morgenochtend|morgenmiddag|morgenavond": 1,
    "vandaag|today|vanmiddag|vanavond|tonight|this afternoon|this evening": 0,
}


def _iso(found: re.Match[str], _today: date) -> date | None:
    return _date(int(found[1]), int(found[2]), int(found[3]))


def _numeric(found: re.Match[str], today: date) -> date | None:
    return _coming(int(found[2]), int(found[1]), found[3], today)


def _named(found: re.Match[str], today: date) -> date | None:
    month = _MONTH.get(found[2])
    return _coming(month, int(found[1]), found[3], today) if month else None


_DATES: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...]] = (
    (_ISO, _iso),
    (_NUMERIC, _numeric),
    (_NAMED, _named),
)


def _coming(month: int, day: int, year: str | None, today: date) -> date | None:
    if year:
        return _date(int(year), month, day)
    this_year = _date(today.year, month, day)
    return _date(today.year + 1, month, day) if this_year and this_year < today else this_year


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    if found := _CLOCK.search(text):
        return _at(int(found[1]), int(found[2]), found[3])
    if found := _HOUR.search(text):
        return _at(int(found[1]), 0, found[2])
    if re.search(r"middag\b|afternoon\b", text):
        return AFTERNOON
    return EVENING if re.search(r"avond\b|evening\b|tonight\b", text) else None


def _at(hour: int, minute: int, half: str | None) -> time | None:
    if half == "pm" and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
