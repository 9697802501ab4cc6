"""Key phrases: runs of telling words."""

from luister.text.phrases import MOST, key_phrases
from luister.text.tokens import read


def test_phrases_stand_between_small_words_and_marks() -> None:
    tokens = read("De kapotte wasmachine van mijn moeder, en de lekkende droger").lower

    assert set(key_phrases(tokens, lang="nl")) == {"kapotte wasmachine", "moeder", "lekkende droger"}


def test_what_is_said_twice_comes_first() -> None:
    assert key_phrases(read("Boston flight. The hotel. Boston flight!").lower, lang="en")[0].startswith("boston")


def test_there_are_few() -> None:
    assert len(key_phrases(read("appel. peer. banaan. kers. druif. meloen. mango").lower, lang="nl")) == MOST


def test_nothing_tells_nothing() -> None:
    assert key_phrases((), lang="nl") == ()
    assert key_phrases(read("@ns https://x.nl 12 !!").lower, lang="und") == ()
