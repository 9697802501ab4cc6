"""The words that matched, where they stood in the post as it was written."""

import pytest

from luister.query import Document, marks, parse

Z = "\u200d"


def marked(query: str, text: str, title: str = "") -> str:
    """Return title and text with «» around what is marked; a mark that was too long or wrong shows at once."""
    found = marks(parse(query), Document(id="1", text=text, title=title))
    parts = {"title": title, "text": text}
    for mark in sorted(found, reverse=True):
        part = parts[mark.part]
        parts[mark.part] = f"{part[: mark.start]}«{part[mark.start : mark.end]}»{part[mark.end :]}"
    return f"{parts['title']} | {parts['text']}" if title else parts["text"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("koffer", "Mijn «KOFFER» is weg"),
        ("koffer weg", "Mijn «koffer» is «weg»"),
        ("koffer OR trein", "Mijn «koffer» is weg"),
        ("koffer", "Mijn «köffer», «kōffer» en «ko\u0308ffer» zijn weg"),
        ("vertrag*", "De «vertragingen» en treinvertraging"),
        ("*vertrag*", "De «vertragingen» en «treinvertraging»"),
        ("fiets", "Een «ﬁets» en een «FIETS»"),
        ("strasse", "De «Straße» en «STRASSE»"),
        ("ijs", "«ĳs», «IJs»"),
        ("m2", "100 «m²»"),
        ('"1 2"', "«½»"),  # two words of one character: one mark
        ("1", "«①» en «１»"),
        ("sallallahou", "ﷺ"),
        ('"صلى الله عليه وسلم"', "zei «ﷺ»"),
        ("👍", "top «👍🏽»«👍»!"),
        ("❤", "ik «❤️» dit"),
        (f"👩{Z}🚒", f"de «👩🏾{Z}🚒» kwam"),
        ("🇧🇪", "🇳🇱«🇧🇪»"),
        ("#kwijt", "koffer «#Kwijt» kwijt"),
        ("kwijt", "koffer «#Kwijt» «kwijt»"),
        ("@klm", "hoi «@KLM.care», @klmfan en info@klm.com"),
        ("@klm@mastodon.nl", "hoi «@klm@mastodon.nl»."),
        ("T-Mobile", "Bij «T»-«Mobile» of mobile"),
        ('"lange rij"', "Een «lange» «rij», lange file"),
        ('"lange rij*"', "Een «lange»\n«rijen»"),
        ("koffer", "zie http://klm.nl/koffer de «koffer» www.koffer.nl, «koffer»"),
        ("koffer", "é http://klm.nl/é é «koffer»"),
        ("koffer", "\u0301\u0301 «koffer\u0301»"),
        ("koffer NEAR/1 kwijt", "koffer x x «kwijt» x «koffer» x x koffer"),
        ("a NEAR/0 b NEAR/0 c", "«c» «a» «b» x a b"),
        ("a NEAR/5 b NEAR/5 c", "a x c x b"),
        ("a NEAR/5 b NEAR/5 c", "«a» x c x «b» x «c»"),
        ('(a OR "b c") NEAR/0 d', "«b» «c» «d» «a» b c"),
        ("a NEAR/3 a", "«a» x «a» x x x x x a"),
        ("koffer -kwijt", "«koffer» kwijt"),
        ("-(koffer -kwijt)", "koffer «kwijt»"),
        ("koffer -(kwijt NEAR weg)", "«koffer» kwijt weg"),
        ("lang:nl author:jan url:koffer", "jan koffer http://koffer.nl"),
        ("koffer", "niets"),
    ],
)
def test_words_are_marked_as_they_were_written(query: str, expected: str) -> None:
    assert marked(query, expected.replace("«", "").replace("»", "")) == expected


def test_title_and_text_are_marked_apart() -> None:
    assert marked("koffer", "De koffer", "Koffer weg") == "«Koffer» weg | De «koffer»"
    assert marked("title:koffer", "De koffer", "Koffer weg") == "«Koffer» weg | De koffer"
    assert marked("text:koffer", "De koffer", "Koffer weg") == "Koffer weg | De «koffer»"
    assert marked("koffer NEAR/100 koffer", "De koffer", "Koffer weg") == "Koffer weg | De koffer"
