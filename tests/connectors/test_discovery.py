"""Connectors are found by looking, and each keeps the agreements that the contract cannot express."""

import string

import pytest
from django.utils import translation
from django.utils.translation import gettext

from luister import connectors
from luister.base.connector import Connector


def test_kinds_has_the_practice_network() -> None:
    assert "practice" in connectors.kinds()
    assert connectors.get("practice").kind == "practice"
    assert [connector.kind for connector in connectors.all_connectors()] == list(connectors.kinds())


def test_get_unknown_kind() -> None:
    with pytest.raises(KeyError):
        connectors.get("carrier-pigeon")


@pytest.mark.parametrize("connector", connectors.all_connectors(), ids=lambda connector: connector.kind)
def test_connector_keeps_the_agreements(connector: Connector) -> None:
    assert connector.publicness in ("public", "private", "both")
    assert connector.label
    assert all(field.default in field.choices for field in connector.fields if field.choices)
    assert len({field.name for field in connector.fields}) == len(connector.fields)


def test_reasons_are_sentences_whose_values_have_names() -> None:
    for code, sentence in connectors.reasons().items():
        assert len(code) <= 60
        assert sentence.endswith("."), code
        assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(sentence))


@pytest.mark.parametrize("sentence", connectors.reasons().values())
def test_reasons_are_dutch_for_the_dutch(sentence: str) -> None:
    with translation.override("nl"):
        dutch = gettext(sentence)

    names = [name for _, name, _, _ in string.Formatter().parse(dutch)]
    assert dutch != sentence
    assert set(names) == {name for _, name, _, _ in string.Formatter().parse(sentence)}
