"""Moments as people write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from luister.base.moments import NotAMomentError, parse_moment

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 21, 14, 30, tzinfo=AMSTERDAM)  # a Saturday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("morgen 9 uur", "2026-11-22 09:00"),
        ("Morgen om 9 uur", "2026-11-22 09:00"),
        ("morgen", "2026-11-22 09:00"),
        ("morgenochtend", "2026-11-22 09:00"),
        ("morgenmiddag", "2026-11-22 13:00"),
        ("overmorgen 16:15", "2026-11-23 16:15"),
        ("vanavond", "2026-11-21 18:00"),
        ("vandaag 17.00 uur", "2026-11-21 17:00"),
        ("later vandaag", "2026-11-21 17:30"),
        ("16:00", "2026-11-21 16:00"),
        ("9 uur", "2026-11-22 09:00"),
        ("maandag", "2026-11-23 09:00"),
        ("zaterdag", "2026-11-28 09:00"),
        ("maandagmiddag", "2026-11-23 13:00"),
        ("vrijdag 14:30", "2026-11-27 14:30"),
        ("volgende week", "2026-11-23 09:00"),
        ("over 2 uur", "2026-11-21 16:30"),
        ("over drie dagen", "2026-11-24 14:30"),
        ("over een week", "2026-11-28 14:30"),
        ("over 45 min", "2026-11-21 15:15"),
        ("3 december 10:00", "2026-12-03 10:00"),
        ("3 december", "2026-12-03 09:00"),
        ("3-12", "2026-12-03 09:00"),
        ("1 februari 2027 8:30", "2027-02-01 08:30"),
        ("5 jan", "2027-01-05 09:00"),
        ("tomorrow 9am", "2026-11-22 09:00"),
        ("tomorrow at 9", "2026-11-22 09:00"),
        ("tonight", "2026-11-21 18:00"),
        ("monday morning", "2026-11-23 09:00"),
        ("next week", "2026-11-23 09:00"),
        ("in 2 hours", "2026-11-21 16:30"),
        ("4pm", "2026-11-21 16:00"),
        ("this evening", "2026-11-21 18:00"),
    ],
)
def test_parse_moment_reads_dutch_and_english(text: str, expected: str) -> None:
    assert parse_moment(text, now=NOW).strftime("%Y-%m-%d %H:%M") == expected


@pytest.mark.parametrize(
    "text", ["", "ooit", "gisteren", "morgen 25:00", "31 februari", "vandaag 9 uur", "3", "over x", "1 mei 2031"]
)
def test_parse_moment_refuses_what_is_no_moment_ahead(text: str) -> None:
    with pytest.raises(NotAMomentError):
        parse_moment(text, now=NOW)


def test_parse_moment_keeps_the_clock_time_across_the_clock_change() -> None:
    before = datetime(2026, 10, 24, 14, 0, tzinfo=AMSTERDAM)

    assert parse_moment("morgen 9 uur", now=before).isoformat() == "2026-10-25T09:00:00+01:00"


def test_parse_moment_moves_a_skipped_hour_forward() -> None:
    before = datetime(2026, 3, 28, 14, 0, tzinfo=AMSTERDAM)

    assert parse_moment("morgen 2:30", now=before).isoformat() == "2026-03-29T03:30:00+02:00"
