"""What may come where somebody types."""

import pytest

from luister.query import Expected, as_value, parse, suggest
from luister.query.parsing.fields import CHOICES, FIELDS
from luister.query.tree import Is

EVERY_FIELD = tuple(f"{name}:" for name in sorted(FIELDS))


@pytest.mark.parametrize(
    ("typed", "expected", "field", "prefix", "options"),
    [
        ("|", Expected.FIELD, "", "", EVERY_FIELD),
        ("la|", Expected.FIELD, "", "la", ("label:", "lang:")),
        ("LA|", Expected.FIELD, "", "LA", ("label:", "lang:")),
        ("koffer -la|", Expected.FIELD, "", "la", ("label:", "lang:")),
        ("(se|", Expected.FIELD, "", "se", ("sentiment:",)),
        ("a OR st|", Expected.FIELD, "", "st", ("status:",)),
        ("koffer|", Expected.FIELD, "", "koffer", ()),
        ("koffer |", Expected.FIELD, "", "", EVERY_FIELD),
        ("s|entiment", Expected.FIELD, "", "s", ("says:", "sentiment:", "site:", "sla:", "status:")),
        ("sentiment:|", Expected.CHOICE, "sentiment", "", CHOICES["sentiment"]),
        ("Sentiment:N|", Expected.CHOICE, "sentiment", "N", ("neutral", "negative")),
        ("-is:p|", Expected.CHOICE, "is", "p", ("public", "private")),
        ("says:(question OR co|", Expected.CHOICE, "says", "co", ("complaint", "compliment")),
        ("says:(|", Expected.CHOICE, "says", "", CHOICES["says"]),
        ('says:"co|', Expected.CHOICE, "says", "co", ("complaint", "compliment")),
        ('says:("question" OR "co|', Expected.CHOICE, "says", "co", ("complaint", "compliment")),
        ("says:(question) st|", Expected.FIELD, "", "st", ("status:",)),
        ('label:"vip" st|', Expected.FIELD, "", "st", ("status:",)),
        ("label:te|", Expected.VALUE, "label", "te", ()),
        ('label:"te l|', Expected.VALUE, "label", "te l", ()),
        ("after:|", Expected.VALUE, "after", "", ("24h", "7d", "4w")),
        ("assignee:m|", Expected.VALUE, "assignee", "m", ("me",)),
        ("foo:a|", Expected.NOTHING, "", "a", ()),
        ('"lange r|', Expected.NOTHING, "", "lange r", ()),
        ('"lange rij" la|', Expected.FIELD, "", "la", ("label:", "lang:")),
        ("(a OR b) la|", Expected.FIELD, "", "la", ("label:", "lang:")),
    ],
)
def test_suggestion_fits_the_place(
    typed: str, expected: Expected, field: str, prefix: str, options: tuple[str, ...]
) -> None:
    cursor = typed.index("|")
    query = typed.replace("|", "")

    found = suggest(query, cursor)

    assert (found.expected, found.field, found.typed) == (expected, field, prefix)
    assert found.options == options
    assert query[found.start : cursor] == prefix


def test_suggestion_replaces_the_rest_of_the_word() -> None:
    found = suggest("a langoustine b", 5)

    assert (found.start, found.end) == (2, 13)


@pytest.mark.parametrize(
    ("value", "written"),
    [("vip", "vip"), ("te laat", '"te laat"'), ("a(b)", '"a(b)"'), ('5" scherm', '"5  scherm"'), ("", '""')],
)
def test_value_is_written_so_that_it_parses(value: str, written: str) -> None:
    assert as_value(value) == written
    if value:
        assert isinstance(parse(f"label:{written}"), Is)
