"""The specification's sentences, as a table."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from luister.query import Document, Moment, QueryError, matches, parse, prepare
from tests.query.conformance import fields, terms, text
from tests.query.strategies import NOW

MOMENT = Moment(NOW, ZoneInfo("Europe/Amsterdam"))
TABLES = {"text": text.CASES, "terms": terms.CASES, "fields": fields.CASES}


def document(post: str | dict) -> Document:
    values = {"text": post} if isinstance(post, str) else {"text": "", **post}
    for name in ("rating", "reach", "followers"):
        if name in values:
            values[name] = Decimal(values[name])
    if "published_at" in values:
        values["published_at"] = datetime.fromisoformat(values["published_at"])
    return Document(id="1", **values)


def found(query: str, post: str | dict) -> bool | None:
    """Return what a query says of a post; None when it is refused."""
    try:
        node = parse(query)
    except QueryError:
        return None
    return matches(node, prepare(document(post)), moment=MOMENT)


@pytest.mark.parametrize("table", TABLES)
def test_query_finds_what_the_specification_says(table: str) -> None:
    wrong = [case for case in TABLES[table] if found(*case[:2]) is not case[2]]

    assert wrong == [], "Query, post and what the specification says."


def test_there_are_enough_cases() -> None:
    assert len({(query, str(post)) for cases in TABLES.values() for query, post, _ in cases}) >= 300
