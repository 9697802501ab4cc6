from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luister.inbox.forms.when import parse_moment, presets

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)  # a Friday, 13:30 in Amsterdam


@pytest.mark.parametrize(
    ("words", "local"),
    [
        ("morgen 9 uur", "2026-11-21 09:00"),
        ("Morgen om 9.30", "2026-11-21 09:30"),
        ("tomorrow", "2026-11-21 09:00"),
        ("overmorgen", "2026-11-22 09:00"),
        ("morgenmiddag", "2026-11-21 14:00"),
        ("vanavond", "2026-11-20 19:00"),
        ("tonight 8pm", "2026-11-20 20:00"),
        ("maandag", "2026-11-23 09:00"),
        ("vrijdag 16:00", "2026-11-27 16:00"),
        ("volgende week", "2026-11-23 09:00"),
        ("next week 10 am", "2026-11-23 10:00"),
        ("over 3 uur", "2026-11-20 16:30"),
        ("in two", None),
        ("over een week", "2026-11-27 13:30"),
        ("in 2 days", "2026-11-22 13:30"),
        ("3 december", "2026-12-03 09:00"),
        ("3 dec 2027 om 14:15", "2027-12-03 14:15"),
        ("3-1", "2027-01-03 09:00"),  # the next third of January
        ("2026-12-24 17:00", "2026-12-24 17:00"),
        ("9 uur", "2026-11-21 09:00"),  # has passed today
        ("15:00", "2026-11-20 15:00"),
        ("31 februari", None),
        ("25:00", None),
        ("ooit", None),
        ("", None),
    ],
)
def test_parse_moment(words: str, local: str | None) -> None:
    found = parse_moment(words, now=NOW, zone=ZONE)

    assert (found and found.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")) == local


def test_parse_moment_keeps_the_hour_across_the_change_of_the_clock() -> None:
    before = datetime(2026, 3, 28, 8, 0, tzinfo=UTC)  # 09:00; that night the clock goes forward

    found = parse_moment("over 1 dag", now=before, zone=ZONE)

    assert found == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)  # 09:00 again


@settings(max_examples=30)  # it tries every format there is on each
@given(st.text(max_size=40))
def test_parse_moment_never_raises_and_never_returns_what_is_local(words: str) -> None:
    found = parse_moment(words, now=NOW, zone=ZONE)

    assert found is None or found.tzinfo == UTC


def test_presets_are_in_order_and_to_come() -> None:
    moments = [preset.at for preset in presets(now=NOW, zone=ZONE)]

    assert moments == sorted(moments)
    assert moments[0].astimezone(ZONE).strftime("%H:%M") == "17:00"
    assert all(moment > NOW for moment in moments)


def test_presets_late_at_night_do_not_offer_today() -> None:
    names = [preset.name for preset in presets(now=datetime(2026, 11, 20, 18, 30, tzinfo=UTC), zone=ZONE)]

    assert names == ["tomorrow", "next_week", "in_a_week"]


def test_presets_on_sunday_do_not_offer_monday_twice() -> None:
    names = [preset.name for preset in presets(now=datetime(2026, 11, 22, 8, 0, tzinfo=UTC), zone=ZONE)]

    assert names == ["later_today", "tomorrow", "in_a_week"]
