"""The audit list says in words who changed which right or setting."""

import re
from pathlib import Path

import pytest
from django.utils import translation

import luister
from luister.accounts.enums import Role
from luister.accounts.sentences import FIELDS, VERBS, detail_lines, verb_text
from tests.factories import NOW, AuditEntryFactory, MembershipFactory

WRITTEN = re.compile(r'write_audit\(\s*"([a-z_.]+)"|verb="([a-z_.]+)"')


def written_verbs():
    sources = Path(luister.__file__).parent.rglob("*.py")
    return {first or second for path in sources for first, second in WRITTEN.findall(path.read_text())}


def test_every_verb_that_is_written_has_words():
    assert written_verbs() - set(VERBS) == set()


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_verb_has_words_in_both_languages(verb):
    words = set()
    for language in ("nl", "en"):
        with translation.override(language):
            words.add(verb_text(verb))

    assert len(words) == 2
    assert verb not in words


def test_detail_tells_what_became_what():
    before = {"user": "sam@zuiderveld.example", "role": "agent", "teams": [], "sees_private": False}
    after = before | {"role": "lead", "teams": ["Bagage", "Parkeren"], "sees_private": True}

    with translation.override("nl"):
        lines = list(detail_lines({"before": before, "after": after}))

    assert lines == ["rol: Medewerker → Teamleider", "teams: geen → Bagage, Parkeren", "privéberichten: nee → ja"]


def test_detail_tells_values_that_are_new():
    with translation.override("nl"):
        assert list(detail_lines({"name": "Bagage"})) == ["naam: Bagage"]
        assert list(detail_lines({"before": "Bagage", "after": "Koffers"})) == ["Bagage → Koffers"]


def test_field_has_words_in_dutch():
    with translation.override("nl"):
        assert all(str(words) for words in FIELDS.values())


def test_list_shows_a_page_at_a_time_newest_first(client, db):
    member = MembershipFactory(role=Role.ADMINISTRATOR)
    entries = AuditEntryFactory.create_batch(60, workspace=member.workspace, user=None, at=NOW)
    AuditEntryFactory()
    client.force_login(member.user)
    address = f"/w/{member.workspace.slug}/settings/audit/"

    first = client.get(address)
    second = client.get(address, {"before": first.context["next_id"]})

    assert [entry.pk for entry in first.context["entries"]] == [entry.pk for entry in entries[:9:-1]]
    assert [entry.pk for entry in second.context["entries"]] == [entry.pk for entry in entries[9::-1]]
    assert second.context["next_id"] is None
    assert "opdrachtregel" in first.text


@pytest.mark.parametrize("before", ["x", "-1", "²", "9" * 30])
def test_list_ignores_a_page_that_is_none(client, db, before):
    member = MembershipFactory(role=Role.ADMINISTRATOR)
    client.force_login(member.user)

    answer = client.get(f"/w/{member.workspace.slug}/settings/audit/", {"before": before})

    assert answer.status_code == 200
