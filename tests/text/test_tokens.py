"""A text as tokens: what is told apart, and what is made alike."""

import pytest

from luister.text.tokens import MOST, read, without_words


@pytest.mark.parametrize(
    ("text", "lower"),
    [
        ("Waar BLIJFT mijn trein?", ("waar", "blijft", "mijn", "trein", "?")),
        ("@NS #Vertraging in 2025", ("@", "vertraging", "in", "0")),
        ("zie https://ns.nl/x?y en www.ns.nl!", ("zie", "http", "en", "http")),
        ("heeeeel goed!!! wat??? echt?!", ("heel", "goed", "!!", "wat", "??", "echt", "?!")),
        ("can’t wait... :( 😡", ("can't", "wait", "...", ":(", "😡")),
        ("m'n foto's voor €12,50", ("m'n", "foto's", "voor", "0")),
        ("k*t app", ("k*t", "app")),
        ("", ()),
    ],
)
def test_read(text: str, lower: tuple[str, ...]) -> None:
    assert read(text).lower == lower


def test_words_are_those_of_letters() -> None:
    assert read("@ns 3 treinen, https://ns.nl #laat 😡").words == ("treinen", "laat")


def test_read_looks_at_the_beginning_of_a_long_text() -> None:
    assert len(read("ja " * MOST).words) == MOST // 3 + 1


def test_without_words() -> None:
    assert without_words(read("Danke! 😊 Warum?")).lower == ("!", "😊", "?")
