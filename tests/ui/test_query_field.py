"""What the field for queries offers and says."""

import re

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from luister.query import QueryError, parse
from luister.query.parsing.fields import CHOICES
from luister.query.parsing.fields import FIELDS as KNOWN
from luister.ui import views
from luister.ui.query_field import complete, is_unfinished, mistake_of
from luister.ui.query_help import FIELDS, VALUES, guide

NAMES = {"label": ["bagage", "Eerste lijn", 'zegt "au"'], "assignee": ["Pim de Vries", "André Bos"]}


def offered(text, **options):
    found = complete(text, cursor=len(text), names=lambda field: NAMES.get(field, []), **({"of_cases": True} | options))
    return found, [option.insert for option in found.options]


def error_of(text):
    with pytest.raises(QueryError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "inserted"),
    [
        ("st", ["status:"]),
        ("koffer -st", ["status:"]),
        ("koffer ", []),
        ("", []),
        ("status:o", ["open"]),
        ("status:open", []),
        ("status:(open OR w", ["waiting"]),
        ("label:", ["bagage", '"Eerste lijn"', '"zegt  au "']),
        ("label:ee", ['"Eerste lijn"']),
        ('label:"ee', ['"Eerste lijn"']),
        ("assignee:vri", ['"Pim de Vries"']),
        ("assignee:andre", ['"André Bos"']),
        ("priority:", ["urgent", "normal"]),
        ("niets:", []),
    ],
)
def test_complete_offers_what_can_be_written_here(text, inserted):
    assert offered(text)[1] == inserted


def test_complete_replaces_what_was_typed_and_the_quotation_marks_around_it():
    found, _ = offered('koffer label:"ee')

    assert (found.start, found.end) == (13, 16)


def test_complete_offers_every_field_when_asked():
    assert "status:" in offered("koffer ", is_asked=True)[1]


def test_complete_offers_no_fields_of_cases_where_there_are_none():
    assert offered("st", of_cases=False)[1] == []
    assert "status:" not in offered("", of_cases=False, is_asked=True)[1]


def test_enter_takes_a_value_but_never_a_field_that_nobody_chose():
    assert offered("st")[0].chosen is None
    assert offered("status:o")[0].chosen == 0


@pytest.mark.parametrize(
    "text",
    [
        '"lange rij',
        "koffer (tas OR",
        "koffer OR ",
        "koffer NOT",
        "status:",
        "sentimnet:x",
        "status:op",
        "koffer &",
        "-",
    ],
)
def test_what_is_still_being_typed_is_no_mistake_yet(text):
    assert is_unfinished(error_of(text), text=text, cursor=len(text))


@pytest.mark.parametrize("text", ["sentimnet:x koffer", "status:op koffer", "& koffer", "koffer ) tas", "(" * 60])
def test_a_mistake_before_the_word_that_is_typed_is_told(text):
    assert not is_unfinished(error_of(text), text=text, cursor=len(text))


def test_a_quote_is_told_when_the_cursor_went_back():
    text = 'een "lange rij'

    assert not is_unfinished(error_of(text), text=text, cursor=2)


@pytest.mark.parametrize(("language", "said"), [("nl", "Er is geen veld"), ("en", "There is no field")])
def test_a_mistake_names_the_word_it_is_about(language, said):
    text = "👍🏽 sentimnet:x"
    with translation.override(language):
        found = mistake_of(error_of(text), text=text)

    assert found.wrong == "sentimnet"
    assert found.before + found.wrong + found.after == text
    assert found.sentence.startswith(said)
    assert found.as_json["start"] == 3


def test_every_field_and_closed_value_is_explained():
    assert set(FIELDS) == set(KNOWN)
    assert all(set(VALUES[field]) == set(values) for field, values in CHOICES.items())


@pytest.mark.parametrize("written", [row[0] for group in guide() for row in group.rows])
def test_everything_on_the_cheat_sheet_can_be_searched_for(written):
    parse(written)


def test_the_cheat_sheet_is_a_page_and_a_part():
    whole = views.query_help(RequestFactory().get("/"))
    part = views.query_help(RequestFactory().get("/", headers={"X-Requested-With": "fetch"}))

    assert b"<html" in whole.content
    assert b"<h1>" in whole.content
    assert b"<html" not in part.content
    assert b'id="query-help-heading"' in part.content


def test_the_field_shows_a_mistake_without_scripts():
    text = "<b> sentimnet:x"
    template = engines["django"].from_string(
        '{% load ui %}{% part "query_field" id="q" name="q" label="Zoek" value=text error=error %}'
    )
    html = template.render({"text": text, "error": mistake_of(error_of(text), text=text)})

    assert 'value="&lt;b&gt; sentimnet:x"' in html
    assert 'aria-invalid="true"' in html
    assert re.search(r"&lt;b&gt; <mark>sentimnet</mark>:x", html)
    assert re.search(r'id="q-mistake"[^>]*>There is no field', html) or "Er is geen veld" in html
