"""One try at sending: whose turn it is, and what each outcome leads to."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from luister.base.connector import Idempotency, Receipt
from luister.base.errors import NotSentError, UnknownOutcomeError
from luister.base.posts import Author
from luister.channels import actions as channel_actions
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.delivery import actions, locks
from luister.delivery.actions import sending
from luister.delivery.enums import AttemptOutcome, SendState
from luister.delivery.models import Attempt, Hold, Outgoing
from luister.posts.files import store
from luister.posts.models import Post
from tests.delivery.helpers import Clock, forget_jobs, fresh, jobs, new_channel, scheduled, send
from tests.factories import NOW, MembershipFactory, OutgoingFactory, OutgoingFileFactory, PostFactory

KEY = UUID("12345678-1234-5678-1234-567812345678")


@pytest.fixture
def outgoing(channel):
    return OutgoingFactory(workspace=channel.workspace, channel=channel, lane=1)


def another(outgoing, **fields):
    return OutgoingFactory(workspace=outgoing.workspace, channel=outgoing.channel, **{"lane": 99, **fields})


def queue(channel, **fields):
    given = {
        "channel": channel,
        "lane": 1,
        "by": None,
        "key": KEY,
        "text": "Goedemorgen",
        "is_public": True,
        "recipient": Author("klant-1"),
        "parent": None,
        "send_after": NOW + timedelta(seconds=10),
        "now": NOW,
    }
    return actions.queue_post(**(given | fields))


def test_queue_post_stores_the_post_and_its_job(channel):
    parent = PostFactory(workspace=channel.workspace, channel=channel, external_id="p1", thread_external_id="t1")

    queued = queue(channel, parent=parent, references=("p0", "p1"), cc=(Author("b@example.net"),))

    stored = fresh(queued)
    assert (stored.state, stored.parent_external_id, stored.thread_external_id) == (SendState.QUEUED, "p1", "t1")
    assert (stored.references, stored.cc[0]["external_id"]) == (["p0", "p1"], "b@example.net")
    assert jobs("delivery.send") == [{"outgoing_id": stored.pk}]
    assert scheduled("delivery.send") == [NOW + timedelta(seconds=10)]


def test_queue_post_leaves_nothing_when_the_change_is_rolled_back(channel):
    with transaction.atomic():
        queue(channel)
        transaction.set_rollback(True)

    assert not Outgoing.objects.exists()
    assert jobs("delivery.send") == []


def test_queue_post_with_a_known_key_is_the_first_post(channel):
    first = queue(channel, text="een")

    second = queue(channel, text="twee")

    assert (second.pk, second.text) == (first.pk, "een")


def test_send_stores_the_post_and_tells_the_inbox(outgoing, connector):
    connector.sends.append(Receipt("x-1", "https://example.net/x-1"))

    sent = send(outgoing, now=NOW + timedelta(seconds=1))

    assert (sent.state, sent.attempts, sent.external_id) == (SendState.SENT, 1, "x-1")
    assert sent.settled_at == NOW + timedelta(seconds=1)
    assert (sent.post.external_id, sent.post.text, sent.post.direction) == ("x-1", outgoing.text, "out")
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.external_id, len(attempt.request_digest)) == (AttemptOutcome.SENT, "x-1", 64)
    assert jobs("inbox.reply_settled") == [{"outgoing_id": outgoing.pk}]
    assert jobs("pipeline.run") == [{"post_id": sent.post_id}]  # monitors ask for it


def test_send_tells_the_connector_everything(channel, connector):
    parent = PostFactory(workspace=channel.workspace, channel=channel, external_id="p1", thread_external_id="t1")
    queued = queue(channel, parent=parent, references=("p0", "p1"), subject="Re: koffer", cc=(Author("b@c.nl"),))

    send(queued, now=NOW + timedelta(seconds=10))

    (post,) = connector.sent
    assert (post.key, post.text, post.public, post.subject) == (str(KEY), "Goedemorgen", True, "Re: koffer")
    assert (post.recipient, post.cc) == (Author("klant-1"), (Author("b@c.nl"),))
    assert (post.parent_external_id, post.thread_external_id, post.references) == ("p1", "t1", ("p0", "p1"))
    assert connector.accounts[-1].secrets == {"token": "geheim"}


def test_send_does_nothing_before_its_time(outgoing, connector):
    later = Outgoing.objects.filter(pk=outgoing.pk)
    later.update(send_after=NOW + timedelta(milliseconds=1))

    assert send(outgoing).state == SendState.QUEUED
    assert connector.sent == []


@pytest.mark.parametrize("state", [SendState.CANCELLED, SendState.SENT, SendState.UNKNOWN, SendState.SENDING])
def test_send_leaves_alone_what_is_not_queued(outgoing, connector, state):
    Outgoing.objects.filter(pk=outgoing.pk).update(state=state)

    assert send(outgoing).state == state
    assert connector.sent == []


@pytest.mark.parametrize("state", ["queued", "sending", "unknown"])
def test_send_waits_for_what_is_before_it_in_its_lane(outgoing, connector, state):
    Outgoing.objects.filter(pk=outgoing.pk).update(state=state, send_after=NOW + timedelta(hours=1))
    second, elsewhere = another(outgoing, lane=1), another(outgoing)

    assert send(second).state == SendState.QUEUED
    assert send(elsewhere).state == SendState.SENT
    assert [post.key for post in connector.sent] == [str(elsewhere.key)]


@pytest.mark.parametrize("outcome", [Receipt("x"), NotSentError("x", permanent=True)])
def test_send_lets_the_next_of_the_lane_go(outgoing, connector, outcome):
    connector.sends.append(outcome)
    second = another(outgoing, lane=1)
    another(outgoing, lane=1)

    send(outgoing)

    assert jobs("delivery.send") == [{"outgoing_id": second.pk}]


@pytest.mark.parametrize("state", [ChannelState.PAUSED, ChannelState.ATTENTION])
def test_send_waits_for_its_channel(outgoing, connector, state):
    Channel.objects.update(state=state)

    assert send(outgoing).state == SendState.QUEUED
    assert connector.sent == []
    assert not Attempt.objects.exists()


def test_send_waits_while_the_workspace_has_stopped_sending(outgoing, connector):
    member = MembershipFactory(workspace=outgoing.workspace, role="administrator")

    actions.stop_sending(by=member, now=NOW)
    assert send(outgoing).state == SendState.QUEUED

    actions.resume_sending(by=member, now=NOW)
    assert jobs("delivery.send") == [{"outgoing_id": outgoing.pk}]
    assert send(outgoing).state == SendState.SENT


def test_send_does_nothing_while_another_session_has_the_lock(outgoing, connector):
    with locks.held([locks.send_key(outgoing.pk)]) as is_ours:
        assert is_ours
        assert send(outgoing).state == SendState.QUEUED
    assert send(outgoing).state == SendState.SENT


@pytest.mark.django_db(transaction=True)
def test_send_refuses_to_call_the_network_inside_a_transaction(outgoing, connector):
    with transaction.atomic(), pytest.raises(RuntimeError):
        send(outgoing)

    assert connector.sent == []


@pytest.mark.django_db(transaction=True)
def test_send_holds_lock_and_commits_the_attempt_before_the_call(outgoing, connector):
    seen = []

    def look():
        seen.append(connection.in_atomic_block)
        with locks.held([locks.send_key(outgoing.pk)]) as is_free:
            seen.append(is_free)
        with locks.connect() as other:
            seen.append(other.execute("SELECT state, attempts FROM delivery_outgoing").fetchone())
            seen.append(other.execute("SELECT count(*) FROM delivery_attempt").fetchone())
        return Receipt("x")

    connector.sends.append(look)
    send(outgoing)

    assert seen == [False, False, ("sending", 1), (1,)]


def test_send_that_certainly_failed_is_tried_again_with_growing_pauses(outgoing, connector, settings):
    settings.LUISTER_RETRY_SECONDS = 5
    clock, pauses = Clock(), []
    for _ in range(8):
        connector.sends.append(NotSentError("http.unreachable", host="example.net"))
        state = send(outgoing, now=clock)
        pauses.append((state.send_after - clock()).total_seconds())
        clock.now = state.send_after

    assert pauses[:7] == [5, 15, 45, 135, 405, 1215, 3600]
    assert (state.state, state.failures, state.reason_code) == (SendState.FAILED, 8, "http.unreachable")
    assert state.reason_values == {"host": "example.net"}
    assert jobs("inbox.reply_settled") == [{"outgoing_id": outgoing.pk}]
    assert len(jobs("delivery.send")) == 7


def test_send_refused_for_good_fails_at_once(outgoing, connector):
    connector.sends.append(NotSentError("practice.empty_text", permanent=True))

    failed = send(outgoing)

    assert (failed.state, failed.reason_code, failed.settled_at) == (SendState.FAILED, "practice.empty_text", NOW)
    assert jobs("inbox.reply_settled") == [{"outgoing_id": outgoing.pk}]


def test_send_with_a_dead_token_stays_queued_and_asks_for_attention(outgoing, connector):
    connector.sends.append(NotSentError("practice.token_refused", needs_attention=True))

    state = send(outgoing)

    channel = Channel.objects.get()
    assert (state.state, state.failures) == (SendState.QUEUED, 0)
    assert (channel.state, channel.reason_code) == (ChannelState.ATTENTION, "practice.token_refused")
    assert send(outgoing).attempts == 1
    channel_actions.works_again(channel, now=NOW)
    assert actions.wake_forgotten(now=NOW + timedelta(seconds=2)) == 1
    assert send(outgoing, now=NOW + timedelta(seconds=2)).state == SendState.SENT


def test_send_that_nobody_answered_for_is_unknown(outgoing, connector):
    connector.sends.append(UnknownOutcomeError("status 500"))

    state = send(outgoing)

    assert (state.state, state.reason_code, state.asked_at) == (SendState.UNKNOWN, "send.unknown", None)
    assert Attempt.objects.get().outcome == AttemptOutcome.UNKNOWN
    assert jobs("inbox.reply_settled") == []


def test_send_that_raises_anything_else_is_unknown_too(outgoing, connector):
    connector.sends.append(KeyError("id"))

    assert send(outgoing).state == SendState.UNKNOWN
    assert Attempt.objects.get().detail == "KeyError: 'id'"


@pytest.mark.parametrize(
    ("kind", "look_after", "asks"),
    [
        (Idempotency.KEY, timedelta(seconds=60), False),
        (Idempotency.OVERWRITE, timedelta(seconds=60), False),
        (Idempotency.LOOKUP, timedelta(seconds=60), False),
        (Idempotency.ECHO, timedelta(seconds=600), False),
        (Idempotency.HUMAN, None, True),
    ],
)
def test_send_of_unknown_outcome_is_resolved_by_its_class(outgoing, connector, kind, look_after, asks):
    connector.kind_of_network = kind
    connector.sends.append(UnknownOutcomeError("reset"))

    state = send(outgoing)

    assert state.look_after == (NOW + look_after if look_after else None)
    assert bool(state.asked_at) is asks
    assert bool(jobs("inbox.reply_settled")) is asks


def test_send_that_was_held_up_before_the_request_lets_it_be(outgoing, connector, monkeypatch):
    times = iter([0.0, 5.1])
    monkeypatch.setattr(sending, "_stopwatch", lambda: next(times))

    state = send(outgoing)

    assert (state.state, state.attempts, state.failures) == (SendState.QUEUED, 1, 0)
    assert connector.sent == []
    assert Attempt.objects.get().outcome == AttemptOutcome.LATE
    assert jobs("delivery.send") == [{"outgoing_id": outgoing.pk}]


def test_send_asks_whether_what_waited_for_hours_should_still_go(outgoing, connector):
    state = send(outgoing, now=NOW + timedelta(hours=4, seconds=1))

    assert (state.state, state.reason_code) == (SendState.FAILED, "send.waited_long")
    assert connector.sent == []
    assert actions.send_again(outgoing.pk, by=None, now=NOW + timedelta(hours=5))
    assert send(outgoing, now=NOW + timedelta(hours=5)).state == SendState.SENT


@pytest.mark.parametrize("kind", [Idempotency.ECHO, Idempotency.HUMAN])
def test_send_has_one_post_under_way_where_nobody_could_tell(outgoing, connector, kind):
    connector.kind_of_network = kind
    second = another(outgoing)
    during = []

    def meanwhile():
        during.append(send(second).state)
        return Receipt("x")

    connector.sends.append(meanwhile)
    send(outgoing)

    assert during == [SendState.QUEUED]
    assert jobs("delivery.send") == [{"outgoing_id": second.pk}]


def test_send_leaves_workers_for_other_channels_when_one_is_slow(outgoing, connector):
    others = [another(outgoing, lane=lane) for lane in range(10, 14)]
    elsewhere = OutgoingFactory(channel=new_channel(workspace=outgoing.workspace), workspace=outgoing.workspace)
    during = []

    def meanwhile(depth=1):
        following = others[depth - 1]
        connector.sends.appendleft((lambda: meanwhile(depth + 1)) if depth < 3 else Receipt("y"))
        during.append(send(following).attempts)
        if depth == 3:
            connector.sends.appendleft(Receipt("z"))
            during.append(send(elsewhere).state)
        return Receipt(f"x-{depth}")

    connector.sends.append(meanwhile)
    send(outgoing)

    assert during == [0, SendState.SENT, 1, 1]  # from the innermost: the fourth of the channel had to wait
    assert {"outgoing_id": others[2].pk} in jobs("delivery.send")


def test_send_without_connector_or_secrets_asks_for_attention(outgoing, connector):
    Channel.objects.update(sealed_secrets=b"not ours")

    assert send(outgoing).state == SendState.QUEUED
    assert Channel.objects.get().reason_code == "send.secrets_unreadable"


# A network that asks us to wait


def test_send_told_to_wait_holds_the_whole_channel(outgoing, connector):
    second = another(outgoing)
    connector.sends.append(NotSentError("practice.rate_limited", retry_after=timedelta(seconds=90)))

    state = send(outgoing)

    until = NOW + timedelta(seconds=90)
    assert (state.state, state.send_after, state.failures) == (SendState.QUEUED, until, 0)
    assert send(second, now=until - timedelta(milliseconds=1)).attempts == 0
    assert scheduled("delivery.wake") == [until]
    assert send(second, now=until).state == SendState.SENT


@pytest.mark.parametrize(
    ("asked", "given"),
    [(timedelta(0), 1), (timedelta(seconds=-5), 1), (timedelta(days=3650), 3600), (timedelta(seconds=7), 7)],
)
def test_send_waits_at_least_a_second_and_at_most_an_hour(outgoing, connector, asked, given):
    connector.sends.append(NotSentError("practice.rate_limited", retry_after=asked))

    assert send(outgoing).send_after == NOW + timedelta(seconds=given)


def test_after_the_wait_one_post_tries_first(outgoing, connector):
    second = another(outgoing)
    Hold.objects.create(channel=outgoing.channel, until=NOW)
    during = []

    def meanwhile():
        during.append(send(second).attempts)
        return Receipt("x")

    connector.sends.append(meanwhile)
    send(outgoing)

    assert during == [0]
    assert not Hold.objects.exists()
    assert {"outgoing_id": second.pk} in jobs("delivery.send")


def test_a_probe_that_is_told_to_wait_again_keeps_the_others_waiting(outgoing, connector):
    second = another(outgoing)
    Hold.objects.create(channel=outgoing.channel, until=NOW)
    connector.sends.append(NotSentError("practice.rate_limited", retry_after=timedelta(seconds=30)))
    send(outgoing)

    assert send(second, now=NOW + timedelta(seconds=29)).attempts == 0
    assert send(second, now=NOW + timedelta(seconds=30)).attempts == 1


def test_an_answer_to_an_earlier_request_does_not_end_the_wait(outgoing, connector):
    def told_to_wait_meanwhile():
        Hold.objects.create(channel=outgoing.channel, until=NOW + timedelta(seconds=60))
        return Receipt("x")

    connector.sends.append(told_to_wait_meanwhile)
    send(outgoing)

    assert Hold.objects.exists()


def test_wake_channel_defers_the_first_of_each_lane_once(outgoing):
    second, waiting = another(outgoing), another(outgoing, lane=1)
    forget_jobs()

    actions.wake_channel(outgoing.channel_id, now=NOW)
    actions.wake_channel(outgoing.channel_id, now=NOW)

    assert jobs("delivery.send") == [{"outgoing_id": outgoing.pk}, {"outgoing_id": second.pk}]
    assert waiting.pk not in {job["outgoing_id"] for job in jobs("delivery.send")}


def test_post_that_was_sent_is_stored_once_also_when_its_echo_was_faster(outgoing, connector):
    PostFactory(workspace=outgoing.workspace, channel=outgoing.channel, external_id="x", author=None, direction="out")
    connector.sends.append(Receipt("x"))

    sent = send(outgoing)

    assert sent.post == Post.objects.get(external_id="x")


def test_file_that_is_gone_ends_as_a_failed_send(outgoing, connector, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    OutgoingFileFactory(outgoing=outgoing, name="balie.pdf", stored_as=store(b"%PDF-"))
    OutgoingFileFactory(outgoing=outgoing, name="weg.pdf", stored_as="0" * 32)

    stored = send(outgoing)

    assert (stored.state, stored.reason_code) == (SendState.FAILED, "send.file_gone")
    assert stored.reason_values == {"name": "weg.pdf"}
    assert connector.sent == []
    assert jobs("inbox.reply_settled") == [{"outgoing_id": outgoing.pk}]


def test_proposed_post_that_is_approved_late_waits_for_one_that_is_under_way(outgoing, connector):
    Outgoing.objects.filter(pk=outgoing.pk).update(state=SendState.PROPOSED)
    later = OutgoingFactory(workspace=outgoing.workspace, channel=outgoing.channel, lane=outgoing.lane)
    connector.sends.append(UnknownOutcomeError("reset"))
    assert send(later).state == SendState.UNKNOWN

    assert actions.approve_post(outgoing.pk, by=None, send_after=NOW, now=NOW)

    assert send(outgoing).state == SendState.QUEUED
    assert len(connector.sent) == 1
