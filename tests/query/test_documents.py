"""What the pages for users show does parse, and what they say of fields is true."""

import re
from pathlib import Path

import pytest

from luister.query import parse
from luister.query.parsing.fields import CHOICES, FIELDS

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["query-language.md", "zoektaal.md"]
_CODE = re.compile(r"`([^`]+)`")
NO_QUERIES = {"#", "*", ">", ">=", "<", "<=", "NEAR"}


def rows(page: str) -> list[str]:
    return [line for line in (DOCS / page).read_text().splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("page", PAGES)
def test_examples_parse(page: str) -> None:
    codes = [code for row in rows(page) for code in _CODE.findall(row)]
    queries = [code for code in codes if not code.endswith(":") and code not in NO_QUERIES]

    assert len(queries) > 30
    for query in queries:
        parse(query)


@pytest.mark.parametrize("page", PAGES)
def test_every_field_is_told(page: str) -> None:
    told = {
        code.removesuffix(":") for row in rows(page) for code in _CODE.findall(row.split("|")[1]) if code[-1] == ":"
    }

    assert told == set(FIELDS)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("field", CHOICES)
def test_every_choice_is_told(page: str, field: str) -> None:
    row = next(row for row in rows(page) if f"`{field}:`" in row.split("|")[1])

    assert [choice for choice in CHOICES[field] if not re.search(rf"\b{choice}\b", row)] == []
