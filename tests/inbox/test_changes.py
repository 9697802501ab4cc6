"""Changing a case: what is written, who hears of it, and putting it back."""

from datetime import timedelta

import pytest

from luister.accounts.enums import Role
from luister.events.models import Event
from luister.inbox.actions import changes
from luister.inbox.actions.changes import RefusedError
from luister.inbox.enums import CaseState, Origin
from luister.inbox.models import Case, CaseLabel, Handover, Label, Notification
from tests.factories import NOW, CaseFactory, EventFactory, MembershipFactory, TeamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return MembershipFactory(role=Role.AGENT)


@pytest.fixture
def case(agent):
    return CaseFactory(workspace=agent.workspace, waiting_since=NOW)


def test_assign_gives_the_case_and_tells_the_colleague(agent, case):
    sam = MembershipFactory(workspace=agent.workspace)

    event = changes.assign(case.pk, to=sam.user, by=agent, now=NOW)

    assert Case.objects.get().assignee == sam.user
    assert event.data == {"before": {"assignee_id": None}, "after": {"assignee_id": sam.user_id}}
    assert Notification.objects.get().user == sam.user


def test_assign_to_oneself_notifies_nobody(agent, case):
    changes.assign(case.pk, to=agent.user, by=agent, now=NOW)

    assert not Notification.objects.exists()


def test_assign_refuses_who_cannot_work(agent, case):
    analyst = MembershipFactory(workspace=agent.workspace, role=Role.ANALYST)
    stranger = MembershipFactory()

    for someone in (analyst, stranger):
        with pytest.raises(RefusedError) as refused:
            changes.assign(case.pk, to=someone.user, by=agent, now=NOW)
        assert refused.value.reason.code == "case.assignee_cannot_work"


def test_the_same_value_again_records_nothing(agent, case):
    changes.mark_urgent(case.pk, is_urgent=True, by=agent, now=NOW)

    assert changes.mark_urgent(case.pk, is_urgent=True, by=agent, now=NOW) is None
    assert Event.objects.filter(name="case.urgency_changed").count() == 1


def test_completing_ends_the_waiting(agent, case):
    changes.change_state(case.pk, state=CaseState.COMPLETED, by=agent, now=NOW + timedelta(hours=1))

    case.refresh_from_db()
    assert (case.state, case.waiting_since, case.state_since) == (CaseState.COMPLETED, None, NOW + timedelta(hours=1))


def test_snooze_waits_until_its_moment_and_wakes(agent, case):
    until = NOW + timedelta(days=1)
    changes.snooze(case.pk, until=until, by=agent, now=NOW)
    assert changes.wake_snoozed(now=until - timedelta(seconds=1)) == 0

    assert changes.wake_snoozed(now=until) == 1

    case.refresh_from_db()
    assert (case.state, case.snoozed_until) == (CaseState.OPEN, None)


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.CLOSED])
def test_snooze_refuses_the_past_and_closed_cases(agent, case, state):
    Case.objects.update(state=state)
    until = NOW - timedelta(minutes=1) if state == CaseState.OPEN else NOW + timedelta(days=1)

    with pytest.raises(RefusedError):
        changes.snooze(case.pk, until=until, by=agent, now=NOW)


def test_labels_are_made_once_whatever_their_capitals(agent, case):
    changes.add_label(case.pk, name="Bagage", by=agent, now=NOW)
    changes.add_label(case.pk, name="  bagage ", by=agent, now=NOW)

    assert (Label.objects.count(), CaseLabel.objects.count()) == (1, 1)

    changes.remove_label(case.pk, label_id=Label.objects.get().pk, by=agent, now=NOW)

    assert not CaseLabel.objects.exists()
    assert [event.name for event in Event.objects.order_by("id")] == ["case.labelled", "case.unlabelled"]


def test_an_empty_label_is_refused(agent, case):
    with pytest.raises(RefusedError):
        changes.add_label(case.pk, name="   ", by=agent, now=NOW)


def test_handing_over_lets_a_partner_in_and_taking_back_out(agent, case):
    partner = MembershipFactory(workspace=agent.workspace, role=Role.PARTNER, sees_private=True)
    with pytest.raises(RefusedError):
        changes.mark_urgent(case.pk, is_urgent=True, by=partner, now=NOW)

    changes.hand_over(case.pk, to=partner, by=agent, now=NOW)
    assert changes.mark_urgent(case.pk, is_urgent=True, by=partner, now=NOW) is not None

    changes.take_back(case.pk, member=partner, by=agent, now=NOW)
    assert not Handover.objects.exists()
    with pytest.raises(RefusedError):
        changes.mark_urgent(case.pk, is_urgent=False, by=partner, now=NOW)


def test_another_workspace_is_out_of_reach(case):
    stranger = MembershipFactory(role=Role.ADMINISTRATOR)

    with pytest.raises(RefusedError) as refused:
        changes.change_state(case.pk, state=CaseState.CLOSED, by=stranger, now=NOW)
    assert refused.value.reason.code == "case.not_found"


def test_an_analyst_changes_nothing(agent, case):
    analyst = MembershipFactory(workspace=agent.workspace, role=Role.ANALYST, sees_private=True)

    with pytest.raises(RefusedError):
        changes.mark_origin(case.pk, origin=Origin.PROACTIVE, by=analyst, now=NOW)


def test_a_team_of_another_workspace_is_refused(agent, case):
    with pytest.raises(RefusedError):
        changes.move_to_team(case.pk, team=TeamFactory(), by=agent, now=NOW)


def test_undo_puts_back_what_was_there(agent, case):
    event = changes.snooze(case.pk, until=NOW + timedelta(days=1), by=agent, now=NOW)

    changes.undo(event.pk, by=agent, now=NOW + timedelta(minutes=1))

    case.refresh_from_db()
    assert (case.state, case.snoozed_until) == (CaseState.OPEN, None)


def test_undo_restores_since_when_the_customer_waits(agent, case):
    event = changes.change_state(case.pk, state=CaseState.COMPLETED, by=agent, now=NOW)

    changes.undo(event.pk, by=agent, now=NOW)

    case.refresh_from_db()
    assert case.waiting_since == NOW


@pytest.mark.parametrize("why", ["late", "changed", "not theirs", "no such change"])
def test_undo_refuses(agent, case, why):
    event = changes.mark_urgent(case.pk, is_urgent=True, by=agent, now=NOW)
    colleague = MembershipFactory(workspace=agent.workspace)
    by, now = agent, NOW
    if why == "late":
        now = NOW + timedelta(minutes=11)
    elif why == "changed":
        Case.objects.update(is_urgent=False)
    elif why == "not theirs":
        by = colleague
    else:
        event = EventFactory(workspace=agent.workspace, by=agent.user, case_id=case.pk, name="case.opened", at=NOW)

    with pytest.raises(RefusedError):
        changes.undo(event.pk, by=by, now=now)
