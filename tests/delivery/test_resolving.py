"""Posts of which nobody knows whether they were sent."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from luister.base.connector import Idempotency, Receipt
from luister.base.errors import ConnectorError
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.delivery import actions, locks
from luister.delivery.actions import resolving
from luister.delivery.enums import SendState
from luister.delivery.models import Attempt, Outgoing
from luister.posts.models import Post
from tests.delivery.helpers import Clock, forget_jobs, fresh, jobs, send
from tests.factories import NOW, AttemptFactory, OutgoingFactory

LATER = NOW + timedelta(seconds=91)


def in_doubt(channel, **fields):
    """A post that is being sent by a worker, or was."""
    given = {"state": SendState.SENDING, "attempts": 1, "attempted_at": NOW, "lane": 1}
    outgoing = OutgoingFactory(workspace=channel.workspace, channel=channel, **(given | fields))
    AttemptFactory(outgoing=outgoing, number=outgoing.attempts, started_at=NOW)
    return outgoing


def unknown(channel, **fields):
    return in_doubt(channel, **({"state": SendState.UNKNOWN, "look_after": NOW} | fields))


def resolve(channel, *, now=LATER):
    actions.resolve(channel.pk, clock=now if callable(now) else lambda: now)


@pytest.fixture
def locking(db):
    with locks.connect() as connection:
        yield connection


# Workers that are gone


def test_flag_abandoned_finds_what_nobody_holds(channel, locking):
    outgoing = in_doubt(channel)

    assert actions.flag_abandoned(locking, now=NOW) == 1

    state = fresh(outgoing)
    assert (state.state, state.asked_at) == (SendState.UNKNOWN, None)
    assert state.look_after == NOW + timedelta(seconds=30 + 60)
    assert Attempt.objects.get().outcome == ""
    with locks.held([locks.send_key(outgoing.pk)]) as is_free:
        assert is_free


def test_flag_abandoned_leaves_alone_what_a_worker_holds(channel, locking):
    outgoing = in_doubt(channel)

    with locks.held([locks.send_key(outgoing.pk)]):
        assert actions.flag_abandoned(locking, now=LATER) == 0

    assert fresh(outgoing).state == SendState.SENDING


def test_flag_abandoned_asks_at_once_where_nobody_could_tell(channel, connector, locking):
    connector.kind_of_network = Idempotency.HUMAN
    outgoing = in_doubt(channel)

    actions.flag_abandoned(locking, now=NOW)

    assert fresh(outgoing).asked_at == NOW
    assert jobs("inbox.reply_settled") == [{"outgoing_id": outgoing.pk}]


def test_flag_abandoned_says_so_when_a_worker_hangs_for_minutes(channel, locking):
    outgoing = in_doubt(channel)

    with locks.held([locks.send_key(outgoing.pk)]):
        assert actions.flag_abandoned(locking, now=NOW + timedelta(seconds=449)) == 0
        assert actions.flag_abandoned(locking, now=NOW + timedelta(seconds=451)) == 1

    state = fresh(outgoing)
    assert (state.state, state.reason_code) == (SendState.UNKNOWN, "send.stuck")
    assert state.asked_at is not None


def test_a_worker_that_lives_after_all_brings_the_good_news(channel, connector, locking):
    outgoing = OutgoingFactory(workspace=channel.workspace, channel=channel)

    def taken_for_dead():
        Outgoing.objects.filter(pk=outgoing.pk).update(state=SendState.UNKNOWN, look_after=LATER)
        return Receipt("x")

    connector.sends.append(taken_for_dead)

    assert send(outgoing).state == SendState.SENT


# By class


def test_look_due_defers_each_channel_once(channel):
    unknown(channel)
    unknown(channel, lane=2)
    unknown(channel, lane=3, look_after=NOW + timedelta(seconds=1))

    actions.look_due(now=NOW)
    actions.look_due(now=NOW)

    assert jobs("delivery.resolve") == [{"channel_id": channel.pk}]


@pytest.mark.parametrize("kind", [Idempotency.KEY, Idempotency.OVERWRITE])
def test_resolve_sends_again_where_that_does_no_harm(channel, connector, kind):
    connector.kind_of_network = kind
    outgoing = unknown(channel)

    resolve(channel)

    assert fresh(outgoing).state == SendState.QUEUED
    assert jobs("delivery.send") == [{"outgoing_id": outgoing.pk}]
    assert send(outgoing, now=LATER).state == SendState.SENT
    assert connector.sent[0].key == str(outgoing.key)


def test_resolve_does_not_rely_on_a_key_that_the_network_may_have_forgotten(channel):
    outgoing = unknown(channel)

    resolve(channel, now=NOW + timedelta(minutes=50))

    state = fresh(outgoing)
    assert (state.state, state.asked_at) == (SendState.UNKNOWN, NOW + timedelta(minutes=50))
    assert jobs("inbox.reply_settled") == [{"outgoing_id": outgoing.pk}]


def test_resolve_gives_up_after_eight_times(channel):
    outgoing = unknown(channel, failures=7)

    resolve(channel)

    assert fresh(outgoing).asked_at == LATER
    assert jobs("delivery.send") == []


def test_resolve_by_look_up_finds_the_post(channel, connector):
    connector.kind_of_network = Idempotency.LOOKUP
    connector.look_ups.append(Receipt("x-7", "https://example.net/x-7"))
    outgoing = unknown(channel)

    resolve(channel)

    state = fresh(outgoing)
    assert (state.state, state.external_id) == (SendState.SENT, "x-7")
    assert Post.objects.get().external_id == "x-7"
    assert connector.sent == []


def test_resolve_by_look_up_sends_again_what_is_not_there(channel, connector):
    connector.kind_of_network = Idempotency.LOOKUP
    connector.look_ups.append(None)
    outgoing = unknown(channel)

    resolve(channel)

    assert fresh(outgoing).state == SendState.QUEUED


def test_resolve_by_look_up_passes_over_other_sends_of_the_same_words(channel, connector):
    connector.kind_of_network = Idempotency.LOOKUP
    same = {"workspace": channel.workspace, "channel": channel, "state": SendState.SENT}
    OutgoingFactory(**same, text="Dank u", external_id="x-1")
    OutgoingFactory(**same, text="Iets anders", external_id="x-2")
    unknown(channel, text="Dank u")

    resolve(channel)

    assert connector.looked_up[0].taken == {"x-1"}


def test_resolve_does_not_give_one_post_to_two_sends(channel, connector):
    connector.kind_of_network = Idempotency.LOOKUP
    first, second = unknown(channel, text="Dank u"), unknown(channel, text="Dank u", lane=2)
    connector.look_ups.extend([Receipt("x-1"), None])

    resolve(channel)

    assert connector.looked_up[1].taken == {"x-1"}
    assert (fresh(first).state, fresh(second).state) == (SendState.SENT, SendState.QUEUED)


@pytest.mark.parametrize("error", [ConnectorError("http.unreachable"), KeyError("posts")])
def test_resolve_that_could_not_look_looks_again_later(channel, connector, error):
    connector.kind_of_network = Idempotency.LOOKUP
    connector.look_ups.extend([error, Receipt("x")])
    first, second = unknown(channel), unknown(channel, lane=2)

    resolve(channel)

    assert (fresh(first).state, fresh(second).state) == (SendState.UNKNOWN, SendState.UNKNOWN)
    assert fresh(second).look_after == LATER + resolving.LOOK_AGAIN
    assert fresh(second).unlooked_since == fresh(first).unlooked_since == LATER
    assert len(connector.looked_up) == 1


def test_resolve_that_could_not_look_for_long_asks(channel, connector):
    connector.kind_of_network = Idempotency.LOOKUP
    refused = ConnectorError("practice.token_refused", needs_attention=True)
    connector.look_ups.extend([refused, refused, refused])
    outgoing = unknown(channel)

    for minutes in (1, 10):
        resolve(channel, now=NOW + timedelta(minutes=minutes))
        assert fresh(outgoing).asked_at is None
    resolve(channel, now=NOW + timedelta(minutes=12))

    assert fresh(outgoing).asked_at is not None
    assert Channel.objects.get().state == ChannelState.ATTENTION


def test_resolve_after_a_long_outage_tries_to_look_as_long_as_ever(channel, connector):
    connector.kind_of_network = Idempotency.LOOKUP
    connector.look_ups.extend([ConnectorError("http.unreachable"), Receipt("x")])
    outgoing = unknown(channel)

    for minutes in (300, 305):
        resolve(channel, now=NOW + timedelta(minutes=minutes))

    assert (fresh(outgoing).asked_at, fresh(outgoing).state) == (None, SendState.SENT)


def test_resolve_that_could_look_in_between_begins_its_patience_anew(channel, connector):
    connector.kind_of_network = Idempotency.LOOKUP
    connector.look_ups.extend([ConnectorError("http.unreachable"), None])
    outgoing = unknown(channel)

    for minutes in (1, 2):
        resolve(channel, now=NOW + timedelta(minutes=minutes))

    assert (fresh(outgoing).unlooked_since, fresh(outgoing).state) == (None, SendState.QUEUED)


def test_resolve_that_lost_the_database_asks_nobody(channel, connector, monkeypatch):
    def breaks(*_given):
        raise OperationalError

    connector.kind_of_network = Idempotency.LOOKUP
    monkeypatch.setattr(resolving, "taken", breaks)
    outgoing = unknown(channel)

    with pytest.raises(OperationalError):
        resolve(channel, now=NOW + timedelta(minutes=11))

    assert (fresh(outgoing).asked_at, fresh(outgoing).look_after) == (None, NOW)


def test_resolve_of_an_echo_that_did_not_come_asks(channel, connector):
    connector.kind_of_network = Idempotency.ECHO
    outgoing = unknown(channel)

    resolve(channel)

    assert fresh(outgoing).asked_at == LATER


def test_resolve_waits_for_its_time(channel):
    outgoing = unknown(channel, look_after=LATER + timedelta(seconds=1))

    resolve(channel)

    assert fresh(outgoing).state == SendState.UNKNOWN


@pytest.mark.parametrize("key", [locks.send_key, locks.look_up_key])
def test_resolve_keeps_off_while_another_is_at_it(channel, key):
    outgoing = unknown(channel)

    with locks.held([key(outgoing.pk if key is locks.send_key else channel.pk)]):
        resolve(channel)

    assert fresh(outgoing).state == SendState.UNKNOWN


def test_resolve_leaves_to_a_person_what_a_person_was_asked(channel, connector):
    connector.kind_of_network = Idempotency.LOOKUP
    outgoing = unknown(channel)

    def asked_meanwhile():
        Outgoing.objects.filter(pk=outgoing.pk).update(asked_at=NOW)

    connector.look_ups.append(asked_meanwhile)
    resolve(channel)

    assert fresh(outgoing).state == SendState.UNKNOWN


def test_unknown_post_keeps_its_place_in_the_lane(channel, connector):
    first = unknown(channel)
    second = OutgoingFactory(workspace=channel.workspace, channel=channel, lane=1)
    clock = Clock(LATER)

    assert send(second, now=clock).state == SendState.QUEUED
    resolve(channel, now=clock)
    assert send(second, now=clock).state == SendState.QUEUED
    forget_jobs()
    send(first, now=clock)

    assert jobs("delivery.send") == [{"outgoing_id": second.pk}]
    send(second, now=clock)
    assert [post.key for post in connector.sent] == [str(first.key), str(second.key)]
