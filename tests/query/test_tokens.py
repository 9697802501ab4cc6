"""Tokens, compared with a reader that goes from character to character."""

import itertools

from hypothesis import example, given, settings
from hypothesis import strategies as st

from luister.query import Document, prepare
from luister.query.tokens import GAP, Kind, Piece, pieces
from tests.query import reference

NASTY = st.text("aab1_é٣@@@##..--  '*🇳🇱👍👩🚒♀©\U0001f3fd\u200d\u20e3한™", max_size=24)
NAMES = {Kind.WORD: "word", Kind.HASHTAG: "tag", Kind.EMOJI: "emoji"}


def as_tuple(piece: Piece) -> tuple:
    if piece.kind is Kind.MENTION:
        return ("mention", piece.text, piece.domain)
    return (NAMES[piece.kind], piece.text)


@settings(max_examples=200)
@given(NASTY)
@example("@a@b.c@d.e-f@g")
@example("@a.b..c@@d#e##f")
@example("👩🏽🏽\u200d🚒\u200d\u200d♀\u200d©")
def test_tokens_are_what_the_specification_says(text: str) -> None:
    text = reference.normalized(text)

    found = list(pieces(text))

    assert [as_tuple(piece) for piece in found] == list(reference.tokens(text))
    assert all(0 <= one.start < one.end <= other.start for one, other in itertools.pairwise(found))


def test_title_and_text_stand_apart() -> None:
    post = prepare(Document(id="1", title="a #b", text="http://x.nl b c"))

    assert post.text_start == 2 + GAP
    assert post.words == {"a": [0], "b": [1, 103], "c": [104]}
    assert post.hashtags == {"b": [1]}
