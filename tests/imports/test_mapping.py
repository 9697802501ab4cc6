"""Rows as posts: known names of columns, values as people write them, and why a row is refused."""

from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from luister.base.posts import Kind
from luister.imports.mapping import Options, Refusal, convert, guess, pack, unpack
from luister.imports.reading.contract import Format, Source
from luister.imports.reading.moments import NotAMomentError, is_day_first, moment

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SOURCE = Source(Format.CSV)


def converted(options=None, **row):
    row = {"text": "Hallo", "published_at": "2026-01-31T09:30:00Z", **row}
    return convert(row, mapping={name: name for name in row}, options=options or Options(), source=SOURCE)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("Tue Oct 31 22:10:47 +0000 2017", "2017-10-31T22:10:47"),
        ("31-01-2026 15:04", "2026-01-31T14:04:00"),
        ("31-1-26 9.05", "2026-01-31T08:05:00"),
        ("31/07/2026 15:04:05", "2026-07-31T13:04:05"),
        ("01/31/2026 3:04 PM", "2026-01-31T14:04:00"),
        ("31 januari 2026 om 15:04 uur", "2026-01-31T14:04:00"),
        ("za 31 jan. 2026, 15:04", "2026-01-31T14:04:00"),
        ("March 3, 2026", "2026-03-02T23:00:00"),
        ("2026-01-31", "2026-01-30T23:00:00"),
        ("2026-01-31T15:04:05.123+02:00", "2026-01-31T13:04:05.123000"),
        ("2026/01/31 15:04", "2026-01-31T14:04:00"),
        ("Sat, 31 Jan 2026 15:04:00 +0100", "2026-01-31T14:04:00"),
        ("1769868240", "2026-01-31T14:04:00"),
        (1769868240000, "2026-01-31T14:04:00"),
    ],
)
def test_moment(written, utc):
    assert moment(written, zone=AMSTERDAM).astimezone(UTC).isoformat() == f"{utc}+00:00"


@pytest.mark.parametrize(
    "written", ["gisteren", "31-02-2026", "2026-13-01", "", "12", "1-1-1900", "0" * 100, True, 5.5]
)
def test_not_a_moment(written):
    with pytest.raises(NotAMomentError):
        moment(written, zone=AMSTERDAM)


def test_dates_begin_with_the_day_unless_one_cannot():
    assert is_day_first(["03/04/2026", "05/06/2026"])
    assert not is_day_first(["03/04/2026", "01/31/2026"])


def test_guess_knows_dutch_and_english_names():
    assert guess(["Bericht-ID", "Datum", "Auteur", "Berichttekst", "Is Public", "iets anders"]) == {
        "Bericht-ID": "id",
        "Datum": "published_at",
        "Auteur": "author",
        "Berichttekst": "text",
        "Is Public": "public",
    }


def test_guess_gives_each_field_once_the_better_name_first():
    assert guess(["comment", "text"]) == {"text": "text"}


def test_everything_of_a_row_survives_its_wait():
    found = converted(
        id="12", title="Kop", author="@anna", author_name="Anna", network="Twitter", url="https://x.example/12",
        links=["https://a.example"], lang="nl-NL", sentiment="negatief", type="reply", rating="4,5", reach="1.200",
        followers=900, says="question, complaint", labels="spoed;geld", thread="9", in_reply_to="11", inbound="ja",
        public="openbaar",
    )  # fmt: skip

    back = unpack(pack(found), thread="9")

    assert back == found
    post = back.post
    assert (post.external_id, post.kind, post.author.external_id, post.language) == ("12", Kind.REPLY, "anna", "nl")
    assert (str(post.rating), post.reach, post.followers, post.says) == ("4.50", 1200, 900, ("question", "complaint"))
    assert (back.network, back.labels) == ("x", ("spoed", "geld"))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ({"text": " "}, "row.no_text"),
        ({"published_at": ""}, "row.no_moment"),
        ({"published_at": "ooit"}, "row.bad_moment"),
        ({"inbound": "misschien"}, "row.not_yes_or_no"),
        ({"public": "half"}, "row.not_yes_or_no"),
        ({"network": "het grote web!"}, "row.bad_network"),
        ({"id": "1.23457E+18"}, "row.rounded_id"),
        ({"email": "anna@"}, "row.bad_email"),
        ({"phone": "06-123"}, "row.bad_phone"),
        ({"type": "krul"}, "row.bad_type"),
        ({"sentiment": "blauw"}, "row.bad_sentiment"),
        ({"says": "hoi"}, "row.bad_says"),
        ({"lang": "Nederlands!"}, "row.bad_language"),
        ({"url": "javascript:alert(1)"}, "row.bad_url"),
        ({"rating": "vijf"}, "row.bad_number"),
        ({"reach": "-1"}, "row.bad_number"),
    ],
)
def test_row_is_refused_for_one_cell(cell, code):
    found = converted(**cell)

    assert isinstance(found, Refusal)
    assert found.reason.code == code
    assert set(found.reason.values) == {"column", "value"}


@pytest.mark.parametrize(
    "written", ["06-12 34 56 78", "+31(0)612345678", "0031 6 12345678", "612345678", "+31 6 1234 5678"]
)
def test_telephone_numbers_are_one(written):
    assert converted(Options(network="phone"), phone=written).post.author.external_id == "+31612345678"


def test_two_people_with_one_address_are_one_author():
    options = Options(network="email")
    first = converted(options, email="Info@Bedrijf.NL", author_name="Anna")
    second = converted(options, email="Bram <Info@bedrijf.nl>", author_name="Bram")

    assert first.post.author.external_id == second.post.author.external_id == "Info@bedrijf.nl"


def test_row_without_a_number_is_known_by_what_it_says():
    one, same, other = converted(), converted(), converted(text="Anders")

    assert one.post.external_id == same.post.external_id != other.post.external_id


def test_our_own_posts_name_the_brand():
    found = converted(inbound="nee", author="SpoorNet")

    assert (found.brand, found.post.ours, found.post.addressed) == ("SpoorNet", True, False)
    assert converted(replace(Options(), brand="Vast"), inbound="nee", author="SpoorNet").brand == "Vast"
