"""Parser and matcher together find what the reference matcher finds."""

from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luister.query import Document, Moment, matches, parse, prepare
from tests.query.reference import Read, finds
from tests.query.strategies import NOW, Written, documents, written

ZONE = ZoneInfo("Europe/Amsterdam")
MOMENT = Moment(NOW, ZONE)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.lists(written(), min_size=10, max_size=10), st.lists(documents(), min_size=10, max_size=10))
def test_matcher_agrees_with_the_reference(queries: list[Written], posts: list[Document]) -> None:
    nodes = [(parse(query.text), query) for query in queries]
    for post in posts:
        prepared, read = prepare(post), Read(post)
        for node, query in nodes:
            found = matches(node, prepared, moment=MOMENT)
            assert found is finds(query.meaning, read, now=NOW, zone=ZONE), f"{query.text!r} on {post}"
