"""When something is due, over both changes of the clocks of 2026."""

from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from luister.base.schedules import EVERY_DAY, MONDAY, WEEKDAYS, Daily, Every, Monthly, as_moment, due_between

AMSTERDAM, LISBON, KOLKATA, LORD_HOWE = "Europe/Amsterdam", "Europe/Lisbon", "Asia/Kolkata", "Australia/Lord_Howe"
ZONES = [AMSTERDAM, LISBON, KOLKATA, LORD_HOWE]


def due(rule, start, end, *, zone=AMSTERDAM):
    """What the clocks of the zone show when the rule is due, with their offset from UTC."""
    place = ZoneInfo(zone)
    begin, until = (datetime.fromisoformat(limit).replace(tzinfo=place) for limit in (start, end))
    return [
        moment.astimezone(place).isoformat(" ", "minutes") for moment in due_between(rule, begin, until, zone=place)
    ]


# In Lord Howe the clocks change by half an hour, on 5 April (back) and 4 October (forward).
@pytest.mark.parametrize(
    ("zone", "at", "first_day", "expected"),
    [
        (AMSTERDAM, "08:00", "2026-03-28", ["28 08:00+01:00", "29 08:00+02:00", "30 08:00+02:00"]),
        (AMSTERDAM, "08:00", "2026-10-24", ["24 08:00+02:00", "25 08:00+01:00", "26 08:00+01:00"]),
        (AMSTERDAM, "02:30", "2026-03-28", ["28 02:30+01:00", "29 03:30+02:00", "30 02:30+02:00"]),
        (AMSTERDAM, "02:30", "2026-10-24", ["24 02:30+02:00", "25 02:30+02:00", "26 02:30+01:00"]),
        (LISBON, "01:30", "2026-03-28", ["28 01:30+00:00", "29 02:30+01:00", "30 01:30+01:00"]),
        (LISBON, "01:30", "2026-10-24", ["24 01:30+01:00", "25 01:30+01:00", "26 01:30+00:00"]),
        (KOLKATA, "08:00", "2026-03-28", ["28 08:00+05:30", "29 08:00+05:30", "30 08:00+05:30"]),
        (KOLKATA, "02:30", "2026-10-24", ["24 02:30+05:30", "25 02:30+05:30", "26 02:30+05:30"]),
        (LORD_HOWE, "01:45", "2026-04-04", ["04 01:45+11:00", "05 01:45+11:00", "06 01:45+10:30"]),
        (LORD_HOWE, "02:15", "2026-10-03", ["03 02:15+10:30", "04 02:45+11:00", "05 02:15+11:00"]),
    ],
)
def test_wall_time_stays_when_the_clocks_change(zone, at, first_day, expected):
    end = datetime.fromisoformat(first_day) + timedelta(days=2, hours=23)

    found = due(Daily(time.fromisoformat(at)), f"{first_day} 00:00", end.isoformat(), zone=zone)

    assert [moment[8:] for moment in found] == expected


def test_weekdays_leave_the_weekend_out():
    found = due(Daily(time(8), WEEKDAYS), "2026-11-19 12:00", "2026-11-24 12:00")

    assert [moment[:10] for moment in found] == ["2026-11-20", "2026-11-23", "2026-11-24"]


def test_weekly_is_on_its_day():
    found = due(Daily(time(8), frozenset({MONDAY})), "2026-11-22 12:00", "2026-12-01 00:00")

    assert [moment[:10] for moment in found] == ["2026-11-23", "2026-11-30"]


def test_monthly_takes_the_last_day_of_shorter_months():
    found = due(Monthly(time(6), 31), "2026-01-01 00:00", "2026-05-01 00:00")

    assert [moment[:10] for moment in found] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]


def test_intervals_keep_their_beat():
    found = due(Every(timedelta(hours=1), offset=timedelta(minutes=23)), "2026-11-22 10:23", "2026-11-22 13:00")

    assert [moment[11:16] for moment in found] == ["11:23", "12:23"]


def test_time_on_a_day_that_a_zone_left_out_is_due_once():
    """On Samoa 30 December 2011 did not exist."""
    found = due(Daily(time(8)), "2011-12-29 00:00", "2012-01-01 23:00", zone="Pacific/Apia")

    assert [moment[:16] for moment in found] == ["2011-12-29 08:00", "2011-12-31 08:00", "2012-01-01 08:00"]


@pytest.mark.parametrize(
    "wrong", [lambda: Every(timedelta()), lambda: Daily(time(8), frozenset()), lambda: Monthly(time(8), 32)]
)
def test_impossible_rules_are_refused(wrong):
    with pytest.raises(ValueError):
        wrong()


times = some.times().map(lambda at: at.replace(second=0, microsecond=0))
moments = some.timedeltas(timedelta(), timedelta(days=420)).map(lambda on: datetime(2025, 12, 1, tzinfo=UTC) + on)
rules = some.one_of(
    some.builds(Daily, times, some.frozensets(some.sampled_from(sorted(EVERY_DAY)), min_size=1)),
    some.builds(Monthly, times, some.integers(1, 31)),
    some.builds(Every, some.timedeltas(timedelta(seconds=1), timedelta(days=3))),
)


@given(rules, moments, some.sampled_from(ZONES))
def test_next_and_last_agree(rule, moment, zone):
    place = ZoneInfo(zone)
    coming = rule.next_after(moment, place)

    assert coming > moment
    assert rule.last_until(coming, place) == coming
    assert rule.last_until(coming - timedelta(microseconds=1), place) <= moment


@given(times, moments, some.sampled_from(ZONES))
def test_daily_is_due_once_for_each_day(at, moment, zone):
    """Held against what the clocks show, minute by minute, on the days around a moment."""
    place = ZoneInfo(zone)
    found = list(islice(due_between(Daily(at), moment, moment + timedelta(days=9), zone=place), 5))

    for one, other in pairwise(found):
        assert timedelta(hours=23) <= other - one <= timedelta(hours=25)
    for one in found:
        shown = one.astimezone(place)
        minutes = [one - timedelta(minutes=back) for back in range(1, 150)]
        if shown.time() == at:  # it is the first time that day
            assert all(
                earlier.astimezone(place).replace(tzinfo=None) != shown.replace(tzinfo=None) for earlier in minutes
            )
        else:  # the clocks never show it that day
            assert as_moment(shown.date(), at, place) == one
            day = [as_moment(shown.date(), time(0), place) + timedelta(minutes=on) for on in range(26 * 60)]
            assert all(
                one.astimezone(place).time() != at for one in day if one.astimezone(place).date() == shown.date()
            )
