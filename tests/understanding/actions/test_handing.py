"""Topics that people give to posts and take off them."""

import pytest

from luister.events.models import Event
from luister.posts.models import PostTopic, Topic
from luister.queue import collecting
from luister.understanding.actions import handing
from luister.understanding.actions.correcting import GoneError, RefusedError
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make.MembershipFactory(role="agent")


@pytest.fixture
def post(agent):
    return make.PostFactory(workspace=agent.workspace)


def row():
    return PostTopic.objects.values_list("given_by", "is_removed", "by").get()


@pytest.mark.sql
def test_give_topic_makes_a_missing_one_and_tells_monitors_and_what_learns(agent, post):
    with collecting() as jobs:
        topic, was_removed = handing.give_topic(post, name=" Te  laat ", by=agent, now=NOW)

    assert (topic.name, was_removed) == ("Te laat", False)
    assert row() == ("person", False, agent.user_id)
    assert [job.name for job in jobs] == ["listening.listen_again", "understanding.learn"]
    assert Event.objects.get().data == {"post": post.pk, "topic": topic.pk}


def test_give_topic_knows_a_topic_by_its_normalised_name_and_gives_it_once(agent, post):
    known = make.TopicFactory(workspace=agent.workspace, name="Eén lijn")
    make.TopicFactory(name="een lijn")

    assert handing.give_topic(post, name="EEN  LIJN", by=agent, now=NOW)[0] == known
    assert handing.give_topic(post, name="een lijn", by=agent, now=NOW) is None
    assert Topic.objects.filter(workspace=agent.workspace).count() == 1


def test_remove_topic_is_remembered_and_restored_as_it_was(agent, post):
    given = make.PostTopicFactory(post=post, given_by="rule")

    handing.remove_topic(post, topic_id=given.topic_id, by=agent, now=NOW)
    assert row() == ("rule", True, agent.user_id)
    handing.restore_topic(post, topic_id=given.topic_id, by=agent, now=NOW)
    assert row() == ("rule", False, None)


def test_undoing_that_a_topic_was_given_is_as_though_nobody_had_spoken(agent, post):
    topic, _ = handing.give_topic(post, name="Bagage", by=agent, now=NOW)

    handing.ungive_topic(post, topic_id=topic.pk, by=agent, now=NOW)

    assert not PostTopic.objects.exists()


def test_what_a_rule_gave_is_not_ungiven_but_removed(agent, post):
    given = make.PostTopicFactory(post=post, given_by="rule")
    with pytest.raises(RefusedError, match="not_given"):
        handing.ungive_topic(post, topic_id=given.topic_id, by=agent, now=NOW)


def test_a_topic_that_was_taken_off_can_be_given_again_by_a_person(agent, post):
    given = make.PostTopicFactory(post=post, given_by="model", is_removed=True)

    assert handing.give_topic(post, name=given.topic.name, by=agent, now=NOW) == (given.topic, True)
    assert row() == ("person", False, agent.user_id)


def test_topics_are_refused_to_who_only_reads_and_for_what_is_not_there(agent, post):
    analyst = make.MembershipFactory(workspace=agent.workspace, role="analyst")
    given = make.PostTopicFactory(post=post)
    for attempt in (
        lambda: handing.give_topic(post, name="x", by=analyst, now=NOW),
        lambda: handing.remove_topic(post, topic_id=given.topic_id, by=analyst, now=NOW),
        lambda: handing.give_topic(post, name="  ", by=agent, now=NOW),
        lambda: handing.remove_topic(post, topic_id=0, by=agent, now=NOW),
        lambda: handing.restore_topic(post, topic_id=given.topic_id, by=agent, now=NOW),
    ):
        with pytest.raises(RefusedError):
            attempt()
    with pytest.raises(GoneError):
        handing.give_topic(make.PostFactory(), name="x", by=agent, now=NOW)
    assert row() == ("rule", False, None)
