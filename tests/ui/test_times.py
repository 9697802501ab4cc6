from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from luister.ui import times

NOON = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)  # 12:00 in Amsterdam


@pytest.fixture(autouse=True)
def amsterdam() -> Iterator[None]:
    with timezone.override("Europe/Amsterdam"):
        yield


@pytest.mark.parametrize(
    ("at", "english", "dutch"),
    [
        (NOON, "12:00", "12:00"),
        (datetime(2026, 11, 21, 23, 30, tzinfo=UTC), "00:30", "00:30"),  # today, though not in UTC
        (datetime(2026, 11, 21, 20, 0, tzinfo=UTC), "yesterday", "gisteren"),
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), "tomorrow 09:00", "morgen 09:00"),
        (datetime(2026, 11, 3, 8, 0, tzinfo=UTC), "3 Nov", "3 nov"),
        (datetime(2025, 3, 3, 8, 0, tzinfo=UTC), "3 Mar 2025", "3 mrt 2025"),
    ],
)
def test_short_moment(at: datetime, english: str, dutch: str) -> None:
    with translation.override("en"):
        assert times.short_moment(at, now=NOON) == english
    with translation.override("nl"):
        assert times.short_moment(at, now=NOON) == dutch


def test_short_moment_on_the_night_the_clock_goes_back() -> None:
    before = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 summer time
    after = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 winter time

    assert times.short_moment(before, now=after) == times.short_moment(after, now=after) == "02:30"


@pytest.mark.parametrize(
    ("minutes", "english", "dutch", "level"),
    [
        (-5, "0 min", "0 min", ""),
        (12, "12 min", "12 min", ""),
        (60, "1 h", "1 u", "long"),
        (65, "1 h 05", "1 u 05", "long"),
        (60 * 30, "30 h", "30 u", "late"),
        (60 * 50, "2 d", "2 d", "late"),
    ],
)
def test_short_wait(minutes: int, english: str, dutch: str, level: str) -> None:
    wait = timedelta(minutes=minutes)

    with translation.override("en"):
        assert times.short_wait(wait) == english
    with translation.override("nl"):
        assert times.short_wait(wait) == dutch
    assert times.wait_level(wait) == level


def test_day_heading() -> None:
    with translation.override("nl"):
        days = [times.day_heading(NOON - timedelta(days=n), now=NOON) for n in (0, 1, 5, 400)]

    assert days == ["Vandaag", "Gisteren", "Dinsdag 17 november", "18 oktober 2025"]


def test_full_moment_is_that_of_the_zone_and_of_the_language() -> None:
    with translation.override("en"):
        assert times.full_moment(NOON) == "Sunday 22 November 2026, 12:00"
        with timezone.override("Asia/Kolkata"):
            assert times.full_moment(NOON) == "Sunday 22 November 2026, 16:30"
    with translation.override("nl"):
        assert times.full_moment(NOON) == "zondag 22 november 2026, 12:00"
