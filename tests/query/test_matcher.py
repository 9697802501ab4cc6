"""Many standing queries: exactly those that the plain evaluator finds, whatever was put, changed or learned before."""

from dataclasses import dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from luister.query import Document, ExplainingMatcher, Matcher, Moment, Node, matches, parse, prepare
from luister.query.matching import loose, matcher
from tests.query.conformance import fields, terms, text
from tests.query.strategies import NOW, Written, documents, written
from tests.query.test_conformance import document

MOMENT = Moment(NOW, ZoneInfo("Europe/Amsterdam"))


def find(found: Matcher[str], post: Document | str) -> list[str]:
    return found.find(Document(id="1", text=post) if isinstance(post, str) else post, moment=MOMENT)


def matcher_of(*queries: str) -> Matcher[str]:
    """Return a matcher in which each query is called by its text."""
    made: Matcher[str] = Matcher()
    for query in queries:
        made.put(query, parse(query))
    return made


@pytest.fixture
def learns_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_COUNT_EVERY", "_LOOK_EVERY", "_LEAST"):
        monkeypatch.setattr(matcher, name, 1)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    st.lists(written(), min_size=10, max_size=10),
    st.lists(documents(), min_size=10, max_size=10),
    st.randoms(use_true_random=False),
)
def test_matcher_finds_what_the_plain_evaluator_finds(
    queries: list[Written], posts: list[Document], random: Random
) -> None:
    made: Matcher[int] = Matcher()
    nodes: dict[int, Node] = {}
    for number, query in enumerate(queries):
        made.put(number, parse(query.text))
        nodes[number] = parse(query.text)
    for post in posts:
        changed, other = random.sample(range(len(queries)), 2)
        made.put(changed, nodes[other])
        nodes[changed] = nodes[other]
        prepared = prepare(post)
        expected = [number for number, node in nodes.items() if matches(node, prepared, moment=MOMENT)]
        assert made.find(post, moment=MOMENT) == expected


@pytest.mark.usefixtures("learns_at_once")
def test_matcher_finds_the_same_while_anchors_move() -> None:
    queries = [
        "koffer (kwijt OR weg)",
        "kwijt OR *verlies",
        "trein* bus",
        "#ns OR @ns",
        '"lange rij" trein',
        "a NEAR/2 koffer",
    ]
    random = Random(1)
    words = ["koffer", "kwijt", "weg", "trein", "treinen", "bus", "#ns", "@ns", "lange", "rij", "a", "koffieverlies"]
    made = matcher_of(*queries)
    nodes = [parse(query) for query in queries]
    before = dict(made.anchors())
    for _ in range(300):
        post = Document(id="1", text=" ".join(random.choices(words, [9, 9, 1, 9, 1, 1, 1, 1, 1, 1, 1, 1], k=6)))
        expected = [
            query for query, node in zip(queries, nodes, strict=True) if matches(node, prepare(post), moment=MOMENT)
        ]
        assert find(made, post) == expected
    assert made.anchors() != before


@pytest.mark.parametrize("table", [text.CASES, terms.CASES, fields.CASES])
def test_matcher_finds_what_the_specification_says(table: list[tuple[Any, ...]]) -> None:
    wrong = [
        (query, post)
        for query, post, expected in table
        if expected is not None and bool(find(matcher_of(query), document(post))) is not expected
    ]

    assert wrong == []


def test_queries_are_named_in_the_order_in_which_they_were_first_put() -> None:
    made = matcher_of("trein", "-bus", "bus OR trein")
    made.put("trein", parse("tram OR trein"))

    assert find(made, "trein") == ["trein", "-bus", "bus OR trein"]


def test_query_that_is_put_replaced_or_removed_takes_effect_at_once() -> None:
    made = matcher_of("trein")
    assert find(made, "bus") == []
    made.put("trein", parse("bus"))
    assert (find(made, "bus"), find(made, "trein")) == (["trein"], [])
    made.remove("trein")
    assert (find(made, "bus"), len(made)) == ([], 0)


@pytest.mark.parametrize(
    "query", ["trein", "trein*", "*trein", "#tr*", "@ns*", "author:jan*", "-trein", "trein OR rating:>3"]
)
def test_removed_query_leaves_nothing_behind(query: str) -> None:
    made = matcher_of("tram", query)
    made.remove(query)

    assert find(made, Document(id="1", text="de trein #tram @ns", author="janssen")) == ["tram"]
    with pytest.raises(KeyError):
        made.remove(query)


def test_many_wildcards_are_found_together_and_one_by_one() -> None:
    made = matcher_of(*(f"trein{number}*" for number in range(300)), *(f"*{number}dag" for number in range(100, 300)))

    assert find(made, "trein17x op maan123dag") == ["trein1*", "trein17*", "*123dag"]
    made.put("nieuw*", parse("nieuw*"))
    made.remove("trein1*")
    assert find(made, "trein17x is nieuws") == ["trein17*", "nieuw*"]


def test_wildcards_are_found_where_a_long_post_is_cut_for_searching(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loose, "_WINDOW", 7)
    made = matcher_of(
        *(f"*{word}*" for word in ("treinstel", "koffer", "zoek")), *(f"los{number}*" for number in range(60))
    )

    assert find(made, "x" * 20 + "treinstelkoffer " + "y" * 5 + " verzoeken") == ["*treinstel*", "*koffer*", "*zoek*"]


def test_wildcard_finds_no_letters_of_signs_fields_or_neighbours() -> None:
    made = matcher_of("*1f6*", "*aut*", "auth*", "#jan*", "*nbus*")

    assert find(made, Document(id="1", text="😡 trein bus", author="authentiek", author_name="#jan")) == []


@dataclass
class Inference:
    """Says Dutch and negative of everything, and counts how often it is asked."""

    asked: list[str] = field(default_factory=list)

    def __call__(self, post: Document) -> Document:
        self.asked.append(post.id)
        return replace(post, lang=post.lang or "nl", sentiment=post.sentiment or "negative")


def test_what_a_post_does_not_tell_is_inferred_once_and_only_where_a_query_has_to_know() -> None:
    infer = Inference()
    made: Matcher[str] = Matcher(infer=infer)
    for query in ("trein lang:nl", "trein sentiment:negative", "trein -lang:nl", "bus"):
        made.put(query, parse(query))

    assert find(made, "bus") == ["bus"]
    assert infer.asked == []
    assert find(made, "trein") == ["trein lang:nl", "trein sentiment:negative"]
    assert infer.asked == ["1"]


def test_field_alone_is_inferred_of_every_post() -> None:
    infer = Inference()
    made: Matcher[str] = Matcher(infer=infer)
    made.put("nl", parse("lang:nl"))

    assert (find(made, "x"), find(made, Document(id="2", text="x", lang="en"))) == (["nl"], [])


def anchors(query: str) -> set[str] | None:
    (anchor,) = matcher_of(query).anchors().values()
    return (
        None
        if anchor is None
        else {key if isinstance(key, str) else f"{key.wildcard}:{key.text}" for key in anchor.every_key()}
    )


def test_anchor_is_the_rarest_of_what_must_occur() -> None:
    assert anchors("de treinvertraging") == {"treinvertraging"}
    assert anchors("de (treinvertraging OR busuitval)") == {"treinvertraging", "busuitval"}
    assert anchors('"ik wacht op de treinvertraging"') == {"treinvertraging"}
    assert anchors("de NEAR/3 treinvertraging") == {"treinvertraging"}
    assert anchors("lang:nl ik") == {"ik"}
    assert anchors("de #ns -bus") == {"#ns"}
    assert anchors("(a treinstel) OR (b busdeur)") == {"treinstel", "busdeur"}
    assert anchors("*vertraging*") == {"infix:vertraging"}
    assert anchors("author:jan") == {":author:jan"}


@pytest.mark.parametrize("query", ["rating:<3", "trein OR rating:<3", "url:klm.nl", "after:24h -trein", "-trein"])
def test_query_that_asks_only_for_what_no_key_tells_has_no_anchor(query: str) -> None:
    assert anchors(query) is None


def test_query_is_held_only_against_posts_that_have_its_anchor() -> None:
    made: ExplainingMatcher[str] = ExplainingMatcher()
    for query in ("treinstel de", "busdeur* OR 😡", "-trein", 'author:"Jan de B*"'):
        made.put(query, parse(query))
    for post in ("de treinstel", "treinstel", "busdeuren", "de trein", "😡"):
        find(made, post)
    explained = [(one.anchor, one.reached, one.found) for one in made.explained()]

    assert explained == [
        (["treinstel"], 2, 1),
        (["busdeur*", "😡"], 2, 2),
        (None, 5, 4),
        (['author:"jan de b*"'], 0, 0),
    ]
    assert made.explained()[2].microseconds > 0 == made.explained()[3].microseconds


@given(st.lists(written(), min_size=5, max_size=5), st.lists(documents(), min_size=5, max_size=5))
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_explaining_finds_the_same(queries: list[Written], posts: list[Document]) -> None:
    plain: Matcher[int] = Matcher()
    explaining: ExplainingMatcher[int] = ExplainingMatcher()
    for number, query in enumerate(queries):
        plain.put(number, parse(query.text))
        explaining.put(number, parse(query.text))

    assert [plain.find(post, moment=MOMENT) for post in posts] == [
        explaining.find(post, moment=MOMENT) for post in posts
    ]
