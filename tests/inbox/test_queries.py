"""What lists and cases show, to whom, and in how many queries."""

from datetime import timedelta

import pytest

from luister.accounts.enums import Role
from luister.channels.enums import Publicness
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from luister.inbox.actions import changes
from luister.inbox.enums import CaseState
from luister.inbox.models import Case
from luister.inbox.queries.cases import Filters, View, case_by_number, cases_in, counts, unread_count
from luister.inbox.queries.people import people_called
from luister.inbox.queries.timeline import said_since, timeline
from luister.query import QueryError
from tests.factories import (
    NOW,
    CaseFactory,
    CaseLabelFactory,
    ChannelFactory,
    MembershipFactory,
    NoteFactory,
    PresenceFactory,
    ReplyFactory,
    SeenFactory,
    TeamFactory,
)
from tests.inbox.helpers import BRAM, said, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return MembershipFactory(role=Role.LEAD)


def numbers(view, member, **filters):
    return [case.number for case in cases_in(view, member=member, filters=Filters(**filters), now=NOW).cases]


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_takes_the_same_number_of_queries_whatever_its_length(lead, rows, django_assert_num_queries):
    for _ in range(rows):
        case = CaseFactory(workspace=lead.workspace)
        CaseLabelFactory(case=case)
        PresenceFactory(case=case, seen_at=NOW)

    with django_assert_num_queries(4):
        page = cases_in(View.INBOX, member=lead, filters=Filters(), now=NOW)
        shown = [
            (case.contact.name, case.channel.name, case.assignee, case.team, case.labels_shown[0].label.name)
            for case in page.cases
        ]
    assert len(shown) == rows


def test_pages_follow_each_other_without_gaps(lead):
    for n in range(7):
        CaseFactory(workspace=lead.workspace, last_post_at=NOW + timedelta(minutes=n // 2))

    seen, cursor = [], ""
    for _ in range(4):
        page = cases_in(View.ALL, member=lead, filters=Filters(), now=NOW, cursor=cursor, limit=2)
        seen += [case.pk for case in page.cases]
        cursor = page.next_cursor

    assert cursor == ""
    assert seen == list(Case.objects.order_by("-last_post_at", "-id").values_list("pk", flat=True))


def test_a_cursor_made_up_by_a_visitor_shows_the_first_page(lead):
    CaseFactory(workspace=lead.workspace)

    assert len(cases_in(View.ALL, member=lead, filters=Filters(), now=NOW, cursor="'; drop").cases) == 1


def test_counts_say_how_many_each_view_holds(lead):
    CaseFactory(workspace=lead.workspace, assignee=lead.user)
    CaseFactory(workspace=lead.workspace)
    CaseFactory(workspace=lead.workspace, state=CaseState.COMPLETED)
    CaseFactory()

    found = counts(member=lead)

    assert (found[View.INBOX], found[View.MINE], found[View.UNASSIGNED]) == (2, 1, 1)
    assert (found[View.COMPLETED], found[View.CLOSED], found[View.ALL]) == (1, 0, 3)


def test_unread_counts_what_the_member_has_not_seen(lead):
    read = CaseFactory(workspace=lead.workspace, version=2)
    CaseFactory(workspace=lead.workspace, version=1)
    SeenFactory(case=read, user=lead.user, version=2)

    assert unread_count(member=lead) == 1


@pytest.mark.parametrize(
    ("role", "sees_private", "expected"),
    [
        (Role.ADMINISTRATOR, False, {"own", "other", "none", "public"}),
        (Role.LEAD, False, {"own", "other", "none", "public"}),
        (Role.AGENT, False, {"own", "none", "public"}),
        (Role.ANALYST, False, {"public"}),
        (Role.ANALYST, True, {"own", "other", "none", "public"}),
        (Role.PARTNER, True, set()),
    ],
)
def test_each_role_sees_its_own_cases(role, sees_private, expected):
    member = MembershipFactory(role=role, sees_private=sees_private)
    own, other = TeamFactory(workspace=member.workspace), TeamFactory(workspace=member.workspace)
    member.teams.add(own)
    kinds = {"own": own, "other": other, "none": None, "public": None}
    made = {
        name: CaseFactory(workspace=member.workspace, team=team, is_public=name == "public").number
        for name, team in kinds.items()
    }
    CaseFactory(is_public=True)

    assert set(numbers(View.ALL, member)) == {made[name] for name in expected}


def test_search_finds_whatever_the_accents(lead):
    channel = ChannelFactory(workspace=lead.workspace)
    _, threaded = take_in(said("p1", text="Café gesloten, één koffer kwijt"), channel=channel)
    take_in(said("p2", by=BRAM, text="Iets anders"), channel=channel)

    assert numbers(View.ALL, lead, text="een cafe") == [threaded.case.number]
    assert numbers(View.ALL, lead, text=f"#{threaded.case.number}") == [threaded.case.number]
    assert numbers(View.ALL, lead, text="author:ANNA") == [threaded.case.number]
    assert numbers(View.ALL, lead, text='author:"anna de wit"') == [threaded.case.number]
    assert [contact.name for contact in people_called("ANNÁ", member=lead)] == ["Anna de Wit"]
    with pytest.raises(QueryError):
        numbers(View.ALL, lead, text="%")


def test_search_does_not_tell_an_analyst_of_private_posts(lead):
    analyst = MembershipFactory(workspace=lead.workspace, role=Role.ANALYST)
    channel = ChannelFactory(workspace=lead.workspace, publicness=Publicness.BOTH)
    take_in(said("p1", text="Openbaar"), channel=channel)
    take_in(said("m1", text="Geheim", public=False, thread_external_id="p1", references=("p1",)), channel=channel)

    assert numbers(View.ALL, lead, text="geheim") == [1]
    assert numbers(View.ALL, analyst, text="geheim") == []
    case = case_by_number(1, member=analyst, now=NOW)
    assert [entry.post.text for entry in timeline(case, member=analyst) if entry.post] == ["Openbaar"]


def test_the_timeline_is_in_order_and_analysts_see_no_notes(lead):
    channel = ChannelFactory(workspace=lead.workspace)
    _, threaded = take_in(said("p1"), channel=channel)
    NoteFactory(workspace=lead.workspace, case=threaded.case, created_at=NOW + timedelta(minutes=2))
    take_in(said("p2", thread_external_id="p1", at=NOW + timedelta(minutes=5)), channel=channel, minutes=5)
    analyst = MembershipFactory(workspace=lead.workspace, role=Role.ANALYST)

    def kinds(member):
        entries = timeline(threaded.case, member=member)
        return ["post" if entry.post else "note" if entry.note else entry.event.name for entry in entries]

    assert kinds(lead) == ["post", "case.opened", "note", "post"]
    assert kinds(analyst) == ["post", "case.opened", "post"]


def test_the_timeline_takes_the_same_number_of_queries_whatever_its_length(lead, django_assert_num_queries):
    channel = ChannelFactory(workspace=lead.workspace)
    _, threaded = take_in(said("p1"), channel=channel)
    for n in range(20):
        take_in(said(f"q{n}", thread_external_id="p1"), channel=channel)

    with django_assert_num_queries(6):
        timeline(threaded.case, member=lead)


def test_said_since_is_what_came_after_a_version(lead):
    channel = ChannelFactory(workspace=lead.workspace)
    take_in(said("p1"), channel=channel)
    _, threaded = take_in(said("p2", thread_external_id="p1"), channel=channel, minutes=1)
    take_in(said("p3", by=BRAM, thread_external_id="p1", addressed=False), channel=channel, minutes=2)

    found = said_since(threaded.case, version=1, member=lead)

    assert [entry.post.external_id for entry in found] == ["p2"]


def test_a_case_out_of_reach_is_not_found(lead):
    case = CaseFactory()
    changes.wake_snoozed(now=NOW)

    assert case_by_number(case.number, member=lead, now=NOW) is None


@pytest.mark.parametrize(
    ("state", "asked_at", "is_trouble"),
    [
        (SendState.FAILED, None, True),
        (SendState.BOUNCED, None, True),
        (SendState.UNKNOWN, None, False),  # the machine is still finding out
        (SendState.UNKNOWN, NOW, True),
        (SendState.SENT, None, False),
    ],
)
def test_trouble_holds_what_a_person_has_to_settle(lead, state, asked_at, is_trouble):
    case = CaseFactory(workspace=lead.workspace)
    reply = ReplyFactory(workspace=lead.workspace, case=case)
    Outgoing.objects.filter(pk=reply.outgoing_id).update(state=state, asked_at=asked_at)

    assert numbers(View.TROUBLE, lead) == ([case.number] if is_trouble else [])
