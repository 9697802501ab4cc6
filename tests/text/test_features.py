"""Features: words, phrases, cues and shape, by name."""

import pytest

from luister.text.features import NEGATION, find, vocabulary
from luister.text.tokens import read

KNOWN = vocabulary(
    {
        "contact_made": ["gemaild", "contact gezocht"],
        "no_answer": ["geen antwoord", "niets gehoord"],
        NEGATION: ["niet", "geen"],
        "ask": ["weet iemand"],
    },
    {"goed": 2.0, "slecht": -3.0, "niet slecht": 2.0, "helemaal niet": -1.0, "😡": -4.0},
)


def of(text: str) -> dict[str, float]:
    return find(read(text), KNOWN).values


def test_words_pairs_starts_and_prefixes() -> None:
    values = of("Mijn wasmachine lekt. Help")

    assert {"mijn", "mijn wasmachine", "^mijn", "^mijn wasmachine", "wasmac*", "^help"} <= set(values)
    assert "^wasmachine" not in values


def test_a_gram_counts_less_in_a_long_text() -> None:
    assert of("trein " + "een twee drie vier vijf zes zeven acht negen tien elf")["trein"] < of("trein laat")["trein"]


def test_cues_are_kept_as_they_were_written() -> None:
    found = find(read("Al 3x GEMAILD, geen antwoord"), KNOWN)

    assert found.cues == {"contact_made": ["GEMAILD"], "no_answer": ["geen antwoord"], NEGATION: ["geen"]}
    assert found.values["=contact_made+no_answer"] == 1.0


def test_a_cue_with_a_question_mark_is_one_of_its_own() -> None:
    assert "=ask?" in of("Weet iemand dit?")
    assert "=ask?" not in of("Weet iemand dit")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("goed", [("goed", 2.0)]),
        ("niet zo heel goed", [("goed", -1.2)]),
        ("niet slecht", [("niet slecht", 2.0)]),  # the longer gram speaks for itself
        ("niet. goed", [("goed", 2.0)]),  # a negation ends with its sentence
        ("niet een van die vele dagen goed", [("goed", 2.0)]),  # and reaches four words
        ("slecht 😡", [("slecht", -3.0), ("😡", -4.0)]),
    ],
)
def test_feelings(text: str, expected: list[tuple[str, float]]) -> None:
    assert find(read(text), KNOWN).valences == expected


def test_feelings_are_summed_up() -> None:
    values = of("goed maar slecht")

    assert (values["%good"], values["%bad"], values["%last"]) == (0.5, 0.75, -1.0)
    assert "%only good" not in values
    assert of("de trein")["%no feeling"] == 1.0


def test_what_stands_behind_a_negation_is_a_feature() -> None:
    assert {"not mooi", "not weer"} <= set(of("niet mooi weer"))


def test_shape() -> None:
    assert {"%asks", "%ends asking", "%short"} <= set(of("waarom?"))
    assert "%ends asking" not in of("waarom? vertel")
    assert "%capitals" in of("WAAR BLIJFT mijn trein")


def test_nothing_has_no_words() -> None:
    assert not [name for name in of("") if name[0] not in "=%"]
