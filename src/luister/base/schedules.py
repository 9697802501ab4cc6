"""When something that comes back is due: wall times that stay where they are when the clocks change, and intervals.

A wall time that does not exist on a day (02:30 when the clocks go forward) is the moment at which the clocks then
show as much later (03:30); of one that exists twice the first counts.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
EVERY_DAY: Final = frozenset(range(7))
WEEKDAYS: Final = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again after an interval, counted from the start of 1970 in UTC; no zone matters.

    `offset` shifts it: every hour with 23 minutes is at 23 past.
    """

    interval: timedelta
    offset: timedelta = timedelta()

    def __post_init__(self) -> None:
        if self.interval <= timedelta():
            raise ValueError("An interval has to last.")

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return the first due moment after this one, in UTC."""
        begun = (moment - _EPOCH - self.offset) // self.interval
        return _EPOCH + self.offset + (begun + 1) * self.interval

    def last_until(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return the last due moment that is not after this one, in UTC."""
        return _EPOCH + self.offset + (moment - _EPOCH - self.offset) // self.interval * self.interval


@dataclass(frozen=True, slots=True)
class Daily:
    """At a wall time of each of these days of the week; Monday is 0."""

    at: time
    days: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if not self.days or not self.days <= EVERY_DAY:
            raise ValueError("Days of the week are 0, Monday, to 6, and there has to be one.")

    def is_on(self, day: date) -> bool:
        """Whether this day is one of them."""
        return day.weekday() in self.days

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return the first due moment after this one, in UTC."""
        return _next_wall_time(self, moment, zone)

    def last_until(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return the last due moment that is not after this one, in UTC."""
        return _last_wall_time(self, moment, zone)


@dataclass(frozen=True, slots=True)
class Monthly:
    """At a wall time of one day of each month; in a shorter month its last day stands for it."""

    at: time
    day: int

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 31:
            raise ValueError("The day of a month is 1 to 31.")

    def is_on(self, day: date) -> bool:
        """Whether this day is the one of its month."""
        return day.day == min(self.day, calendar.monthrange(day.year, day.month)[1])

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return the first due moment after this one, in UTC."""
        return _next_wall_time(self, moment, zone)

    def last_until(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return the last due moment that is not after this one, in UTC."""
        return _last_wall_time(self, moment, zone)


Rule = Every | Daily | Monthly


def due_between(rule: Rule, after: datetime, until: datetime, *, zone: tzinfo) -> Iterator[datetime]:
    """Yield the due moments later than `after` and not later than `until`, in their order, in UTC."""
    moment = rule.next_after(after, zone)
    while moment <= until:
        yield moment
        moment = rule.next_after(moment, zone)


def as_moment(day: date, at: time, zone: tzinfo) -> datetime:
    """Return the moment, in UTC, at which the clocks of the zone show this time on this day.

    With `fold=0` a time that is skipped is read by the offset before the change, and a double one is the first.
    """
    return datetime.combine(day, at.replace(fold=0, tzinfo=None), tzinfo=zone).astimezone(UTC)


def _next_wall_time(rule: Daily | Monthly, moment: datetime, zone: tzinfo) -> datetime:
    day = moment.astimezone(zone).date() - _DAY  # a skipped time may fall on the day after its own
    while not (rule.is_on(day) and (due := as_moment(day, rule.at, zone)) > moment):
        day += _DAY
    return due


def _last_wall_time(rule: Daily | Monthly, moment: datetime, zone: tzinfo) -> datetime:
    day = moment.astimezone(zone).date() + _DAY
    while not (rule.is_on(day) and (due := as_moment(day, rule.at, zone)) <= moment):
        day -= _DAY
    return due
