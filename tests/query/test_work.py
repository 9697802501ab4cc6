"""Work grows in step with what it is done on: calls are counted, nothing is timed."""

import itertools
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC

import pytest

from luister.query import Document, Moment, QueryError, marks, matches, parse, prepare
from luister.query.normalize import normalize, normalize_placed
from tests.query.strategies import NOW

MOMENT = Moment(NOW, UTC)
SIZES = [1_250, 2_500, 5_000, 10_000]
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
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        with suppress(QueryError):
            work()
    finally:
        sys.setprofile(before)
    return count


def assert_in_step(counts: list[int], *, most: float = 2.2) -> None:
    """Assert that a count does not grow faster than what doubles; a few steps are always there."""
    for smaller, larger in itertools.pairwise(counts):
        assert larger <= most * smaller + 50, counts


@pytest.mark.parametrize("shape", SHAPES)
def test_parsing_takes_steps_in_step_with_length(shape: str) -> None:
    queries = [(SHAPES[shape] * size)[:size] for size in SIZES]

    assert_in_step([steps(lambda query=query: parse(query)) for query in queries])


@pytest.mark.parametrize("shape", sorted(SHAPES.keys() - {"expanding"}))
@pytest.mark.parametrize("around", ['"{}"', "({}a)", "title:({}", "label:{}"])
def test_parsing_within_something_takes_steps_in_step_with_length(shape: str, around: str) -> None:
    queries = [around.format((SHAPES[shape] * size)[:size]) for size in (300, 600, 1_200)]

    assert_in_step([steps(lambda query=query: parse(query)) for query in queries])


def test_largest_query_takes_few_steps_a_character() -> None:
    query = " OR ".join(["(ab -lang:nl)"] * 499)

    assert len(query) > 8_000
    assert steps(lambda: parse(query)) < 20 * len(query)


def test_phrases_of_thousands_of_words_take_steps_in_step() -> None:
    queries = ['"' + "a " * (size // 2 - 10) + '"' for size in SIZES]

    assert_in_step([steps(lambda query=query: parse(query)) for query in queries])


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
    posts = [prepare(Document(id="1", text="a b " * size + "x " * 300 + "zz")) for size in (200, 400, 800, 1_600)]
    for post in posts:
        assert post.words

    assert_in_step([steps(lambda post=post: matches(node, post, moment=MOMENT)) for post in posts])


def test_chain_takes_steps_in_step_with_its_length() -> None:
    post = prepare(Document(id="1", text="a " * 200 + "x " * 300 + "zz"))
    chains = [parse("a NEAR/2 " * length + "zz") for length in (10, 20, 40, 80)]

    assert_in_step([steps(lambda chain=chain: matches(chain, post, moment=MOMENT)) for chain in chains])


def test_marking_takes_steps_in_step_with_the_post() -> None:
    node = parse("(a OR b) NEAR/5 b NEAR/5 (a OR zz)")
    posts = [Document(id="1", text="a b " * size) for size in (100, 200, 400)]

    assert_in_step([steps(lambda post=post: marks(node, post)) for post in posts])


def test_combining_marks_without_end_are_normalised_in_one_pass() -> None:
    """Sorted naively, these would take the better part of an hour."""
    for pair in ("\u0315\u0300", "\u0f73\u0334", "\uff9e\u0334"):
        text = "a" + pair * 200_000 + " b"

        assert normalize(text) == "a b"
        assert normalize_placed(text).span(0, 1) == (0, len(text) - 2)
