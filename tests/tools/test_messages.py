"""Texts are collected from code and templates, and what lacks its Dutch is named."""

import gettext
import io
from pathlib import Path

import pytest

from tools import messages

TEMPLATE = """{% load i18n %}
<p>
  {% translate "Open cases" %}
    <b title="{% translate "Due" context "deadline" %}">{{ a|default:_("nobody") }}</b>
  {% blocktranslate trimmed count counter=n %}
    {{ counter }} case
  {% plural %}
    {{ counter }} cases
  {% endblocktranslate %}
</p>
"""
CODE = '''"""Texts."""
from django.utils.translation import gettext as _, ngettext
def say(n: int) -> str:
    # Translators: on a button
    return _("Send %(what)s") + ngettext("%(n)s post", "%(n)s posts", n)
'''
DUTCH = {
    "Open cases": "Open zaken",
    "Due": "Vervalt",
    "nobody": "niemand",
    "%(counter)s case": ("%(counter)s zaak", "%(counter)s zaken"),
    "Send %(what)s": "Verstuur %(what)s",
    "%(n)s post": ("%(n)s bericht", "%(n)s berichten"),
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    (folder / "templates" / "desk").mkdir(parents=True)
    (folder / "templates" / "desk" / "list.html").write_text(TEMPLATE)
    (folder / "texts.py").write_text(CODE)
    return folder


def translate(app: Path, **changes: str) -> messages.Catalog:
    catalog = messages.merged(app)
    for message in catalog:
        if message.id:
            first = message.id[0] if isinstance(message.id, tuple) else message.id
            message.string = changes.get(first.replace(" ", "_"), DUTCH[first])
    messages.po_path(app).parent.mkdir(parents=True, exist_ok=True)
    messages.po_path(app).write_bytes(messages.po_bytes(catalog))
    return messages.merged(app)


def test_collect_finds_every_kind_of_text(app: Path) -> None:
    found = {(m.id if isinstance(m.id, str) else m.id[0], m.context) for m in messages.collect(app) if m.id}

    assert found == {(text, "deadline" if text == "Due" else None) for text in DUTCH}


def test_untranslated_texts_are_named(app: Path) -> None:
    problems = list(messages.problems_of(app, messages.merged(app)))

    assert len(problems) == len(DUTCH)
    assert "desk: no Dutch for 'Open cases'" in problems


def test_translations_survive_and_are_stable(app: Path) -> None:
    catalog = translate(app)

    assert list(messages.problems_of(app, catalog)) == []
    assert messages.po_bytes(catalog) == messages.po_path(app).read_bytes()
    compiled = gettext.GNUTranslations(io.BytesIO(messages.mo_bytes(catalog)))
    assert compiled.gettext("Open cases") == "Open zaken"
    assert compiled.ngettext("%(n)s post", "%(n)s posts", 2) == "%(n)s berichten"
    assert compiled.pgettext("deadline", "Due") == "Vervalt"


def test_text_that_went_away_is_dropped(app: Path) -> None:
    translate(app)
    (app / "texts.py").write_text('"""Nothing."""\n')

    assert b"Verstuur" not in messages.po_bytes(messages.merged(app))


def test_placeholder_that_was_lost_is_a_problem(app: Path) -> None:
    catalog = translate(app, **{"Send_%(what)s": "Verstuur %(wat)s"})

    assert [problem for problem in messages.problems_of(app, catalog) if "Send" in problem]


def test_collect_finds_the_reasons_of_connectors() -> None:
    found = {message.id for message in messages.collect(messages.CONNECTORS)}

    assert "{host} gave no complete answer." in found


def test_collect_finds_the_sentences_of_the_query_language() -> None:
    found = {message.id for message in messages.collect(messages.QUERY)}

    assert "Two minuses in a row mean nothing. Write one." in found


def test_apps_that_translate_a_text_differently_are_named(app: Path, tmp_path: Path) -> None:
    other = tmp_path / "phone"
    (other / "templates").mkdir(parents=True)
    (other / "texts.py").write_text("_('Open cases')\n_('nobody')\npgettext('a', 'Due')\n")
    here, there = translate(app), translate(other, nobody="geen mens")

    assert list(messages.disagreements([(app, here), (other, there)])) == [
        "desk and phone say 'nobody' differently: give one of them a context"
    ]
