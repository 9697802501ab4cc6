"""Answering: once, in order, never past a colleague."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from luister.accounts.enums import Role
from luister.base.connector import Limits
from luister.channels.enums import Publicness
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from luister.events.models import Event
from luister.inbox.actions import changes, replies
from luister.inbox.actions.changes import RefusedError
from luister.inbox.actions.replies import ChangedMeanwhileError, Written
from luister.inbox.enums import CaseState, Mode, ReplyEffect
from luister.inbox.models import Case, CasePost, Draft, Notification, Reply
from luister.inbox.queries.screens import case_screen
from luister.inbox.queries.timeline import said_since, timeline
from luister.posts.actions import record_sent
from tests.factories import NOW, ChannelFactory, MembershipFactory, UserFactory
from tests.inbox.helpers import mailed, said, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def pim():
    return MembershipFactory(role=Role.AGENT, user=UserFactory(name="Pim de Vries"))


@pytest.fixture
def channel(pim):
    return ChannelFactory(workspace=pim.workspace, kind="practice", publicness=Publicness.BOTH)


@pytest.fixture
def case(channel):
    _, threaded = take_in(said("p1", text="Waar is mijn koffer?"), channel=channel)
    return threaded.case


def written(text="We zoeken het uit.", **fields):
    plain = {
        "is_public": True,
        "effect": ReplyEffect.COMPLETE,
        "client_id": uuid4(),
        "seen_version": 1,
        "anyway": False,
    }
    return Written(text, **(plain | fields))


def send(case, *, by, minutes=1, **fields):
    return replies.send_reply(case.pk, written(**fields), by=by, now=NOW + timedelta(minutes=minutes))


def settle(reply, state, *, external_id="o1", minutes=2):
    """Have the outbox say what became of a reply, as a worker would."""
    now = NOW + timedelta(minutes=minutes)
    outgoing = reply.outgoing
    outgoing.state = state
    if state == SendState.SENT:
        outgoing.external_id = external_id
        outgoing.post = record_sent(
            channel=outgoing.channel,
            external_id=external_id,
            url="",
            text=outgoing.text,
            subject="",
            is_public=outgoing.is_public,
            kind="reply",
            parent=outgoing.parent,
            thread_external_id="p1",
            sent_by=outgoing.by,
            at=now,
        )
    outgoing.save()
    replies.reply_settled(outgoing.pk, now=now)


def test_a_reply_waits_for_the_undo_time_and_takes_the_case(case, pim):
    reply = send(case, by=pim)

    case.refresh_from_db()
    outgoing = reply.outgoing
    assert outgoing.send_after == NOW + timedelta(minutes=1, seconds=10)
    assert (outgoing.state, outgoing.lane, outgoing.parent.external_id) == (SendState.QUEUED, case.pk, "p1")
    assert outgoing.recipient["external_id"] == "anna"
    assert (case.state, case.assignee, case.version) == (CaseState.COMPLETED, pim.user, 2)


def test_a_holding_reply_keeps_the_case_open_and_the_customer_waiting(case, pim):
    reply = send(case, by=pim, effect=ReplyEffect.KEEP_OPEN)
    settle(reply, SendState.SENT)

    case.refresh_from_db()
    assert case.state == CaseState.OPEN
    assert case.waiting_since == NOW


def test_an_answer_that_arrived_ends_the_waiting(case, pim):
    settle(send(case, by=pim), SendState.SENT)

    case.refresh_from_db()
    assert case.waiting_since is None
    assert CasePost.objects.filter(case=case, post__external_id="o1", is_context=False).exists()


def test_an_answer_does_not_end_the_waiting_for_what_came_after_it(case, pim, channel):
    reply = send(case, by=pim)
    take_in(said("p2", thread_external_id="p1"), channel=channel, minutes=2)
    settle(reply, SendState.SENT, minutes=3)

    case.refresh_from_db()
    assert (case.state, case.waiting_since) == (CaseState.OPEN, NOW)


@pytest.mark.parametrize(
    ("signs", "public", "expected"), [(True, True, "Hallo ^Pim"), (True, False, "Hallo"), (False, True, "Hallo")]
)
def test_public_replies_are_signed_where_the_channel_asks(case, pim, channel, signs, public, expected):
    channel.caret_signature = signs
    channel.save()

    assert send(case, by=pim, text=" Hallo ", is_public=public).outgoing.text == expected


def test_a_signature_that_is_there_already_is_not_repeated(case, pim, channel):
    channel.caret_signature = True
    channel.save()

    assert send(case, by=pim, text="Hallo ^Pim").outgoing.text == "Hallo ^Pim"


def test_the_same_form_again_returns_the_first_reply(case, pim):
    client_id = uuid4()
    first = send(case, by=pim, client_id=client_id)
    second = send(case, by=pim, client_id=client_id, text="iets anders")

    assert first == second
    assert Outgoing.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_submits_of_one_form_at_once_make_one_reply():
    member = MembershipFactory(role=Role.AGENT)
    channel = ChannelFactory(workspace=member.workspace, kind="practice")
    _, threaded = take_in(said("p1"), channel=channel)
    client_id, barrier, found = uuid4(), threading.Barrier(5), []

    def submit():
        barrier.wait()
        found.append(send(threaded.case, by=member, client_id=client_id).pk)
        connection.close()

    running = [threading.Thread(target=submit) for _ in range(5)]
    for each in running:
        each.start()
    for each in running:
        each.join()

    assert len(found) == 5
    assert len(set(found)) == 1
    assert Outgoing.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": "  \n "}, "reply.empty"),
        ({"text": "x" * 501}, "reply.too_long"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is_stored(case, pim, fields, code):
    with pytest.raises(RefusedError) as refused:
        send(case, by=pim, **fields)

    assert refused.value.reason.code == code
    assert not Outgoing.objects.exists()


def test_a_closed_case_is_not_answered(case, pim):
    Case.objects.update(state=CaseState.CLOSED)

    with pytest.raises(RefusedError) as refused:
        send(case, by=pim)
    assert refused.value.reason.code == "case.closed"


def test_a_public_reply_needs_something_public_to_answer(pim, channel):
    _, threaded = take_in(said("m1", public=False), channel=channel)

    with pytest.raises(RefusedError) as refused:
        send(threaded.case, by=pim, is_public=True)
    assert refused.value.reason.code == "reply.nothing_to_answer"


def test_what_was_said_in_public_can_be_answered_in_private(case, pim):
    assert send(case, by=pim, is_public=False).outgoing.parent.external_id == "p1"


def test_a_mail_is_answered_where_it_asks_with_the_whole_line_of_references(pim):
    channel = ChannelFactory(workspace=pim.workspace, kind="practice", publicness=Publicness.PRIVATE)
    _, threaded = take_in(
        mailed("<3@x>", subject="Koffer\r\nBcc: all@x", references=("<2@x>", "<1@x>")), channel=channel
    )

    outgoing = send(threaded.case, by=pim, is_public=False).outgoing

    assert outgoing.subject == "Re: Koffer Bcc: all@x"
    assert outgoing.references == ["<1@x>", "<2@x>", "<3@x>"]


def test_a_very_long_thread_keeps_its_first_and_latest_references(pim):
    channel = ChannelFactory(workspace=pim.workspace, kind="practice", publicness=Publicness.PRIVATE)
    chain = tuple(f"<{n}@x>" for n in range(60))
    _, threaded = take_in(mailed("<new@x>", references=chain), channel=channel)

    references = send(threaded.case, by=pim, is_public=False).outgoing.references

    assert len(references) == replies.MAX_REFERENCES
    assert (references[0], references[-1]) == ("<59@x>", "<new@x>")


def test_someone_who_answered_in_between_stops_the_reply(case, pim):
    sam = MembershipFactory(workspace=pim.workspace)
    send(case, by=sam, text="Al geregeld.")

    with pytest.raises(ChangedMeanwhileError) as changed:
        send(case, by=pim)

    news = said_since(case, version=changed.value.since_version, member=pim)
    assert [entry.reply.text for entry in news] == ["Al geregeld."]
    assert Outgoing.objects.count() == 1
    assert send(case, by=pim, anyway=True).outgoing.state == SendState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_no_interleaving_lets_a_reply_past_what_the_writer_has_not_seen(share):
    """G-O12: 500 races, in full, of a reply against a colleague's reply or the customer's next post."""
    pim = MembershipFactory(role=Role.AGENT)
    sam = MembershipFactory(workspace=pim.workspace)
    channel = ChannelFactory(workspace=pim.workspace, kind="practice")
    chance = random.Random(12)

    def reply(case, by):
        try:
            return send(case, by=by).version
        except ChangedMeanwhileError:
            return None

    def customer_writes(n):
        post, _ = take_in(said(f"q{n}", thread_external_id=f"p{n}"), channel=channel)
        return CasePost.objects.get(post=post, is_context=False).version

    wrong = []
    with ThreadPoolExecutor(2) as threads:
        for n in range(int(500 * share)):
            case = take_in(said(f"p{n}"), channel=channel)[1].case
            is_customer = chance.random() < 0.5
            racers = [(reply, case, pim), (customer_writes, n) if is_customer else (reply, case, sam)]
            order = chance.sample([0, 1], 2)
            running = {which: threads.submit(*racers[which]) for which in order}
            mine, other = running[0].result(), running[1].result()
            went_out_unseen = mine is not None and other is not None and mine > other
            both_replied = not is_customer and None not in {mine, other}
            if went_out_unseen or both_replied or (mine, other) == (None, None):
                wrong.append((n, mine, other))
        both = threading.Barrier(2)
        for _ in range(2):
            threads.submit(lambda: (both.wait(), connection.close()))
    assert wrong == []


def test_taking_back_puts_the_text_in_the_composer_and_the_case_as_it_was(case, pim):
    reply = send(case, by=pim, text="Te snel")

    replies.take_back(reply.pk, by=pim, now=NOW + timedelta(minutes=1, seconds=5))

    case.refresh_from_db()
    reply.outgoing.refresh_from_db()
    draft = Draft.objects.get()
    assert (case.state, case.assignee) == (CaseState.OPEN, None)
    assert reply.outgoing.state == SendState.CANCELLED
    assert (draft.text, draft.mode, draft.is_public) == ("Te snel", Mode.REPLY, True)
    assert [entry for entry in timeline(case, member=pim) if entry.reply] == []


def test_taking_back_leaves_what_a_colleague_did_since(case, pim):
    reply = send(case, by=pim)
    changes.change_state(case.pk, state=CaseState.CLOSED, by=pim, now=NOW)

    replies.take_back(reply.pk, by=pim, now=NOW)

    case.refresh_from_db()
    assert case.state == CaseState.CLOSED


def test_what_is_on_its_way_is_not_taken_back(case, pim):
    reply = send(case, by=pim)
    Outgoing.objects.update(state=SendState.SENDING)

    with pytest.raises(RefusedError) as refused:
        replies.take_back(reply.pk, by=pim, now=NOW)
    assert refused.value.reason.code == "reply.already_leaving"


def test_a_colleagues_reply_is_not_mine_to_take_back(case, pim):
    reply = send(case, by=pim)
    sam = MembershipFactory(workspace=pim.workspace)

    with pytest.raises(RefusedError):
        replies.take_back(reply.pk, by=sam, now=NOW)


@pytest.mark.parametrize("state", [SendState.FAILED, SendState.UNKNOWN, SendState.BOUNCED])
def test_a_reply_that_did_not_arrive_reopens_the_case_and_tells_its_author(case, pim, state):
    reply = send(case, by=pim)

    settle(reply, state)

    case.refresh_from_db()
    notification = Notification.objects.get()
    assert case.state == CaseState.OPEN
    assert (notification.user, notification.kind) == (pim.user, state)
    assert Event.objects.filter(name=f"reply.{state}").count() == 1


@pytest.mark.parametrize(
    ("decision", "expected"),
    [("sent", SendState.SENT), ("again", SendState.QUEUED), ("give_up", SendState.ABANDONED)],
)
def test_a_person_settles_what_nobody_knows_once(case, pim, decision, expected):
    reply = send(case, by=pim)
    Outgoing.objects.update(state=SendState.UNKNOWN, asked_at=NOW)

    replies.resolve(reply.pk, decision=decision, by=pim, now=NOW)

    reply.outgoing.refresh_from_db()
    assert reply.outgoing.state == expected
    with pytest.raises(RefusedError):
        replies.resolve(reply.pk, decision="give_up" if decision != "again" else "sent", by=pim, now=NOW)


def test_sending_removes_the_draft(case, pim):
    Draft.objects.create(case=case, user=pim.user, mode=Mode.REPLY, text="We zoek", saved_at=NOW)

    send(case, by=pim)

    assert not Draft.objects.exists()


def test_a_reply_of_another_workspace_does_not_exist(case, pim):
    reply = send(case, by=pim)
    stranger = MembershipFactory(role=Role.ADMINISTRATOR)

    for verb in (
        lambda: replies.take_back(reply.pk, by=stranger, now=NOW),
        lambda: replies.resolve(reply.pk, decision="sent", by=stranger, now=NOW),
        lambda: send(case, by=stranger),
    ):
        with pytest.raises(RefusedError):
            verb()
    assert Reply.objects.count() == 1


def test_channel_that_takes_no_answers_refuses_and_offers_no_place(case, pim, monkeypatch):
    monkeypatch.setattr("luister.delivery.queries.limits", lambda channel, *, is_public: Limits(can_send=False))

    with pytest.raises(RefusedError) as refused:
        send(case, by=pim)

    assert refused.value.reason.code == "reply.cannot_answer"
    assert case_screen(case.number, member=pim, now=NOW).targets == []
