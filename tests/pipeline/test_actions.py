"""What happens to a post that comes in, in order."""

from uuid import uuid4

import pytest

from luister.base.posts import Automatic, Bounce
from luister.channels.enums import Publicness
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from luister.inbox.models import Case, Notification
from luister.listening.models import Mention
from luister.pipeline.actions import run
from luister.pipeline.order import STEPS
from luister.posts.actions import record
from tests.factories import NOW, ChannelFactory, MembershipFactory, MonitorFactory, OutgoingFactory, ReplyFactory
from tests.inbox.helpers import ANNA, mailed, said, take_in
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
