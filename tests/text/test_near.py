"""Near-duplicates: alike texts have alike fingerprints, others have not."""

from luister.text.near import BITS, FEWEST, NEAR, bands, distance, fingerprint
from luister.text.tokens import read

NEWS = (
    "Door een grote stroomstoring rijden er vanmorgen tussen Amsterdam en Utrecht geen treinen; reizigers moeten"
    " rekening houden met een extra reistijd van ruim een uur en drukte op de stations"
)


def of(text: str) -> int:
    return fingerprint(read(text).words)


def test_the_same_words_have_the_same_fingerprint() -> None:
    assert of(NEWS) == of(NEWS.upper() + "!!! https://nos.nl/1")
    assert 0 < of(NEWS) < 1 << BITS


def test_a_copy_with_a_word_changed_is_near_and_is_found() -> None:
    copy = of(NEWS.replace("vanmorgen", "vanochtend"))

    assert distance(of(NEWS), copy) <= NEAR
    assert set(bands(of(NEWS))) & set(bands(copy))


def test_another_text_is_far() -> None:
    assert distance(of(NEWS), of("Wat een heerlijke avond gehad in het theater, complimenten aan alle acteurs")) > NEAR


def test_too_few_words_have_none() -> None:
    assert of("ja " * 50) == 0
    assert fingerprint(["a", "b", "c", "d", "e", "f"][: FEWEST - 1]) == 0


def test_bands_tell_where_they_are_from() -> None:
    assert len(set(bands(0))) == len(bands(0)) == 6
    assert all(one < 1 << 16 for one in bands((1 << BITS) - 1))
