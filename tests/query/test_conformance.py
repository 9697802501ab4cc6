"""The specification's sentences, as a table."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from luister.query import Document, Moment, QueryError, matches, parse, prepare
from tests.query.conformance import fields, terms, text
from tests.query.strategies import NOW

MOMENT = Moment(NOW, ZoneInfo("Europe/Amsterdam"))
CASES = [*text.CASES, *terms.CASES, *fields.CASES]


def document(post: str | dict) -> Document:
    values = {"text": post} if isinstance(post, str) else {"text": "", **post}
    for name in ("rating", "reach", "followers"):
        if name in values:
            values[name] = Decimal(values[name])
    if "published_at" in values:
        values["published_at"] = datetime.fromisoformat(values["published_at"])
    return Document(id="1", **values)


@pytest.mark.parametrize(("query", "post", "expected"), CASES)
def test_query_finds_what_the_specification_says(query: str, post: str | dict, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(QueryError):
            parse(query)
        return
    assert matches(parse(query), prepare(document(post)), moment=MOMENT) is expected


def test_there_are_enough_cases() -> None:
    assert len({(query, str(post)) for query, post, _ in CASES}) >= 300
