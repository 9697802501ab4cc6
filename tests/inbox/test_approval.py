"""Replies that a colleague looks at first: they never leave by themselves, and one judgement counts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from luister.accounts.enums import Role
from luister.base.posts import Kind
from luister.channels.enums import Publicness
from luister.delivery import actions as delivery
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from luister.events.models import Event
from luister.inbox.actions import approval, changes, files, replies
from luister.inbox.actions.changes import RefusedError
from luister.inbox.enums import CaseState, Mode
from luister.inbox.models import Case, Draft, DraftFile, Note, Notification
from luister.inbox.queries.cases import Filters, View, cases_in, counts
from tests.factories import NOW, ChannelFactory, MembershipFactory
from tests.inbox.helpers import said, take_in
from tests.inbox.test_replies import send

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def pim():
    return MembershipFactory(role=Role.AGENT, needs_approval=True)


@pytest.fixture
def marit(pim):
    return MembershipFactory(workspace=pim.workspace, role=Role.LEAD)


@pytest.fixture
def channel(pim):
    return ChannelFactory(workspace=pim.workspace, kind="practice", publicness=Publicness.BOTH)


@pytest.fixture
def case(channel):
    return take_in(said("p1", text="Waar is mijn koffer?"), channel=channel)[1].case


@pytest.fixture
def reply(case, pim):
    return send(case, by=pim)


def state(reply):
    return Outgoing.objects.get(pk=reply.outgoing_id).state


def fresh(case):
    return Case.objects.get(pk=case.pk)


def sending_jobs(reply):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'delivery.send' AND status = 'todo'"
            " AND (args->>'outgoing_id')::bigint = %s",
            [reply.outgoing_id],
        )
        return cursor.fetchone()[0]


def names(case):
    return set(Event.objects.filter(case_id=case.pk).values_list("name", flat=True))


def test_proposed_reply_never_leaves_and_leaves_the_case_as_it_was(reply, case):
    assert (state(reply), sending_jobs(reply)) == (SendState.PROPOSED, 0)
    assert (fresh(case).state, fresh(case).assignee) == (CaseState.OPEN, None)
    assert "reply.proposed" in names(case)
    assert "reply.queued" not in names(case)

    delivery.send(reply.outgoing_id, clock=lambda: LATER)
    delivery.wake_forgotten(now=LATER)

    assert (state(reply), sending_jobs(reply)) == (SendState.PROPOSED, 0)


def test_approved_reply_goes_out_and_takes_effect(reply, case, pim, marit):
    approval.approve(reply.pk, by=marit, now=LATER)

    outgoing = Outgoing.objects.get(pk=reply.outgoing_id)
    assert (outgoing.state, sending_jobs(reply)) == (SendState.QUEUED, 1)
    assert outgoing.send_after == LATER + timedelta(seconds=case.channel.undo_seconds)
    assert (fresh(case).state, fresh(case).assignee) == (CaseState.COMPLETED, pim.user)
    assert {"reply.approved", "reply.queued"} <= names(case)


def test_approval_after_the_customer_wrote_again_leaves_the_case_open(reply, case, marit, channel):
    take_in(said("p2", kind=Kind.REPLY, references=("p1",), thread_external_id="p1"), channel=channel, minutes=2)

    approval.approve(reply.pk, by=marit, now=LATER)

    assert (state(reply), fresh(case).state) == (SendState.QUEUED, CaseState.OPEN)


def test_writer_takes_back_what_was_approved_within_the_undo_time(reply, case, pim, marit):
    approval.approve(reply.pk, by=marit, now=LATER)

    replies.take_back(reply.pk, by=pim, now=LATER)

    assert (state(reply), fresh(case).state) == (SendState.CANCELLED, CaseState.OPEN)


def test_writer_takes_their_proposal_back(reply, case, pim, marit):
    replies.take_back(reply.pk, by=pim, now=LATER)

    assert (state(reply), Draft.objects.get().text) == (SendState.CANCELLED, reply.text)
    assert fresh(case).state == CaseState.OPEN
    with pytest.raises(RefusedError, match=r"reply\.already_judged"):
        approval.approve(reply.pk, by=marit, now=LATER)


def test_reply_that_is_sent_back_is_the_writers_draft_again(case, pim, marit):
    mail = ChannelFactory(workspace=pim.workspace, kind="email", publicness=Publicness.PRIVATE)
    case = take_in(said("m1", kind=Kind.MAIL, public=False, thread_external_id=""), channel=mail)[1].case
    files.attach(case.pk, name="kaart.pdf", content=b"%PDF-1", is_public=False, by=pim, now=NOW)
    reply = send(case, by=pim, is_public=False)
    Draft.objects.create(case=case, user=pim.user, mode=Mode.REPLY, text="Nog iets", saved_at=NOW)

    approval.send_back(reply.pk, by=marit, now=LATER, why_note="Noem de balie erbij.")

    assert state(reply) == SendState.CANCELLED
    assert Draft.objects.get().text == f"{reply.text}\n\nNog iets"
    assert DraftFile.objects.get().user == pim.user
    assert (Note.objects.get().author, Note.objects.get().text) == (marit.user, "Noem de balie erbij.")
    assert (Notification.objects.get().user, Notification.objects.get().kind) == (pim.user, "sent_back")
    assert "reply.sent_back" in names(case)


@pytest.mark.parametrize("who", ["writer", "needs approval too", "partner", "analyst", "elsewhere"])
@pytest.mark.parametrize("judge", [approval.approve, approval.send_back])
def test_who_may_not_judge(reply, case, pim, marit, who, judge):
    by = {
        "writer": lambda: pim,
        "needs approval too": lambda: MembershipFactory(workspace=pim.workspace, needs_approval=True),
        "partner": lambda: MembershipFactory(workspace=pim.workspace, role=Role.PARTNER, sees_private=True),
        "analyst": lambda: MembershipFactory(workspace=pim.workspace, role=Role.ANALYST),
        "elsewhere": lambda: MembershipFactory(role=Role.ADMINISTRATOR),
    }[who]()
    if who == "partner":
        changes.hand_over(case.pk, to=by, by=marit, now=NOW)

    with pytest.raises(RefusedError):
        judge(reply.pk, by=by, now=LATER)

    assert state(reply) == SendState.PROPOSED


def test_what_was_proposed_on_a_closed_case_does_not_go_out(reply, case, marit):
    changes.change_state(case.pk, state=CaseState.CLOSED, by=marit, now=NOW)

    with pytest.raises(RefusedError, match=r"case\.closed"):
        approval.approve(reply.pk, by=marit, now=LATER)
    assert state(reply) == SendState.PROPOSED


def test_a_proposal_keeps_nobody_else_waiting(reply, case, marit):
    second = send(case, by=marit, text="Ik neem het over.", anyway=True)

    delivery.wake_forgotten(now=LATER)
    assert delivery.cancel(second.outgoing_id, by=marit.user, now=LATER)
    assert state(reply) == SendState.PROPOSED


def test_view_to_approve_holds_what_waits(reply, case, pim, marit):
    def shown():
        page = cases_in(View.APPROVE, member=marit, filters=Filters(), now=NOW)
        return [found.pk for found in page.cases], counts(member=marit)[View.APPROVE]

    assert shown() == ([case.pk], 1)

    approval.approve(reply.pk, by=marit, now=LATER)

    assert shown() == ([], 0)


@pytest.mark.sql
@pytest.mark.django_db(transaction=True)
def test_of_approving_and_sending_back_at_once_exactly_one_wins(pim, marit, case):
    for turn in range(15):
        reply = send(fresh(case), by=pim, text=f"Poging {turn}", anyway=True)
        Case.objects.update(state=CaseState.OPEN)

        def go(judge, reply=reply):
            try:
                judge(reply.pk, by=marit, now=LATER)
            except RefusedError:
                return False
            finally:
                connection.close()
            return True

        with ThreadPoolExecutor(2) as pool:
            approved, returned = pool.map(go, (approval.approve, approval.send_back))

        assert approved != returned
        assert state(reply) == (SendState.QUEUED if approved else SendState.CANCELLED)
        assert sending_jobs(reply) == int(approved)


@pytest.mark.sql
@pytest.mark.django_db(transaction=True)
def test_of_approving_and_withdrawing_one_post_at_once_exactly_one_wins(reply):
    def approve():
        return delivery.approve_post(reply.outgoing_id, by=None, send_after=LATER, now=LATER)

    def withdraw():
        return delivery.withdraw(reply.outgoing_id, by=None, now=LATER)

    def go(task):
        try:
            return task()
        finally:
            connection.close()

    for _ in range(30):
        Outgoing.objects.filter(pk=reply.outgoing_id).update(state=SendState.PROPOSED)
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(go, (approve, withdraw))) == [False, True]
