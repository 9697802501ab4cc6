"""Whatever is typed: a tree or one error with its place, and nothing else; and a tree can be used."""

from datetime import UTC
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luister.query import (
    Document,
    Moment,
    Node,
    QueryError,
    explain,
    marks,
    matches,
    parse,
    prepare,
    sentence,
    suggest,
)
from tests.query.strategies import NOW, SIGNS, WORDS

MOMENT = Moment(NOW, UTC)
POST = Document(id="1", text="koffer kwijt koffer #x @jan 👍 http://klm.nl a b", title="a", published_at=NOW)
BITS = [
    *WORDS, *SIGNS, *'()"“”„*-#@:|/\\%_\0\n\t\u200d\ud800\udfff\u0301\u2028é😡🇳',
    " ", " ", " ", "(", ")", "--", "''", '"', " OR ", " AND ", " NOT ", " NEAR ", " NEAR/5 ", "NEAR/", "OR", "AND",
    "lang:", "title:(", "rating:>=", "1..2", "after:", "2026-02-30", "24h", "author:", "url:", "foo:", "http://",
    "NOT", "www.",     "' OR 1=1 --", "\ufb01", "\u0345", "\u0f73", "ﷺ", "a" * 200, "9" * 50,
]  # fmt: skip


def use(query: str) -> None:
    """Parse a query, and do with what comes of it all that screens and searches do."""
    for cursor in (0, len(query) // 2, len(query)):
        found = suggest(query, cursor)
        assert 0 <= found.start <= found.end <= len(query)
    node = parsed(query)
    if isinstance(node, QueryError):
        assert 0 <= node.offset <= node.offset + node.length <= len(query)
        assert sentence(node.reason)
        return
    assert matches(node, prepare(POST), moment=MOMENT) in (True, False)
    assert explain(node)
    assert all(0 <= mark.start < mark.end <= len(POST.text) for mark in marks(node, POST))


def parsed(query: str) -> Node | QueryError:
    try:
        return parse(query)
    except QueryError as error:
        return error


@pytest.mark.parametrize("seed", range(8))
def test_seeded_garbage_raises_nothing_else(seed: int) -> None:
    random = Random(seed)
    for _ in range(100):
        use("".join(random.choices(BITS, k=random.choice([1, 3, 6, 12, 40]))))


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_any_text_raises_nothing_else(query: str) -> None:
    use(query)


@settings(max_examples=100)
@given(st.lists(st.sampled_from(BITS), max_size=20).map("".join))
def test_pieces_of_queries_raise_nothing_else(query: str) -> None:
    use(query)


@settings(max_examples=60)
@given(st.text(max_size=80), st.text(max_size=40), st.text(max_size=40))
def test_any_post_can_be_matched(text: str, title: str, url: str) -> None:
    post = Document(id="1", text=text, title=title, author=url, author_name=url, network=url, url=url, links=[url])
    query = parse("-aa* -*bbb #a OR site:klm.nl url:x -author:jan* has:question OR (b NEAR/3 (cc* OR d)) -is:public")

    assert matches(query, prepare(post), moment=MOMENT) in (True, False)
