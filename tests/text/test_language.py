"""The language of short posts: by small words, by letters, by what is usual on a channel."""

import pytest

from luister.text import UNDETERMINED
from luister.text.language import language
from luister.text.tokens import read


def of(text: str, prior: str = "") -> str:
    return language(read(text).words, prior=prior)[0]


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("nl", "Waar blijft de trein naar Utrecht toch, ik sta hier al een uur"),
        ("nl", "ik vind t wel lekker hoor"),
        ("nl", "wat een k*tbedrijf"),
        ("nl", "amai da duurt lang zeg"),
        ("en", "where is my parcel, it was due yesterday"),
        ("en", "Cancelled again"),
        ("de", "Wann kommt endlich mein Paket an, ich warte schon seit drei Tagen"),
        ("fr", "Bonjour, je n'ai toujours pas reçu ma commande"),
        ("es", "Hola, ¿cuándo llega mi pedido? Gracias"),
        ("it", "Buongiorno, il mio ordine non è ancora arrivato"),
        ("da", "Hvornår kommer min pakke, jeg har ventet hele dagen"),
        ("tr", "Merhaba, siparişim neden hâlâ gelmedi"),
        ("id", "Halo kak, pesanan saya belum sampai, tolong dicek ya"),
        ("ru", "Когда придёт мой заказ?"),
    ],
)
def test_language(lang: str, text: str) -> None:
    assert of(text) == lang


@pytest.mark.parametrize("text", ["", "???", "👍👍", "@klm https://t.co/x", "12:30", "#"])
def test_what_has_no_words_is_in_no_language(text: str) -> None:
    assert of(text) == UNDETERMINED
    assert of(text, prior="nl") == UNDETERMINED


def test_afrikaans_is_no_answer() -> None:
    assert of("ek wil my geld terug he") != "af"


def test_the_prior_decides_where_little_else_does() -> None:
    assert of("top", prior="nl") == "nl"
    assert of("top", prior="en") == "en"


def test_the_prior_does_not_overrule_a_clear_text() -> None:
    assert of("Where is my train, I have been waiting for an hour", prior="nl") == "en"


def test_reasons_name_the_small_words() -> None:
    lang, reasons = language(read("waar blijft mijn trein toch").words)

    assert lang == "nl"
    assert {reason.text for reason in reasons} <= {"waar", "blijft", "mijn", "trein", "toch"}
    assert all(reason.code == "lang.words" for reason in reasons)


def test_reasons_name_the_prior() -> None:
    assert [reason.code for reason in language(("top",), prior="nl")[1]][-1] == "lang.prior"
