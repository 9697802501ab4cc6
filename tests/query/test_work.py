"""Work grows in step with what it is done on: calls are counted, nothing is timed."""

import cProfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC

import pytest

from luister.query import Document, Moment, QueryError, marks, matches, parse, prepare
from luister.query.normalize import normalize, normalize_placed
from tests.query.strategies import NOW

MOMENT = Moment(NOW, UTC)
SIZES = [1_250, 10_000]  # of a query; longer ones are refused
SHAPES = {
    "one word": "a",
    "words": "a ",
    "long words": "koffer" * 8 + " ",
    "parentheses": "(",
    "closed parentheses": "()",
    "negated parentheses": "-(",
    "NOT": "NOT ",
    "minuses": "a -",
    "OR": "a OR ",
    "AND": "a AND ",
    "operators": "OR AND NEAR ",
    "NEAR": "a NEAR ",
    "NEAR and groups": "(a OR b) NEAR/3 ",
    "groups": "(a OR b) ",
    "quotes": '"',
    "quoted": '"a" ',
    "quoted nothing": '"!" ',
    "fields": "lang:nl ",
    "list": "lang:(nl OR en) ",
    "field without value": "lang:",
    "stars": "*",
    "starred": "kof* ",
    "hashtags": "#a",
    "mentions": "@a@a",
    "dotted": "@a.",
    "address": "http://a.b/",
    "closing": "www.a)",
    "emoji": "👩🏽‍",
    "flags": "🇳",
    "expanding": "ﷺ",
    "marks": "a\u0315\u0300",
    "colons": "a:",
    "minus signs": "-",
    "numbers": "rating:1..",
    "spaces": " ",
}


def steps(work: Callable[[], object]) -> int:
    """Count the calls, of Python's own functions too, that some work takes."""
    counter = cProfile.Profile()
    with counter, suppress(QueryError):
        work()
    return sum(entry.callcount for entry in counter.getstats())


def parsing(query: str) -> int:
    """Count the steps that it takes to parse a query, or to refuse it."""
    return steps(lambda: parse(query))


def assert_in_step(sizes: Sequence[int], count: Callable[[int], int]) -> None:
    """Assert that a count does not grow faster than what is counted; a few steps are always there."""
    smaller, larger = sizes
    few, many = count(smaller), count(larger)
    assert many <= 1.1 * few * larger / smaller + 50, (few, many)


@pytest.mark.parametrize("shape", SHAPES)
def test_parsing_takes_steps_in_step_with_length(shape: str) -> None:
    assert_in_step(SIZES, lambda size: parsing((SHAPES[shape] * size)[:size]))


@pytest.mark.parametrize("shape", sorted(SHAPES.keys() - {"expanding"}))
@pytest.mark.parametrize("around", ['"{}"', "({}a)", "title:({}", "label:{}"])
def test_parsing_within_something_takes_steps_in_step_with_length(shape: str, around: str) -> None:
    assert_in_step((300, 1_200), lambda size: parsing(around.format((SHAPES[shape] * size)[:size])))


def test_largest_query_takes_few_steps_a_character() -> None:
    query = " OR ".join(["(ab -lang:nl)"] * 499)

    assert len(query) > 8_000
    assert parsing(query) < 20 * len(query)


def test_phrases_of_thousands_of_words_take_steps_in_step() -> None:
    assert_in_step(SIZES, lambda size: parsing('"' + "a " * (size // 2 - 10) + '"'))


@pytest.mark.parametrize(
    "query",
    [
        "a NEAR/100 b",
        "(a OR b OR aa* OR *bbb*) NEAR/9 (b OR a)",
        '("a b" OR "b a" OR a) NEAR/20 ("b a b" OR b) NEAR/20 (a OR zz)',
        "a NEAR/100 b NEAR/100 a NEAR/100 zz",
        '"a b a b a b a b"',
        "*aaa* -zz",
    ],
)
def test_matching_takes_steps_in_step_with_the_post(query: str) -> None:
    node = parse(query)

    def matching(size: int) -> int:
        post = prepare(Document(id="1", text="a b " * size + "x " * 300 + "zz"))
        assert post.words
        return steps(lambda: matches(node, post, moment=MOMENT))

    assert_in_step((200, 1_600), matching)


def test_chain_takes_steps_in_step_with_its_length() -> None:
    post = prepare(Document(id="1", text="a " * 200 + "x " * 300 + "zz"))

    def matching(length: int) -> int:
        chain = parse("a NEAR/2 " * length + "zz")
        return steps(lambda: matches(chain, post, moment=MOMENT))

    assert_in_step((10, 80), matching)


def test_marking_takes_steps_in_step_with_the_post() -> None:
    node = parse("(a OR b) NEAR/5 b NEAR/5 (a OR zz)")

    def marking(size: int) -> int:
        post = Document(id="1", text="a b " * size)
        return steps(lambda: marks(node, post))

    assert_in_step((100, 400), marking)


def test_combining_marks_without_end_are_normalised_in_one_pass() -> None:
    """Sorted naively, these would take a quarter of an hour."""
    for pair in ("\u0315\u0300", "\u0f73\u0334", "\uff9e\u0334"):
        text = "a" + pair * 100_000 + " b"

        assert normalize(text) == "a b"
        assert normalize_placed(text).span(0, 1) == (0, len(text) - 2)
