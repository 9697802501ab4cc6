"""The description of the API is kept in the repository, and says of every operation what a program must know."""

import json
import re
from pathlib import Path

import pytest

from luister.api.enums import SCOPES
from luister.api.routes.api import document
from luister.api.routes.document import text
from luister.api.routes.offers import OFFERS

KEPT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
OPERATIONS = [one for methods in document()["paths"].values() for one in methods.values()]


def test_document_is_kept_as_it_is_handed_out(client):
    assert KEPT.read_text() == text(document()), "The API changed: run “make openapi”, and look at what changed."


def test_document_is_handed_out_to_anyone(db, client):
    answer = client.get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert answer.json() == json.loads(KEPT.read_text())
    assert set(re.findall(rb"https?://[^/]*", answer.content)) == {b"https://example.org"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one["operationId"])
def test_operation_says_what_a_program_must_know(operation):
    assert operation["summary"]
    assert operation["description"]
    assert {"401", "403", "422", "429", "500"} <= set(operation["responses"])
    assert operation["x-scope"] is None or operation["x-scope"] in SCOPES
    if "requestBody" in operation:
        assert operation["requestBody"]["content"]["application/json"]["example"]


def test_operations_have_names_of_their_own():
    names = [one["operationId"] for one in OPERATIONS]

    assert len(set(names)) == len(names)
    assert sum(len(methods) for methods in OFFERS.values()) == len(names)
