"""From the text of a query to its tree."""

import pytest

from luister.query import parse
from luister.query.tree import And, Hashtag, Is, Mention, Near, Node, Not, Or, Phrase, Wildcard, Word

A, B, C, D = (Word(letter) for letter in "abcd")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("a b OR c d", Or((And((A, B)), And((C, D))))),
        ("a AND b c", And((A, B, C))),
        ("NOT a b", And((Not(A), B))),
        ("NOT a NEAR/3 b", Not(Near((A, B), (3,)))),
        ("a NEAR b NEAR/2 c", Near((A, B, C), (8, 2))),
        ("(a NEAR b) NEAR/2 c", Near((A, B, C), (8, 2))),
        ("((a)) NEAR/2 (b OR (c OR d))", Near((A, Or((B, C, D))), (2,))),
        ("(a OR b) OR c", Or((A, B, C))),
        ("-(a b)", Not(And((A, B)))),
        ("-a-b", Not(Phrase((A, B)))),
        ("-OR", Not(Word("or"))),
        ("NOT NOT a", Not(Not(A))),
        ('a"b"c', And((A, B, C))),
        ("lang:(nl OR EN)", Or((Is("lang", "nl"), Is("lang", "en")))),
        ("#Tevr* @klm.care*", And((Hashtag("tevr", Wildcard.PREFIX), Mention("klm.care", "", Wildcard.PREFIX)))),
    ],
)
def test_parse_binds_as_specified(query: str, tree: Node) -> None:
    assert parse(query) == tree
