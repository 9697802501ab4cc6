"""Customers keep coming and answer us, in the same order each time, and nobody says a thing twice."""

import threading
from datetime import timedelta
from itertools import islice

import pytest
from django.db import OperationalError

from luister.accounts.models import Membership, Workspace
from luister.base.connector import Idempotency, Receipt
from luister.base.ids import new_uuid
from luister.delivery import actions as delivery
from luister.delivery.actions import settling
from luister.delivery.models import Outgoing, RawItem
from luister.demo import queries, traffic
from luister.demo.answers import thread_of
from luister.demo.arrivals import GAP_SECONDS, arrivals
from luister.demo.script import Place, Stage, read, threads
from luister.demo.traffic import Traffic
from luister.inbox.actions import replies
from luister.inbox.enums import ReplyEffect
from luister.inbox.models import Case, Reply
from luister.pipeline import actions as pipeline
from luister.posts.models import Post
from luister.practice import actions as practice
from luister.practice.core import Draft
from luister.practice.models import Post as PracticePost
from luister.practice.store import DatabaseStore
from luister.queue import collecting
from tests.demo.conftest import NOW

db = pytest.mark.django_db


def come(stage, number, *, seed="1"):
    return [(one.gap, one.customer.handle, one.thread.key) for one in islice(arrivals(stage, seed=seed), number)]


@pytest.mark.parametrize("stage", list(Stage))
def test_arrivals_are_the_same_for_the_same_seed(stage):
    assert come(stage, 60) == come(stage, 60)
    assert come(stage, 60) != come(stage, 60, seed="2")


@pytest.mark.parametrize("stage", list(Stage))
def test_arrivals_never_end_and_never_repeat(stage):
    keys = [key for _, _, key in come(stage, 500)]

    assert len(set(keys)) == 500


def test_arrivals_tell_every_written_thread_that_waits():
    keys = {key for _, _, key in come(Stage.BUSY, 300)}

    assert {thread.key for thread in threads() if not thread.stages} <= keys


@pytest.mark.parametrize("stage", list(Stage))
def test_arrivals_come_at_the_pace_of_their_stage(stage):
    gaps = [gap.total_seconds() for gap, _, _ in come(stage, 300)]

    assert sum(gaps) / len(gaps) == pytest.approx(GAP_SECONDS[stage], rel=0.15)


def test_thread_of_a_generated_post_knows_what_its_writer_may_say():
    arrival = next(one for one in arrivals(Stage.CRISIS, seed="1") if one.thread.key.startswith("storm-"))

    thread = thread_of(f"demo:{arrival.thread.key}:0")

    assert thread is not None
    assert (thread.then, thread.language) == (arrival.thread.then, arrival.thread.language)
    assert thread_of("demo:storm-nothing-koen:0") is None


def said(workspace):
    """Return the names of what was said since the demo was loaded."""
    mailbox = queries.channel_of(workspace, kind="email")
    return queries.practice_keys("demo:") | queries.mail_keys(mailbox, "demo:")


def run_for(flow, minutes, *, since=NOW):
    for seconds in range(0, minutes * 60, 10):
        flow.tick(now=since + timedelta(seconds=seconds))


@db
def test_traffic_lets_customers_come(workspace):
    before = said(workspace)

    run_for(Traffic(), 10)

    new = said(workspace) - before
    expected = [f"demo:{key}:0" for _, _, key in come(Stage.BUSY, 100, seed="waterland")]
    assert 8 <= len(new) <= 25
    assert new == set(expected[: len(new)])


@db
def test_traffic_goes_on_after_a_restart(workspace):
    before = said(workspace)

    run_for(Traffic(), 5)
    run_for(Traffic(), 5, since=NOW + timedelta(minutes=5))

    new = said(workspace) - before
    expected = [f"demo:{key}:0" for _, _, key in come(Stage.BUSY, 100, seed="waterland")]
    assert new == set(expected[: len(new)])


@db
def test_traffic_hands_mail_in_as_if_it_was_fetched(workspace, monkeypatch):
    letter = next(one for one in arrivals(Stage.QUIET, seed="waterland") if one.thread.place is Place.MAIL)
    other = next(one for one in arrivals(Stage.QUIET, seed="waterland") if one.thread.place is Place.PUBLIC)
    monkeypatch.setattr(traffic, "arrivals", lambda *_, **__: iter([letter, letter, other]))
    flow = Traffic()

    with collecting() as deferred:
        flow.tick(now=NOW)
        flow.tick(now=NOW + timedelta(hours=1))

    raw = RawItem.objects.get(external_key=f"demo:{letter.thread.key}:0", workspace=workspace)
    assert [job.arguments for job in deferred] == [{"raw_ids": [raw.pk]}]


@db
def test_traffic_waits_while_the_desk_is_full(workspace, monkeypatch):
    before = said(workspace)
    monkeypatch.setitem(traffic.MOST_OPEN, Stage.BUSY, 0)

    run_for(Traffic(), 5)

    assert said(workspace) == before


@db
def test_traffic_without_a_demo_does_nothing(workspace):
    before = said(workspace)
    Workspace.objects.update(is_demo=False)

    run_for(Traffic(), 5)

    assert said(workspace) == before


def answer(case, text, *, now, effect=ReplyEffect.COMPLETE):
    """Answer as a colleague, with the network's receipt."""
    member = Membership.objects.get(workspace=case.workspace, user__email="marit@waterland.example")
    written = replies.Written(text, case.is_public, effect, new_uuid(), seen_version=0, anyway=True)
    reply = replies.send_reply(case.pk, written, by=member, now=now)
    outgoing = Outgoing.objects.get(pk=reply.outgoing_id)
    external_id = f"<{outgoing.key}@waterland.example>"
    if case.channel.kind == "practice":
        store = DatabaseStore()
        parent = store.post(outgoing.parent_external_id)
        brand = store.person("waterland")
        external_id = store.publish(Draft(brand, outgoing.text, parent=parent), now=now).id
    settling.sent(settling.Try(outgoing.pk, 0, Idempotency.KEY), Receipt(external_id), now=now)
    return reply


def hear_all(workspace, *, now):
    """Take in what came by mail, as the worker would."""
    for raw in RawItem.objects.filter(workspace=workspace, state="new"):
        delivery.process_raw([raw.pk], now=now)
    for post in Post.objects.filter(workspace=workspace):
        pipeline.run(post.pk, now=now)


@pytest.fixture
def talkative(monkeypatch):
    monkeypatch.setattr("luister.demo.answers.THANKS_SHARE", 1.0)
    monkeypatch.setattr("luister.demo.answers.HOLD_SHARE", 1.0)
    monkeypatch.setattr("luister.demo.traffic.arrivals", lambda *_, **__: iter(arrivals(Stage.QUIET, seed="other")))


@db
@pytest.mark.usefixtures("talkative")
def test_customer_answers_us_on_the_practice_network_once(workspace):
    case = Case.objects.get(workspace=workspace, contact__name="Thijmen Rozema")
    reply = answer(case, "Loop maar naar rij 1, daar laten we je voor.", now=NOW)
    flow = Traffic()

    flow.tick(now=NOW + timedelta(seconds=2))
    early = PracticePost.objects.filter(key=f"demo:then:{reply.outgoing.key}").count()
    for seconds in (60, 70, 80):
        flow.tick(now=NOW + timedelta(seconds=seconds))

    thanks = PracticePost.objects.get(key=f"demo:then:{reply.outgoing.key}")
    written = next(thread for thread in threads() if thread.key == "rij-tot-buiten")
    assert early == 0
    assert thanks.author.handle == "thijmen_r"
    assert thanks.text in written.then
    assert str(thanks.parent_id) == Outgoing.objects.get(pk=reply.outgoing_id).external_id


@db
@pytest.mark.usefixtures("talkative")
def test_customer_answers_our_mail_in_its_thread(workspace):
    case = Case.objects.get(workspace=workspace, contact__name="Bregje Lindeboom")
    reply = answer(case, "Dag Bregje,\n\nZaal De Toren is vrij.", now=NOW)

    Traffic().tick(now=NOW + timedelta(seconds=60))
    hear_all(workspace, now=NOW + timedelta(seconds=61))

    case.refresh_from_db()
    last = case.last_post
    assert last.text.startswith("Beste,\n\nDank voor het snelle voorstel")
    assert last.parent == Outgoing.objects.get(pk=reply.outgoing_id).post
    assert case.state == "open"


@db
@pytest.mark.usefixtures("talkative")
def test_customer_who_has_to_wait_says_they_will(workspace):
    case = Case.objects.get(workspace=workspace, contact__name="Karin Stoffels")
    reply = answer(case, "We bellen nu met de assistentie.", now=NOW, effect=ReplyEffect.KEEP_OPEN)

    Traffic().tick(now=NOW + timedelta(seconds=60))

    text = PracticePost.objects.get(key=f"demo:then:{reply.outgoing.key}").text
    assert text in [line.format(agent="Marit") for line in read("thanks.toml")["hold"]["nl"]]


@db
@pytest.mark.usefixtures("talkative")
def test_customer_whom_a_person_plays_is_left_to_them(workspace):
    person = practice.known_customer("iemand", name="Iemand", now=NOW)
    played = practice.say("@waterland hoe laat gaat de winkel open?", by=person, now=NOW)
    case = Case.objects.filter(workspace=workspace, is_public=True).first()
    Case.objects.filter(pk=case.pk).update(thread_external_id=played.id, state="open")
    case.identity.handle = "iemand"
    case.identity.save(update_fields=["handle"])
    reply = answer(Case.objects.get(pk=case.pk), "Om zeven uur!", now=NOW)

    Traffic().tick(now=NOW + timedelta(seconds=60))

    assert not PracticePost.objects.filter(key=f"demo:then:{reply.outgoing.key}").exists()


@db
def test_customers_answer_or_keep_silent_always_the_same(workspace):
    lately = queries.answered_lately(workspace, now=NOW)

    assert [reply.pk for reply in lately] == sorted(reply.pk for reply in lately)
    assert all(reply.outgoing.settled_at > NOW - queries.LATELY for reply in lately)
    assert Reply.objects.filter(workspace=workspace).count() > len(lately)


def test_run_ends_when_told_and_survives_the_loss_of_the_database(monkeypatch):
    stop, ticks = threading.Event(), []

    class Broken:
        def tick(self, *, now):
            ticks.append(now)
            if len(ticks) == 2:
                stop.set()
            raise OperationalError

    monkeypatch.setattr(traffic, "Traffic", Broken)
    monkeypatch.setattr(traffic, "TICK_SECONDS", 0.001)
    monkeypatch.setattr(traffic, "LOST_SECONDS", 0.001)
    monkeypatch.setattr(traffic.connection, "close", lambda: None)

    traffic.run(stop, clock=lambda: NOW)

    assert ticks == [NOW, NOW]
