"""The engines that the matcher is held beside are fed so that they find the same."""

from datetime import UTC, datetime

import psycopg
import pytest

from bench.matching_engines import Engine, Postgres, Tantivy
from luister.query import Document, Moment, matches, parse, prepare

MOMENT = Moment(datetime(2026, 11, 22, tzinfo=UTC), UTC)
POSTS = [
    Document("1", "Eén lange rij bij @klm.help, #Drukte! 😡 https://klm.example"),
    Document("2", "rij lange, geen drukte @jan@mastodon.example", title="Een lange"),
    Document("3", "It's a 'quoted' \\ word: vertragingen 👍🏽 @klm"),
    Document("4", "vertraging"),
]
SAID = [
    "lange", "drukte", "#drukte", "@klm", "@jan", "@jan@mastodon.example", "😡", "vertrag*", '"lange rij"',
    '"een lange"', "een -rij", "(rij OR vertraging) (drukte OR geen)", "it -(lange OR rij)", "s quoted",
]  # fmt: skip
ONLY_POSTGRES = ['"lange rij #drukte"', '"een lang*"', "#druk*"]
UNSAID = ["*traging", "*trag*", "lange NEAR/3 rij", "lang:nl", "title:een"]


def differing(engine: Engine, queries: list[str]) -> list[str]:
    """Return the queries that an engine cannot express or finds something else by."""
    nodes = {query: parse(query) for query in queries}
    missing = set(queries) - set(engine.stand(nodes))
    prepared = [prepare(post) for post in POSTS]
    for found, post in zip(engine.find([engine.feed(post) for post in POSTS]), prepared, strict=True):
        right = {query for query, node in nodes.items() if matches(node, post, moment=MOMENT)}
        missing |= right ^ set(found)
    return sorted(missing)


@pytest.mark.parametrize("batch", [1, 3, 10])
def test_tantivy_finds_the_same(batch: int) -> None:
    assert differing(Tantivy(batch), SAID) == []


def test_tantivy_leaves_out_what_it_cannot_say() -> None:
    assert Tantivy(10).stand({query: parse(query) for query in [*UNSAID, *ONLY_POSTGRES, "klm"]}) == ["klm"]


@pytest.mark.django_db(transaction=True)
def test_postgres_finds_the_same(django_db_setup: None) -> None:
    from django.db import connection  # noqa: PLC0415

    connection.ensure_connection()
    info: psycopg.ConnectionInfo = connection.connection.info
    address = psycopg.conninfo.make_conninfo(info.dsn, password=info.password)
    with Postgres(address) as engine:
        assert differing(engine, SAID + ONLY_POSTGRES) == []
        assert engine.stand({query: parse(query) for query in UNSAID}) == []
        assert engine.clock() > 0
