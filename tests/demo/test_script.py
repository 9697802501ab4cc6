"""What was written for the demo hangs together, and reads as a brand would want it."""

import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from luister.demo.script import (
    Part,
    Place,
    ScriptError,
    Stage,
    ahead,
    customers,
    desk,
    duration,
    threads,
    with_clock,
)

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PUBLIC_LENGTH = 280  # the strictest of the networks we know, signature included
REAL_NAMES = ("schiphol", "klm", "transavia", "easyjet", "ryanair", "eindhoven airport", "whatsapp", "ns.nl")


def texts(part=None):
    return [(thread, step) for thread in threads() for step in thread.steps if part in (None, step.part)]


def test_threads_are_many_and_in_two_languages():
    languages = Counter(thread.language for thread in threads())

    assert len(threads()) >= 90
    assert 2.5 < languages["nl"] / languages["en"] < 3.5


def test_threads_come_from_every_place():
    assert {thread.place for thread in threads()} == set(Place)


def test_texts_are_unique():
    said = [step.text for _, step in texts()] + [text for thread in threads() for text in thread.then]

    assert [text for text, times in Counter(said).items() if times > 1] == []


def test_texts_hold_no_invisible_characters():
    for _, step in texts():
        odd = [sign for sign in step.text if sign != "\n" and unicodedata.category(sign) in {"Cc", "Cf"}]
        assert [sign for sign in odd if sign not in "\u200d\ufe0f"] == []


def test_public_texts_fit_and_first_posts_name_us():
    for thread, step in texts():
        if thread.place is Place.PUBLIC and step.part in {Part.CUSTOMER, Part.REPLY}:
            assert len(step.text) <= PUBLIC_LENGTH - len(" ^Marit"), thread.key
    firsts = [thread.steps[0].text for thread in threads() if thread.place is Place.PUBLIC]
    assert [text for text in firsts if "@waterland" not in text] == []


def test_answers_avoid_words_that_pull_the_feeling_down():
    for thread, step in texts(Part.REPLY):
        assert not re.search(r"\b(vervelend|jammer|slecht|helaas|ongemak)", step.text, re.IGNORECASE), thread.key


def test_answers_are_not_signed_yet():
    """The channel's settings ask for the caret; sending adds it."""
    assert [thread.key for thread, step in texts(Part.REPLY) if "^" in step.text] == []


def test_nobody_real_is_named():
    everything = " ".join(step.text.lower() for _, step in texts())

    assert [name for name in REAL_NAMES if re.search(rf"\b{re.escape(name)}\b", everything)] == []


def test_addresses_belong_to_nobody():
    addresses = {one.mail_address for one in customers().values()} | {one.mail for one in desk().colleagues}
    written = {word for _, step in texts() for word in re.findall(r"[\w.]+@[\w.-]+\.\w+", step.text)}

    assert [address for address in addresses | written if not address.endswith(".example")] == []
    assert len({one.mail_address for one in customers().values()}) == len(customers())


def test_customers_are_all_in_use_and_short_enough_to_store():
    used = {step.who for _, step in texts()}

    assert set(customers()) - used == set()
    for one in customers().values():
        assert re.fullmatch(r"[a-z0-9_]{2,30}", one.handle)
        assert len(one.name) <= 60  # what the practice network keeps


def test_waiting_threads_wait_for_someone_and_others_are_answered():
    for thread in threads():
        by_us = any(step.part is Part.REPLY for step in thread.steps)
        if thread.state in {"waiting", "completed"}:
            assert by_us, thread.key
            assert thread.assignee, thread.key


@pytest.mark.parametrize("hour", [0, 6, 12, 18, 23])
def test_threads_of_a_stage_lie_before_now(hour):
    now = NOW.replace(hour=hour)

    for thread in threads():
        if thread.stages:
            length = sum((step.after for step in thread.steps), timedelta())
            assert thread.begins_at(now, zone=ZONE) + length <= now, thread.key


def test_threads_without_a_stage_only_have_the_customer_speak():
    later = [thread for thread in threads() if not thread.stages]

    assert len(later) >= 50
    assert [thread.key for thread in later if any(step.part is not Part.CUSTOMER for step in thread.steps)] == []
    assert [thread.key for thread in later if not thread.then] == []


def test_stages_are_a_calm_hour_and_an_ordinary_day():
    size = Counter(stage for thread in threads() for stage in thread.stages)

    assert 8 <= size[Stage.QUIET] < size[Stage.BUSY]
    states = {thread.state for thread in threads() if Stage.BUSY in thread.stages}
    assert states == {"open", "waiting", "completed", "closed"}


def test_duration_when_written_wrongly():
    with pytest.raises(ScriptError):
        duration("two hours")


def test_duration_adds_up():
    assert duration("1d2h05m") == timedelta(days=1, hours=2, minutes=5)


def test_ahead_is_a_clock_time_in_the_workspace():
    assert ahead("1d 16:00", now=NOW, zone=ZONE) == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)


def test_clock_times_are_written_as_people_write_them():
    assert with_clock("om {+1h10m}, niet {-7m}", at=NOW, language="nl", zone=ZONE) == "om 11.10, niet 9.50"
    assert with_clock("at {+1h10m}", at=NOW, language="en", zone=ZONE) == "at 11:10"
