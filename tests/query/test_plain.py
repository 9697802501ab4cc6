"""The fast road to tokens: the same as the slow one, and open to what nearly all posts are made of."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from luister.query.plain import emoji_token, read_plain, read_slowly

# What posts are made of, and what could trip a road that goes byte by byte.
PARTS = [
    "de trein", "Één café à la carte", "Straße", "©", "®", "™", "½", "²", "´", "¨", "\u00a0",
    "\u0085", "\x01", "\x02", "\x00", "\x1f", "_", "'", "’", "“", "„", "…", "–", "€", "š",
    "Škoda", "ő", "œ", "ł", "İ", "ı", "ſ", "K", "Å", "ª", "º", "µ", "ÿ", "Ÿ", "ﬁ", "①", "⅓",
    "＠klm", "＃x", "．", "＿", "😡", "👍🏽", "👩‍👩‍👧", "🇳🇱", "❤️", "☺", "ℹ️", "Ⓜ️", "♀", "\u200d",
    "\ufe0f", "\u200b", "\u2060", "e\u0301", "\u0301", "\u0307", "I\u0307", "\u0345", "\uff9e",
    "한국", "\u1161", "日本", "привет", "σς", "@klm", "@a.b@x.nl", "@jan@mastodon.nl",
    "#vertraging", "##x", "a#b", "a@b", "#", "@", "@@x", "@x#y", "#x@y", ".", "-", "?", "12:30",
    "\ud800", "\U000e0041",
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from([*PARTS, " ", " "]), st.text(max_size=3)), max_size=12).map("".join)


@given(texts)
@settings(max_examples=200)
@example("x\u0345y")
@example("@a\x01b")
@example("🇳🇱🇳")
def test_both_roads_lead_to_the_same(text: str) -> None:
    fast = read_plain(text)

    assert fast is None or fast == read_slowly(text)


def test_every_character_of_alphabets_and_signs_leads_to_the_same_on_both_roads() -> None:
    codes = [*range(0x3400), *range(0xA000, 0xAC00), *range(0xD7A4, 0x1_0000), *range(0x1_F000, 0x1_FB00)]
    wrong = [
        hex(code)
        for code in codes
        if (fast := read_plain(f"a{chr(code)}b {chr(code)}@x#y")) is not None
        and fast != read_slowly(f"a{chr(code)}b {chr(code)}@x#y")
    ]

    assert wrong == []


def test_texts_of_all_days_take_the_fast_road() -> None:
    usual = [
        "Waar blijft mijn koffer, @klm? #schiphol",
        "Eén café in de Sint-Jansstraat, hè ’s avonds… “dicht” – € 5 😡👍🏽",
        "Größe, Škoda, naïef, garçon, Zoë",
        "THE TRAIN IS LATE!!! https is not an address",
    ]

    assert [text for text in usual if read_plain(text) is None] == []


def test_what_depends_on_its_neighbours_takes_the_slow_road() -> None:
    assert read_plain("e\u0301\u0345n") is None
    assert read_plain("привет") is None
    assert read_plain("a \x01 b") is None


def test_tokens_stand_in_order_and_marks_apart() -> None:
    assert read_plain("Dag @KLM.nl@x.nl, #Koffer 👍🏽!") == (
        ["dag", "\x02", "koffer", emoji_token("👍")],
        ["#koffer", "@klm.nl@x.nl"],
    )
