"""The made-up queries that the matcher is measured with are what is said of them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bench.matching_posts import Town, lines_of
from bench.matching_queries import TERMS, queries_of
from luister.query import Moment, matches, parse, prepare
from luister.query.lines import read_post
from luister.query.tree import And, Near, Node, Not, Or, Phrase, Wildcard

COUNT = 2_000
MOMENT = Moment(datetime(2026, 11, 22, tzinfo=UTC), UTC)


def leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Near):
        yield from node.operands
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


@pytest.fixture(scope="module")
def queries(town: Town) -> dict[str, Node]:
    return {text: parse(text, standing=True) for _, text in queries_of(town.talk, COUNT)}


def test_queries_have_three_to_twelve_terms(queries: dict[str, Node]) -> None:
    counts = [len(list(leaves(node))) for node in queries.values()]

    assert (min(counts), max(counts)) == TERMS
    assert all(counts.count(terms) > COUNT / 20 for terms in range(TERMS[0], TERMS[1] + 1))


def test_queries_have_their_share_of_each_kind(queries: dict[str, Node]) -> None:
    def share(has: list[bool]) -> float:
        return sum(has) / COUNT

    phrased = [any(isinstance(leaf, Phrase) for leaf in leaves(node)) for node in queries.values()]
    wild = [
        any(getattr(leaf, "wildcard", Wildcard.NONE) is not Wildcard.NONE for leaf in leaves(node))
        for node in queries.values()
    ]
    assert share(phrased) == pytest.approx(0.2, abs=0.03)
    assert share(wild) == pytest.approx(0.1, abs=0.03)
    assert share(["-" in text or "NOT" in text for text in queries]) == pytest.approx(0.15, abs=0.03)
    assert share(["NEAR" in text for text in queries]) == pytest.approx(0.05, abs=0.02)


def test_queries_are_rarely_met_and_broad_ones_often(town: Town) -> None:
    posts = [prepare(read_post(line)) for line in lines_of(town.posts(600))]
    queries = [parse(text) for _, text in queries_of(town.talk, 300, broad=0.05)]

    def shares(some: list[Node]) -> list[float]:
        return [sum(matches(node, post, moment=MOMENT) for post in posts) / len(posts) for node in some]

    rare = shares([node for number, node in enumerate(queries) if number % 20][:100])
    broad = sorted(shares(queries[::20]))
    assert sum(share < 0.001 for share in rare) > 0.75 * len(rare)
    assert broad[len(broad) // 2] > 0.01


def test_queries_follow_from_the_seed_and_do_not_depend_on_how_many(town: Town) -> None:
    assert queries_of(town.talk, 10) == queries_of(Town().talk, 100)[:10]
    assert queries_of(town.talk, 10) != queries_of(Town(seed=2).talk, 10)
