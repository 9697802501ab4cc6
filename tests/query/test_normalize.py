"""Normalised text, and where it came from."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from luister.query.addresses import cut_addresses, cut_placed
from luister.query.normalize import normalize, normalize_placed
from tests.query import reference

# Scripts in which characters melt together, and marks that sort among each other.
MELTING = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "aeé\u0301\u0327\u0345\u0315\u034f\u0f71\u0f72\u0f73ﬁßĳİ™½각ㄱㅏㅋᄀ\u1161\u11a8ｶ\uff9e\uff9fதொ\u0bc6\u0bbe\u09c7\u09be"
        ),
    ),
    max_size=20,
)


@given(MELTING)
@example("e" + "\u0315\u0300" * 40 + "é")
@example("\u0345" * 70)
def test_normalize_is_what_the_specification_says(text: str) -> None:
    assert normalize(text) == reference.normalized(text)


@given(MELTING)
def test_normalized_text_stays_as_it_is(text: str) -> None:
    once = normalize(text)

    assert normalize(once) == once


@given(MELTING)
def test_placed_text_is_the_same_text(text: str) -> None:
    placed = normalize_placed(text)

    assert placed.text == normalize(text)
    assert len(placed.starts) == len(placed.ends) == len(placed.text)
    assert all(start < end for start, end in zip(placed.starts, placed.ends, strict=True))
    assert list(placed.starts) == sorted(placed.starts)


@pytest.mark.parametrize(
    ("text", "stretch", "original"),
    [
        ("de KÖFFER kwijt", "koffer", "KÖFFER"),
        ("de KO\u0308FFER\u0301 kwijt", "koffer", "KO\u0308FFER\u0301"),
        ("ﬁets", "fiets", "ﬁets"),
        ("een ﬁets", "ie", "ﬁe"),
        ("m²", "m2", "m²"),
        ("½ a", "1⁄2", "½"),
        ("Straße", "strasse", "Straße"),
        ("ĳs", "ijs", "ĳs"),
        ("a ❤️ b", "❤", "❤️"),
        ("각 x", "x", "x"),
    ],
)
def test_span_is_where_the_characters_stood(text: str, stretch: str, original: str) -> None:
    placed = normalize_placed(text)
    place = placed.text.index(stretch)

    start, end = placed.span(place, place + len(stretch))

    assert text[start:end] == original


@given(st.lists(st.sampled_from(["http://a.nl", "www.", "a", "é ", ").", "<", '"', " ", "https://", "…", "\n"])))
def test_addresses_are_cut_as_the_specification_says(parts: list[str]) -> None:
    text = "".join(parts)

    assert cut_addresses(text) == reference.without_urls(text)
    cut, places = cut_placed(text)
    assert cut == cut_addresses(text)[0]
    assert len(places) == len(cut)
    assert all(cut[n] in (text[place], " ") for n, place in enumerate(places))
