"""What texts say, whole: plain cases that must never go wrong, and what must hold of any text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luister.text import UNDETERMINED, Kind, Need, Reason, Sentiment, Urgency, understand
from luister.text.lessons import Lessons
from luister.text.reasons import REASONS


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Hoe laat gaat de winkel op zondag open?", {"question"}),
        ("What time does the shop open on Sundays?", {"question"}),
        ("Mijn pakket is weer niet bezorgd, wat een waardeloze service", {"complaint"}),
        ("My parcel was lost again, absolutely useless service", {"complaint"}),
        ("Complimenten voor de conducteur, wat een vriendelijke man!", {"compliment"}),
        ("Huge compliment to your staff, they were so friendly and helpful!", {"compliment"}),
        ("Misschien een idee om een donkere modus toe te voegen aan de app", {"idea"}),
        ("It would be great if you added a dark mode to the app", {"idea"}),
        ("Dank je wel, fijne dag nog!", {"thanks"}),
        ("Ok thanks, have a nice day!", {"thanks"}),
    ],
)
def test_kinds(text: str, kinds: set[str]) -> None:
    assert kinds <= set(understand(text).kinds)


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("Wat een waardeloze service, ik ben woedend", Sentiment.NEGATIVE),
        ("Heerlijk gegeten, top bediening, een aanrader!", Sentiment.POSITIVE),
        ("Worst airline ever, never again", Sentiment.NEGATIVE),
        ("Lovely crew and a great flight, thank you so much", Sentiment.POSITIVE),
        ("Vertrekt de trein van 10:15 vandaag van spoor 5?", Sentiment.NEUTRAL),
        ("😡😡😡", Sentiment.NEGATIVE),
        ("❤️😍", Sentiment.POSITIVE),
    ],
)
def test_sentiment(text: str, sentiment: Sentiment) -> None:
    found = understand(text)

    assert found.sentiment is sentiment
    if sentiment is not Sentiment.NEUTRAL:
        assert (found.score > 0) == (sentiment is Sentiment.POSITIVE)


@pytest.mark.parametrize(
    ("text", "is_neglected"),
    [
        ("Al drie keer gemaild en nooit antwoord gekregen", True),
        ("I've emailed you three times and never got a reply", True),
        ("Net gebeld en meteen geholpen, fijn!", False),
        ("I called and they answered straight away", False),
    ],
)
def test_neglected(text: str, is_neglected: bool) -> None:
    assert understand(text).neglected is is_neglected


@pytest.mark.parametrize(
    ("text", "wants_human"),
    [
        ("Ik wil een echt mens spreken, geen chatbot", True),
        ("Kan ik een medewerker aan de lijn krijgen?", True),
        ("Let me talk to a real person, not this bot", True),
        ("Jullie chatbot hielp me prima", False),
        ("The driver was a lovely person", False),
    ],
)
def test_wants_human(text: str, wants_human: bool) -> None:
    assert understand(text).wants_human is wants_human


def test_need_and_urgency() -> None:
    danger = understand("Brand in jullie trein bij Utrecht, veel rook, mensen kunnen er niet uit! Help nu!")
    thanks = understand("Bedankt, helemaal duidelijk zo!")

    assert Kind.CRISIS in danger.kinds
    assert danger.urgency is Urgency.HIGH
    assert (thanks.need, thanks.urgency) == (Need.NONE, Urgency.LOW)


def test_personal_data_are_found_in_the_text_not_in_the_title() -> None:
    found = understand("bel 06-12345678", title="mail a@b.nl")

    assert [(each.kind, each.start, each.end) for each in found.personal_data] == [("phone", 4, 15)]


def test_a_known_language_is_believed() -> None:
    assert understand("top", lang="de").lang == "de"
    assert understand("top", lang="de").why["lang"][0].code == "lang.known"


def test_of_other_languages_only_signs_are_judged() -> None:
    assert understand("Wann kommt mein Paket endlich an?").kinds == (Kind.QUESTION,)
    assert understand("Das Paket ist heute endlich angekommen").kinds == (Kind.REMARK,)
    assert understand("Das ist nicht schlecht 😡😡").sentiment is Sentiment.NEGATIVE


def test_reasons_name_words_of_the_text() -> None:
    text = "Al 3 keer GEMAILD over mijn kapotte wasmachine en niemand reageert"
    why = understand(text).why

    assert {"lang", "sentiment", "complaint", "need", "urgency", "neglected"} <= set(why)
    assert all(why[aspect] for aspect in ("sentiment", "complaint", "neglected"))
    assert any("GEMAILD" in reason.text for reason in why["neglected"])


def test_lessons_shift_what_is_concluded() -> None:
    text = "De trein heeft weer vertraging, belachelijk"
    lessons = Lessons({"complaint": {"": -20.0}, "remark": {"": 20.0}, "topic 7": {"": -1.0, "vertraging": 30.0}})

    assert Kind.COMPLAINT in understand(text).kinds
    assert understand(text, lessons=lessons).kinds == (Kind.REMARK,)
    assert understand(text, lessons=lessons).why["remark"][0] == Reason("learned", "", 20.0)
    assert understand(text, lessons=lessons).topics == ("7",)
    assert understand("De bus is op tijd", lessons=lessons).topics == ()


@given(st.text(max_size=400), st.sampled_from(["", "nl", "en", "de"]))
def test_any_text_is_understood(text: str, lang: str) -> None:
    found = understand(text, lang=lang)

    assert found == understand(text, lang=lang)
    assert -1 <= found.score <= 1
    assert math.isfinite(found.score)
    assert found.kinds
    assert found.lang == (lang or found.lang)
    assert all(0 <= each.start < each.end <= len(text) for each in found.personal_data)
    assert all(reason.code in REASONS for reasons in found.why.values() for reason in reasons)


@pytest.mark.parametrize(
    "text", ["\ud800", "\x00", "a" * 300_000, "9" * 100_000, "@" * 100_000, "!" * 100_000, "a@" * 50_000]
)
def test_garbage_is_understood(text: str) -> None:
    assert understand(text).kinds


def test_what_says_nothing_is_a_remark_in_no_language() -> None:
    found = understand("")

    assert (found.lang, found.kinds, found.sentiment) == (UNDETERMINED, (Kind.REMARK,), Sentiment.NEUTRAL)
    assert (found.neglected, found.wants_human, found.personal_data) == (False, False, ())


def test_reasons_are_words_and_not_marks_and_name_nothing_twice() -> None:
    for text in ("Ik heb gebeld. Gebeld en gemaild. Ik heb gebeld!! Niemand antwoordt.", "Thanks. Thanks a lot!!"):
        for reasons in understand(text).why.values():
            texts = [reason.text for reason in reasons if reason.text]
            assert len(texts) == len(set(texts))
            assert all(any(sign.isalpha() for sign in text) for text in texts)


def test_who_wants_an_answer_has_asked_something() -> None:
    found = understand(
        "@waterland wij ook! Gate B7, boarding over 20 minuten. Kunnen mensen die eerder vertrekken voor?"
    )

    assert found.need is Need.ANSWER
    assert Kind.QUESTION in found.kinds
