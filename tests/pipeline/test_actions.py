"""What happens to a post that comes in, in order."""

from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from luister.base.posts import Author, Automatic, Bounce
from luister.channels.enums import Publicness
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from luister.inbox.models import Case, Notification
from luister.listening.models import Mention
from luister.pipeline import actions
from luister.pipeline.actions import run, run_all
from luister.pipeline.order import STEPS
from luister.posts.actions import record, record_all
from luister.posts.models import SearchText
from tests.delivery.helpers import jobs
from tests.factories import NOW, ChannelFactory, MembershipFactory, MonitorFactory, OutgoingFactory, ReplyFactory
from tests.inbox.helpers import ANNA, BRAM, mailed, said, take_in
from tests.understanding.helpers import a_machine

pytestmark = pytest.mark.django_db

KEY = uuid4()


@pytest.fixture
def channel():
    return ChannelFactory(publicness=Publicness.PRIVATE)


def pass_through(inbound, channel):
    post, _ = record(inbound, channel=channel, now=NOW)
    return run(post.pk, now=NOW)


def bounce_of(key, *, permanent=True, automatic=Automatic.BOUNCE):
    return mailed(
        "<bounce@x>",
        automatic=automatic,
        bounce=Bounce(f"<{key}@luister.example>", "anna@x.example", "5.1.1", "unknown user", permanent=permanent),
    )


def sent_reply(channel):
    member = MembershipFactory(workspace=channel.workspace)
    _, threaded = take_in(mailed("<1@x>", by=ANNA), channel=channel)
    outgoing = OutgoingFactory(
        workspace=channel.workspace,
        channel=channel,
        lane=threaded.case.pk,
        key=KEY,
        state=SendState.SENT,
        by=member.user,
    )
    return ReplyFactory(workspace=channel.workspace, case=threaded.case, outgoing=outgoing, author=member.user)


def test_the_order_is_one_tuple():
    assert [step.__name__ for step in STEPS] == ["loop_guard", "bounce", "understand", "listen", "thread"]


def test_a_post_passes_all_steps_and_gets_its_case(channel):
    passage = pass_through(said("p1"), channel)

    assert passage.is_new_case
    assert passage.case == Case.objects.get()


def test_passing_again_changes_nothing(channel):
    pass_through(said("p1"), channel)
    passage = pass_through(said("p1"), channel)

    assert not passage.is_new_case
    assert Case.objects.get().version == 1


def test_our_own_mail_coming_back_opens_nothing(channel):
    passage = pass_through(mailed("<1@x>", automatic=Automatic.LOOP), channel)

    assert passage.case is None
    assert not Case.objects.exists()


def test_a_bounce_settles_the_reply_that_came_back(channel):
    reply = sent_reply(channel)

    passage = pass_through(bounce_of(KEY), channel)

    outgoing = Outgoing.objects.get(pk=reply.outgoing_id)
    assert passage.case is None
    assert Case.objects.count() == 1
    assert outgoing.state == SendState.BOUNCED
    assert outgoing.reason_code != ""


def test_a_notice_of_delay_fails_nothing(channel):
    reply = sent_reply(channel)

    pass_through(bounce_of(KEY, permanent=False, automatic=Automatic.DELAY), channel)

    assert Outgoing.objects.get(pk=reply.outgoing_id).state == SendState.SENT
    assert not Notification.objects.exists()


def test_a_bounce_of_something_else_makes_no_case(channel):
    passage = pass_through(bounce_of(uuid4()), channel)

    assert passage.case is None
    assert not Case.objects.exists()


def test_a_post_that_is_gone_is_no_error():
    assert run(123456, now=NOW) is None


def test_monitors_hear_what_was_understood(channel):
    MonitorFactory(workspace=channel.workspace, name="boos", query="koffer sentiment:negative says:complaint lang:nl")
    MonitorFactory(workspace=channel.workspace, name="blij", query="koffer sentiment:positive")

    with a_machine():
        passage = pass_through(said("p1", text="Mijn koffer is kapot"), channel)

    assert [mention.monitor.name for mention in Mention.objects.filter(post=passage.post)] == ["boos"]


# Many at once


def stored(channel, *inbounds):
    found = record_all(inbounds, channel=channel, now=NOW, indexes=False)
    return [post for post, _ in found]


def test_posts_that_pass_together_come_to_the_same_as_one_by_one(channel):
    MonitorFactory(workspace=channel.workspace, name="koffers", query="koffer")
    posts = stored(
        channel,
        said("p1", text="Mijn koffer is kapot"),
        said("p2", thread_external_id="p1", references=("p1",)),
        said("p3", by=BRAM, thread_external_id="p1", references=("p1",)),
    )

    run_all([post.pk for post in posts], now=NOW)

    annas, brams = Case.objects.order_by("number")
    assert (annas.version, brams.version) == (2, 1)
    assert Mention.objects.get().post == posts[0]
    assert set(SearchText.objects.values_list("post_id", flat=True)) == {post.pk for post in posts}


def test_what_goes_no_further_is_found_by_searches_all_the_same(channel):
    posts = stored(channel, mailed("<1@x>", automatic=Automatic.LOOP), bounce_of(uuid4()), said("p1"))

    run_all([post.pk for post in posts], now=NOW)

    assert SearchText.objects.filter(post__in=posts).count() == 3
    assert Case.objects.count() == 1


def test_a_post_that_cannot_pass_takes_no_other_along(channel, monkeypatch):
    posts = stored(channel, said("p1"), said("p2"), said("p3"))

    def stumble(passages, *, now):
        if any(passage.post == posts[1] for passage in passages):
            raise ValueError("cannot pass")
        return passages

    monkeypatch.setattr(actions, "STEPS", (stumble, *STEPS))

    run_all([post.pk for post in posts], now=NOW)

    assert set(Case.objects.values_list("thread_external_id", flat=True)) == {"p1", "p3"}
    assert jobs("pipeline.run") == [{"post_id": posts[1].pk}]


def test_without_database_the_job_comes_back(channel, monkeypatch):
    posts = stored(channel, said("p1"), said("p2"))

    def away(passages, *, now):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(actions, "STEPS", (away,))

    with pytest.raises(OperationalError):
        run_all([post.pk for post in posts], now=NOW)

    assert jobs("pipeline.run") == []


def test_many_posts_pass_in_few_statements(channel, django_assert_max_num_queries):
    MonitorFactory(workspace=channel.workspace, query="tekst")
    one = stored(channel, said("p0"))
    fifty = stored(channel, *(said(f"p{n}", by=Author(f"klant-{n}")) for n in range(1, 51)))
    run_all([], now=NOW)

    with CaptureQueriesContext(connection) as few:
        run_all([one[0].pk], now=NOW)
    with django_assert_max_num_queries(len(few)):
        run_all([post.pk for post in fifty], now=NOW)

    assert Case.objects.count() == Mention.objects.count() == 51
