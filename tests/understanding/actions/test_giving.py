"""Topics by rule and by model, as posts are understood."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from luister.posts.models import PostTopic
from luister.understanding.actions import correct, understand_post, understand_posts
from luister.understanding.actions.giving import give_topics
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return make.WorkspaceFactory()


def topics_of(post) -> Mapping[str, Any]:
    rows = PostTopic.objects.filter(post=post, is_removed=False)
    return dict(rows.values_list("topic__name", "given_by"))


def model_gives(post, *topics):
    give_topics([post], found={post.pk: [str(topic.pk) for topic in topics]}, now=NOW)


@pytest.mark.sql
def test_understand_post_gives_the_topics_whose_rule_finds_it(machine, workspace):
    make.TopicFactory(workspace=workspace, name="Bagage", query="koffer* OR tas")
    make.TopicFactory(workspace=workspace, name="Fiets", query="fiets")
    make.TopicFactory(workspace=workspace, name="Zonder regel")
    make.TopicFactory(name="Van een ander", query="koffer")
    post = make.PostFactory(workspace=workspace, text="Mijn koffers!")

    understand_post(post, now=NOW)

    assert topics_of(post) == {"Bagage": "rule"}
    assert PostTopic.objects.get().posted_at == post.posted_at


def test_a_rule_may_ask_for_what_was_understood(machine, workspace):
    make.TopicFactory(workspace=workspace, name="Klachten", query="says:complaint sentiment:negative lang:nl")
    post = make.PostFactory(workspace=workspace)

    understand_post(post, now=NOW)

    assert topics_of(post) == {"Klachten": "rule"}


def test_a_correction_has_the_rules_look_again(machine, workspace):
    make.TopicFactory(workspace=workspace, name="Boos", query="sentiment:negative")
    make.TopicFactory(workspace=workspace, name="Blij", query="sentiment:positive")
    post = make.PostFactory(workspace=workspace)
    understand_post(post, now=NOW)
    agent = make.MembershipFactory(workspace=workspace, role="agent")

    correct(post, aspect="sentiment", word="positive", by=agent, now=NOW)

    assert topics_of(post) == {"Blij": "rule"}


def test_a_post_that_says_something_else_loses_what_rule_and_model_gave_and_keeps_the_rest(machine, workspace):
    topics = {
        giver: make.TopicFactory(workspace=workspace, name=giver, query="koffer" if giver == "rule" else "")
        for giver in ("rule", "model", "person", "file")
    }
    post = make.PostFactory(workspace=workspace, text="fiets")
    for giver, topic in topics.items():
        make.PostTopicFactory(post=post, topic=topic, given_by=giver)

    understand_post(post, now=NOW)

    assert topics_of(post) == {"person": "person", "file": "file"}


def test_neither_rule_nor_model_gives_again_what_a_person_took_off(machine, workspace):
    ruled = make.TopicFactory(workspace=workspace, query="koffer")
    learned = make.TopicFactory(workspace=workspace)
    post = make.PostFactory(workspace=workspace, text="koffer")
    for topic in (ruled, learned):
        make.PostTopicFactory(post=post, topic=topic, is_removed=True)

    understand_post(post, now=NOW)
    model_gives(post, learned, ruled)

    assert topics_of(post) == {}
    assert PostTopic.objects.count() == 2


def test_the_model_gives_topics_that_still_exist_and_a_rule_counts_before_it(workspace):
    learned = make.TopicFactory(workspace=workspace, name="Geleerd")
    both = make.TopicFactory(workspace=workspace, name="Allebei", query="koffer")
    gone = make.TopicFactory(workspace=workspace)
    foreign = make.TopicFactory()
    post = make.PostFactory(workspace=workspace, text="koffer")
    ids = [str(topic.pk) for topic in (learned, both, gone, foreign)]
    gone.delete()

    give_topics([post], found={post.pk: ids}, now=NOW)

    assert topics_of(post) == {"Geleerd": "model", "Allebei": "rule"}


def test_the_model_takes_back_what_it_finds_no_longer_only_when_it_was_asked(workspace):
    topic = make.TopicFactory(workspace=workspace, name="Geleerd")
    post = make.PostFactory(workspace=workspace)
    model_gives(post, topic)

    give_topics([post], found=None, now=NOW)
    assert topics_of(post) == {"Geleerd": "model"}
    model_gives(post)
    assert topics_of(post) == {}


@pytest.mark.parametrize("fields", [{"direction": "out", "author": None}, {"automatic": "reply"}])
def test_what_we_or_machines_wrote_gets_no_topics_by_itself(machine, workspace, fields):
    make.TopicFactory(workspace=workspace, query="koffer")
    post = make.PostFactory(workspace=workspace, text="koffer", **fields)

    understand_post(post, now=NOW)

    assert topics_of(post) == {}


def test_a_rule_that_cannot_be_read_any_longer_gives_nothing(machine, workspace):
    make.TopicFactory(workspace=workspace, query='"koffer')
    make.TopicFactory(workspace=workspace, query="koffer OR topic:bagage")
    post = make.PostFactory(workspace=workspace, text="koffer")

    understand_post(post, now=NOW)

    assert topics_of(post) == {}


def test_many_posts_cost_as_many_queries_as_one(machine, workspace):
    make.TopicFactory(workspace=workspace, query="koffer")
    channel = make.ChannelFactory(workspace=workspace)
    counts = []
    for number in (1, 30):
        posts = [make.PostFactory(workspace=workspace, channel=channel, text="koffer") for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            understand_posts(posts, now=NOW)
        counts.append(len(queries))
    assert counts[1] <= counts[0]
    assert PostTopic.objects.count() == 31
