"""Retry-After in every spelling is a wait between nothing and an hour."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luister.http.retry import LONGEST, retry_after

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1", 1),
        (" 120 ", 120),
        ("3600", 3600),
        ("3601", 3600),
        ("315360000", 3600),  # ten years
        ("9" * 400, 3600),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30),
        ("Saturday, 21-Nov-26 12:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 12:00:30 -0000", 30),
        ("Sat, 21 Nov 2036 12:00:00 GMT", 3600),
    ],
)
def test_retry_after_usable(value: str, seconds: int) -> None:
    assert retry_after(value, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "0",
        "-5",
        "soon",
        "1.5",
        "1e3",
        "٣",
        "0x10",
        "Sat, 21 Nov 2026 11:59:59 GMT",
        "Sat, 32 Nov 2026 12:00:00 GMT",
        "Sat, 21 Nov 99999 12:00:00 GMT",
        "\x00",
    ],
)
def test_retry_after_unusable_is_none(value: str | None) -> None:
    assert retry_after(value, now=NOW) is None


@given(st.text(max_size=60))
def test_retry_after_is_never_more_than_an_hour(value: str) -> None:
    wait = retry_after(value, now=NOW)

    assert wait is None or timedelta(0) < wait <= LONGEST
