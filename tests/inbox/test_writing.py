"""Drafts, notes and presence."""

from datetime import timedelta
from uuid import uuid4

import pytest

from luister.accounts.enums import Role
from luister.inbox.actions import writing
from luister.inbox.actions.changes import RefusedError
from luister.inbox.enums import Activity, Mode
from luister.inbox.models import Draft, Note, Notification, Presence, Seen
from luister.inbox.queries import around
from tests.factories import NOW, CaseFactory, MembershipFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pim():
    return MembershipFactory(role=Role.AGENT, user=UserFactory(name="Pim de Vries"))


@pytest.fixture
def sam(pim):
    return MembershipFactory(workspace=pim.workspace, role=Role.AGENT, user=UserFactory(name="Sam Jansen"))


@pytest.fixture
def case(pim):
    return CaseFactory(workspace=pim.workspace, version=3)


def draft(case, by, text, mode=Mode.REPLY):
    return writing.save_draft(case.pk, mode=mode, text=text, is_public=True, by=by, now=NOW)


def note(case, by, text, client_id=None):
    return writing.add_note(case.pk, text=text, client_id=client_id or uuid4(), by=by, now=NOW)


def test_a_draft_is_kept_per_person_and_mode(case, pim, sam):
    draft(case, pim, "We zoek")
    draft(case, pim, "We zoeken")
    draft(case, pim, "intern", Mode.NOTE)
    draft(case, sam, "van Sam")

    mine = around.drafts(case, member=pim)
    assert {mode: found.text for mode, found in mine.items()} == {Mode.REPLY: "We zoeken", Mode.NOTE: "intern"}
    assert Draft.objects.count() == 3


def test_an_empty_draft_is_no_draft(case, pim):
    draft(case, pim, "We zoek")

    assert draft(case, pim, "  ") is None
    assert not Draft.objects.exists()


def test_a_note_is_added_once_and_takes_its_draft_along(case, pim):
    draft(case, pim, "Bel terug", Mode.NOTE)
    client_id = uuid4()

    first = note(case, pim, "Bel terug", client_id)
    second = note(case, pim, "Bel terug", client_id)

    assert first == second
    assert Note.objects.count() == 1
    assert not Draft.objects.exists()


def test_an_empty_note_is_refused(case, pim):
    with pytest.raises(RefusedError) as refused:
        note(case, pim, " ")
    assert refused.value.reason.code == "note.empty"


def test_naming_a_colleague_notifies_them(case, pim, sam):
    made = note(case, pim, "@sam kijk jij even? (@niemand en pim@x.nl)")

    assert list(made.mentioned.all()) == [sam.user]
    assert [(row.user, row.kind) for row in Notification.objects.all()] == [(sam.user, "mention")]
    assert [row.case for row in around.unread_notifications(member=sam)] == [case]


def test_naming_oneself_notifies_nobody(case, pim):
    note(case, pim, "@Pim niet vergeten")

    assert not Notification.objects.exists()


def test_naming_a_colleague_who_may_not_see_the_case_is_refused(case, pim, sam):
    case.team = TeamFactory(workspace=pim.workspace)
    case.save()
    pim.teams.add(case.team)

    with pytest.raises(RefusedError) as refused:
        note(case, pim, "@sam kijk jij even?")

    assert (refused.value.reason.code, refused.value.reason.values) == (
        "note.mention_without_access",
        {"name": "Sam Jansen"},
    )
    assert not Note.objects.exists()


def test_presence_shows_colleagues_while_they_are_there(case, pim, sam):
    writing.show_presence(case.pk, activity=Activity.TYPING, by=sam, now=NOW)

    assert [(row.user, row.activity) for row in around.people_here(case, member=pim, now=NOW)] == [(sam.user, "typing")]
    assert around.people_here(case, member=sam, now=NOW) == []
    assert around.people_here(case, member=pim, now=NOW + timedelta(seconds=26)) == []


def test_leaving_ends_presence(case, sam):
    writing.show_presence(case.pk, activity=Activity.VIEWING, by=sam, now=NOW)
    writing.leave(case.pk, by=sam)

    assert not Presence.objects.exists()


def test_presence_on_a_case_out_of_reach_is_refused(case):
    with pytest.raises(RefusedError):
        writing.show_presence(case.pk, activity=Activity.VIEWING, by=MembershipFactory(), now=NOW)


def test_seen_remembers_the_version(case, pim):
    writing.mark_seen(case, by=pim, now=NOW)

    assert Seen.objects.get().version == 3
