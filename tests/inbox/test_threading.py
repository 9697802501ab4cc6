"""One case per thread and customer."""

import random
import threading as threads
from datetime import timedelta

import pytest
from django.db import connection

from luister.base.posts import Author, Automatic
from luister.channels.enums import Publicness
from luister.events.models import Event
from luister.inbox.actions.threading import thread, thread_all
from luister.inbox.enums import CaseState
from luister.inbox.models import Case, CasePost
from luister.posts.actions import record
from luister.posts.models import Post
from tests.factories import NOW, ChannelFactory, OutgoingFactory
from tests.inbox.helpers import ANNA, BRAM, mailed, said, take_in

CLEO = Author("cleo", "Cleo Smit", "@cleo")

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def channel():
    return ChannelFactory(publicness=Publicness.BOTH)


def posts_of(case, *, context=False):
    links = CasePost.objects.filter(case=case, is_context=context).order_by("id")
    return list(links.values_list("post__external_id", flat=True))


def test_a_post_that_addresses_us_opens_a_case(channel):
    post, threaded = take_in(said("p1", text="Waar is mijn koffer?"), channel=channel)

    case = threaded.case
    assert threaded.is_new
    assert (case.number, case.state, case.subject) == (1, CaseState.OPEN, "Waar is mijn koffer?")
    assert Case.objects.get().waiting_since == post.received_at
    assert posts_of(case) == ["p1"]


def test_the_same_post_again_changes_nothing(channel):
    take_in(said("p1"), channel=channel)
    _, again = take_in(said("p1"), channel=channel)

    assert not again.is_new
    assert (Case.objects.count(), CasePost.objects.count(), Case.objects.get().version) == (1, 1, 1)


def test_a_customers_next_post_in_the_thread_joins_and_reopens(channel):
    _, first = take_in(said("p1"), channel=channel)
    Case.objects.update(state=CaseState.COMPLETED, waiting_since=None)

    _, second = take_in(said("p2", thread_external_id="p1", references=("p1",)), channel=channel, minutes=5)

    case = Case.objects.get()
    assert second.case == first.case
    assert (case.state, case.version) == (CaseState.OPEN, 2)
    assert case.waiting_since == NOW + timedelta(minutes=5)


def test_a_closed_case_is_final(channel):
    _, first = take_in(said("p1"), channel=channel)
    Case.objects.update(state=CaseState.CLOSED)

    _, second = take_in(said("p2", thread_external_id="p1", references=("p1",)), channel=channel)

    assert second.is_new
    assert second.case != first.case
    assert posts_of(second.case, context=True) == ["p1"]


def test_another_customer_in_the_thread_has_their_own_case_and_is_context(channel):
    _, annas = take_in(said("p1"), channel=channel)
    _, brams = take_in(said("p2", by=BRAM, thread_external_id="p1", references=("p1",)), channel=channel)

    assert brams.is_new
    assert posts_of(annas.case) == ["p1"]
    assert posts_of(annas.case, context=True) == ["p2"]
    assert posts_of(brams.case, context=True) == ["p1"]


def test_a_post_that_does_not_address_us_is_context_only(channel):
    _, annas = take_in(said("p1"), channel=channel)
    _, nobody = take_in(said("p2", by=BRAM, thread_external_id="p1", addressed=False), channel=channel)

    assert nobody.case is None
    assert posts_of(annas.case, context=True) == ["p2"]


def test_private_posts_are_never_context_for_others(channel):
    take_in(said("p1"), channel=channel)
    take_in(said("m1", by=BRAM, public=False, thread_external_id="p1"), channel=channel)

    assert not CasePost.objects.filter(is_context=True, post__is_public=False).exists()


def test_a_mail_joins_the_case_of_the_mail_it_answers(channel):
    _, first = take_in(mailed("<1@x>"), channel=channel)
    _, second = take_in(mailed("<2@x>", references=("<1@x>",)), channel=channel)

    assert second.case == first.case


def test_a_forged_reference_gets_its_own_case_and_a_warning(channel):
    _, annas = take_in(mailed("<1@x>"), channel=channel)
    post, brams = take_in(mailed("<2@x>", by=BRAM, references=("<1@x>",)), channel=channel)

    assert brams.is_new
    assert posts_of(annas.case) == ["<1@x>"]
    assert not CasePost.objects.filter(case=brams.case, post__external_id="<1@x>").exists()
    assert post.notices == [{"code": "case.refers_to_other", "values": {"number": str(annas.case.number)}}]


def test_an_answer_that_is_faster_than_the_news_of_our_send_finds_its_case(channel):
    _, annas = take_in(mailed("<1@x>"), channel=channel)
    sent = OutgoingFactory(workspace=channel.workspace, channel=channel, lane=annas.case.pk)

    _, answer = take_in(mailed("<2@x>", references=(f"<{sent.key}@luister.example>",)), channel=channel)

    assert answer.case == annas.case


@pytest.mark.parametrize("automatic", [Automatic.AUTO_REPLY, Automatic.BULK, Automatic.RECEIPT])
def test_automatic_mail_joins_but_does_not_reopen(channel, automatic):
    _, annas = take_in(mailed("<1@x>"), channel=channel)
    Case.objects.update(state=CaseState.COMPLETED, waiting_since=None)

    _, robot = take_in(mailed("<2@x>", references=("<1@x>",), automatic=automatic), channel=channel)

    case = Case.objects.get()
    assert robot.case == annas.case
    assert (case.state, case.waiting_since) == (CaseState.COMPLETED, None)


def test_automatic_mail_out_of_the_blue_opens_nothing(channel):
    _, robot = take_in(mailed("<1@x>", automatic=Automatic.BULK), channel=channel)

    assert robot.case is None
    assert not Case.objects.exists()


def test_what_a_colleague_wrote_on_the_network_itself_joins_the_case(channel):
    _, annas = take_in(said("p1"), channel=channel)
    _, ours = take_in(said("p2", ours=True, thread_external_id="p1", references=("p1",)), channel=channel)

    assert ours.case == annas.case
    assert Case.objects.get().version == 2


def test_two_channels_never_share_a_case(channel):
    other = ChannelFactory(workspace=channel.workspace)
    _, here = take_in(said("p1"), channel=channel)
    _, there = take_in(said("p1"), channel=other)

    assert here.case != there.case


@pytest.mark.django_db(transaction=True)
def test_posts_of_one_customer_that_arrive_at_once_share_a_case():
    channel = ChannelFactory()
    posts = [
        record(said(f"p{n}", thread_external_id="p0", references=("p0",)), channel=channel, now=NOW)[0]
        for n in range(8)
    ]
    barrier = threads.Barrier(4)

    def work(mine):
        barrier.wait()
        for post in mine:
            thread(post, now=NOW)
        connection.close()

    running = [threads.Thread(target=work, args=(posts[n::4],)) for n in range(4)]
    for each in running:
        each.start()
    for each in running:
        each.join()

    assert Case.objects.count() == 1
    assert CasePost.objects.filter(is_context=False).count() == 8
    assert Case.objects.get().version == 8


def test_a_known_identity_keeps_its_contact(channel):
    _, first = take_in(said("p1", by=ANNA), channel=channel)
    _, second = take_in(said("p9", by=ANNA), channel=channel)

    assert first.case != second.case
    assert first.case.contact_id == second.case.contact_id


# Many at once


def a_crowded_day(dice):
    """Posts of a few customers in a few threads: some of ours, some private, some that a machine wrote."""
    inbounds = []
    for number in range(40):
        root = dice.randrange(6)
        by = dice.choice([ANNA, BRAM, CLEO])
        earlier = [one for one in inbounds if one.thread_external_id == f"t{root}"]
        inbounds.append(
            said(
                f"p{number}",
                by=by,
                at=NOW + timedelta(minutes=dice.randrange(60)),
                thread_external_id=f"t{root}",
                references=(dice.choice(earlier).external_id,) if earlier and dice.random() < 0.7 else (),
                ours=dice.random() < 0.15,
                public=dice.random() < 0.8,
                addressed=dice.random() < 0.8,
                automatic=Automatic.AUTO_REPLY if dice.random() < 0.1 else None,
            )
        )
    return inbounds


def everything(channel):
    cases = Case.objects.filter(channel=channel).order_by("number")
    fields = ("number", "state", "version", "is_public", "last_post__external_id", "last_post_at", "waiting_since")
    numbers = dict(cases.values_list("pk", "number"))
    links = CasePost.objects.filter(case__channel=channel)
    events = Event.objects.filter(workspace=channel.workspace).order_by("id").values_list("name", "case_id")
    return (
        list(cases.values_list(*fields, "identity__external_id", "thread_external_id", "subject", "state_since")),
        sorted(links.values_list("case__number", "post__external_id", "is_context", "version")),
        sorted((numbers[case_id], name) for name, case_id in events),
        sorted(Post.objects.filter(channel=channel).values_list("external_id", "notices__0__code")),
    )


@pytest.mark.parametrize("seed", range(6))
def test_posts_that_come_together_end_as_if_they_had_come_one_by_one(seed):
    dice = random.Random(seed)
    inbounds = a_crowded_day(dice)
    alone, together = (ChannelFactory(publicness=Publicness.BOTH) for _ in range(2))
    half = len(inbounds) // 2

    for inbound in inbounds[:half]:
        take_in(inbound, channel=alone)
    Case.objects.filter(channel=alone, number=1).update(state=CaseState.CLOSED)
    Case.objects.filter(channel=alone, number=2).update(state=CaseState.COMPLETED, waiting_since=None)
    for inbound in inbounds[half:]:
        take_in(inbound, channel=alone)
    thread_all([record(inbound, channel=together, now=NOW)[0] for inbound in inbounds[:half]], now=NOW)
    Case.objects.filter(channel=together, number=1).update(state=CaseState.CLOSED)
    Case.objects.filter(channel=together, number=2).update(state=CaseState.COMPLETED, waiting_since=None)
    thread_all([record(inbound, channel=together, now=NOW)[0] for inbound in inbounds[half:]], now=NOW)

    assert everything(together) == everything(alone)
