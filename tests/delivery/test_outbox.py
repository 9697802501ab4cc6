"""What people, bounces and echoes do with what is on its way."""

from datetime import timedelta

import pytest

from luister.accounts.enums import Role
from luister.accounts.errors import RefusedError
from luister.accounts.models import AuditEntry
from luister.base.connector import Idempotency, Receipt
from luister.base.posts import Author, Bounce, InboundPost, Kind
from luister.delivery import actions
from luister.delivery.enums import AttemptOutcome, SendState
from luister.delivery.models import Outgoing
from luister.posts.actions import record
from luister.posts.models import Post
from tests.delivery.helpers import fresh, jobs, send
from tests.factories import NOW, AttemptFactory, MembershipFactory, OutgoingFactory, PostFactory

LATER = NOW + timedelta(minutes=1)


def outgoing(channel, **fields):
    return OutgoingFactory(workspace=channel.workspace, channel=channel, **({"lane": 1} | fields))


def asked(channel, **fields):
    return outgoing(channel, **({"state": SendState.UNKNOWN, "asked_at": NOW, "attempts": 1} | fields))


def echo(**fields):
    given = {
        "external_id": "x-9",
        "kind": Kind.REPLY,
        "public": True,
        "author": Author("brand"),
        "text": "Uw koffer staat bij balie 5.",
        "posted_at": NOW,
        "ours": True,
    }
    return InboundPost(**(given | fields))


def bounce(**fields):
    given = {"message_id": "", "recipient": "klant@example.net", "status": "5.2.2", "diagnostic": "Mailbox full"}
    return Bounce(**(given | {"permanent": True} | fields))


# Taking back


def test_cancel_takes_back_what_is_queued(channel, connector):
    first, second = outgoing(channel), outgoing(channel)

    assert actions.cancel(first.pk, by=None, now=NOW)

    assert fresh(first).state == SendState.CANCELLED
    assert jobs("delivery.send") == [{"outgoing_id": second.pk}]
    assert send(first, now=LATER).state == SendState.CANCELLED
    assert not actions.cancel(first.pk, by=None, now=NOW)


@pytest.mark.parametrize("state", set(SendState) - {SendState.QUEUED})
def test_cancel_refuses_what_is_on_its_way_or_settled(channel, state):
    post = outgoing(channel, state=state)

    assert not actions.cancel(post.pk, by=None, now=NOW)
    assert fresh(post).state == state


@pytest.mark.parametrize(
    ("outcome", "works"),
    [(AttemptOutcome.NOT_SENT, True), (AttemptOutcome.LATE, True), (AttemptOutcome.UNKNOWN, False), ("", False)],
)
def test_cancel_of_what_was_tried_before_works_only_when_it_cannot_have_arrived(channel, outcome, works):
    post = outgoing(channel, attempts=1)
    AttemptFactory(outgoing=post, outcome=outcome)

    assert actions.cancel(post.pk, by=None, now=NOW) is works


# Deciding where the machine cannot


def test_mark_sent_stores_the_post(channel):
    post = asked(channel)

    assert actions.mark_sent(post.pk, by=None, now=LATER)

    state = fresh(post)
    assert (state.state, state.settled_at, state.post.text) == (SendState.SENT, LATER, post.text)
    assert jobs("inbox.reply_settled") == [{"outgoing_id": post.pk}]
    assert not actions.mark_sent(post.pk, by=None, now=LATER)


def test_send_again_puts_it_back_with_the_same_key(channel, connector):
    post = asked(channel, failures=8)

    assert actions.send_again(post.pk, by=None, now=LATER)

    state = fresh(post)
    assert (state.state, state.failures, state.asked_at, state.due_at) == (SendState.QUEUED, 0, None, LATER)
    assert jobs("delivery.send") == [{"outgoing_id": post.pk}]
    assert not actions.send_again(post.pk, by=None, now=LATER)
    assert send(post, now=LATER).attempts == 2
    assert connector.sent[0].key == str(post.key)


def test_abandon_lets_the_rest_of_the_lane_go(channel):
    post, following = asked(channel), outgoing(channel)

    assert actions.abandon(post.pk, by=None, now=LATER)

    assert fresh(post).state == SendState.ABANDONED
    assert jobs("delivery.send") == [{"outgoing_id": following.pk}]


@pytest.mark.parametrize("verb", [actions.send_again, actions.abandon])
def test_failed_post_can_be_sent_again_or_given_up(channel, verb):
    post = outgoing(channel, state=SendState.FAILED, settled_at=NOW)

    assert verb(post.pk, by=None, now=LATER)


@pytest.mark.parametrize("verb", [actions.send_again, actions.abandon])
def test_unknown_post_is_left_to_the_machine_until_a_person_is_asked(channel, verb):
    post = outgoing(channel, state=SendState.UNKNOWN, look_after=LATER)

    assert not verb(post.pk, by=None, now=NOW)


@pytest.mark.parametrize("verb", [actions.send_again, actions.abandon, actions.mark_sent])
@pytest.mark.parametrize("state", [SendState.QUEUED, SendState.SENDING, SendState.SENT, SendState.CANCELLED])
def test_deciding_twice_changes_nothing(channel, verb, state):
    post = outgoing(channel, state=state)

    assert not verb(post.pk, by=None, now=NOW)
    assert fresh(post).state == state


# Bounces


@pytest.mark.parametrize("of", ["<{key}@luister.example>", "<{hex}.1@luister.example>", "<own-id@luister.example>"])
def test_bounce_is_matched_to_our_mail(channel, of):
    post = outgoing(channel, state=SendState.SENT, external_id="<own-id@luister.example>")
    message_id = of.format(key=post.key, hex=post.key.hex)

    assert actions.bounced(message_id, channel=channel, bounce=bounce(), now=LATER) == post

    state = fresh(post)
    assert (state.state, state.reason_code) == (SendState.BOUNCED, "send.bounced")
    assert state.reason_values["diagnostic"] == "Mailbox full"
    assert jobs("inbox.reply_settled") == [{"outgoing_id": post.pk}]


@pytest.mark.parametrize("message_id", ["", "<stranger@example.net>", "<00000000-0000-4000-8000-000000000000@x>"])
def test_bounce_of_a_strange_mail_is_none_of_ours(channel, message_id):
    post = outgoing(channel, state=SendState.SENT)

    assert actions.bounced(message_id, channel=channel, bounce=bounce(), now=LATER) is None
    assert fresh(post).state == SendState.SENT


def test_bounce_that_is_only_late_changes_nothing(channel):
    post = outgoing(channel, state=SendState.SENT)

    delayed = bounce(permanent=False)

    assert actions.bounced(f"<{post.key}@x>", channel=channel, bounce=delayed, now=LATER) is None


def test_bounce_that_is_faster_than_the_news_of_sending(channel, connector):
    post = outgoing(channel)

    def bounces():
        actions.bounced(f"<{post.key}@x>", channel=channel, bounce=bounce(), now=NOW)
        return Receipt(f"<{post.key}@x>")

    connector.sends.append(bounces)

    state = send(post)
    assert state.state == SendState.BOUNCED
    assert state.post.external_id == f"<{post.key}@x>"


# Echoes


def test_echo_with_our_key_settles_what_was_unknown(channel, connector):
    connector.kind_of_network = Idempotency.ECHO
    post = asked(channel)

    assert actions.echoed(echo(echo_key=str(post.key)), channel=channel, now=LATER) == post

    state = fresh(post)
    assert (state.state, state.external_id, state.post.external_id) == (SendState.SENT, "x-9", "x-9")
    known, is_new = record(echo(), channel=channel, now=LATER)
    assert (known, is_new) == (state.post, False)


def test_echo_without_key_is_matched_by_words_and_place(channel):
    post = asked(channel, parent_external_id="p-1", state=SendState.SENDING)
    asked(channel, parent_external_id="p-2", lane=2)

    actions.echoed(echo(references=("p-1", "p-0")), channel=channel, now=LATER)

    assert fresh(post).state == SendState.SENT


@pytest.mark.parametrize(
    "other",
    [{"text": "Iets anders"}, {"public": False}, {"references": ("p-2",)}, {"posted_at": NOW - timedelta(minutes=6)}],
)
def test_echo_of_something_else_settles_nothing(channel, other):
    post = asked(channel, parent_external_id="p-1")

    assert actions.echoed(echo(**({"references": ("p-1",)} | other)), channel=channel, now=LATER) is None
    assert fresh(post).state == SendState.UNKNOWN


def test_echo_that_could_be_of_two_settles_neither(channel):
    asked(channel)
    asked(channel, lane=2)

    assert actions.echoed(echo(), channel=channel, now=LATER) is None


def test_echo_of_a_known_send_is_not_taken_for_another(channel):
    outgoing(channel, state=SendState.SENT, external_id="x-9")
    post = asked(channel, lane=2)

    actions.echoed(echo(), channel=channel, now=LATER)

    assert fresh(post).state == SendState.UNKNOWN


def test_echo_names_what_a_person_marked_as_sent(channel):
    post = asked(channel)
    actions.mark_sent(post.pk, by=None, now=NOW)

    actions.echoed(echo(echo_key=str(post.key), url="https://example.net/9"), channel=channel, now=LATER)
    record(echo(echo_key=str(post.key)), channel=channel, now=LATER)

    assert fresh(post).external_id == "x-9"
    assert Post.objects.get().url == "https://example.net/9"


def test_echo_of_what_was_taken_back_changes_nothing(channel):
    post = outgoing(channel, state=SendState.CANCELLED)

    actions.echoed(echo(echo_key=str(post.key)), channel=channel, now=LATER)

    assert fresh(post).state == SendState.CANCELLED
    assert not Post.objects.exists()


# Stopping everything


def test_stop_and_resume_sending_leave_an_audit_entry_each(channel):
    member = MembershipFactory(workspace=channel.workspace, role=Role.LEAD)

    assert actions.stop_sending(by=member, now=NOW)
    assert not actions.stop_sending(by=member, now=LATER)
    channel.workspace.refresh_from_db()
    assert channel.workspace.sending_stopped_at == NOW
    assert actions.resume_sending(by=member, now=LATER)
    assert not actions.resume_sending(by=member, now=LATER)

    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == [
        "sending.stopped",
        "sending.resumed",
    ]
    channel.workspace.refresh_from_db()
    assert channel.workspace.sending_stopped_at is None


def test_agents_do_not_stop_sending(channel):
    member = MembershipFactory(workspace=channel.workspace, role=Role.AGENT)

    for act in (actions.stop_sending, actions.resume_sending):
        with pytest.raises(RefusedError):
            act(by=member, now=NOW)


def test_same_words_on_other_channels_are_not_mixed_up(channel):
    elsewhere = PostFactory(external_id="x-9")
    post = asked(channel)

    assert actions.echoed(echo(), channel=elsewhere.channel, now=LATER) is None
    assert Outgoing.objects.get(pk=post.pk).state == SendState.UNKNOWN
