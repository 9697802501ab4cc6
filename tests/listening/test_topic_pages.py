"""The settings page of topics."""

from datetime import timedelta

import pytest

from luister.base.clock import utc_now
from luister.posts.index.store import index_posts
from luister.posts.models import Topic, TopicRun
from tests import factories as make
from tests.listening.helpers import Screens

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make.MembershipFactory(role="lead", user__language="en")


@pytest.fixture
def screens(client, lead):
    return Screens(client, lead)


def test_without_topics_the_page_teaches(screens):
    page = screens.get("topics")
    assert "Know what people write about" in page
    assert "topic:bagage" in page


def test_the_list_shows_rules_and_how_many_posts_of_the_last_30_days_have_a_topic(screens, lead):
    now = utc_now()
    topic = make.TopicFactory(workspace=lead.workspace, name="Te laat", query="vertrag*")
    make.TopicFactory(workspace=lead.workspace, name="Kapot", query='"koffer')
    make.TopicFactory(name="Van een ander")
    for days, is_removed in ((1, False), (29, False), (1, True), (40, False)):
        post = make.PostFactory(workspace=lead.workspace, posted_at=now - timedelta(days=days))
        make.PostTopicFactory(post=post, topic=topic, is_removed=is_removed)

    page = screens.get("topics")

    assert "vertrag*" in page
    assert '?q=topic%3A%22Te+laat%22+after%3A30d">2<' in page
    assert "Finds nothing:" in page
    assert "Van een ander" not in page


def test_the_list_shows_how_far_a_rule_is(screens, lead):
    topic = make.TopicFactory(workspace=lead.workspace, query="koffer")
    make.TopicRunFactory(topic=topic, total=200, examined=50, given=7)
    page = screens.get("topics")
    assert "50 of 200" in page
    assert "7 posts got the topic so far." in page
    assert 'hx-trigger="every 2s"' in page

    TopicRun.objects.update(state="done")
    assert "every 2s" not in screens.get("topics")


def test_the_list_takes_as_many_queries_for_fifty_topics_as_for_one(screens, lead):
    def count():
        with screens.counting() as queries:
            screens.get("topics")
        return len(queries)

    make.TopicFactory(workspace=lead.workspace, query="koffer")
    count()
    for_one = count()
    for _ in range(49):
        make.TopicRunFactory(topic=make.TopicFactory(workspace=lead.workspace, query="koffer"))
    assert count() == for_one


def test_a_topic_is_made_changed_and_deleted(screens, lead):
    page = screens.post("make_topic", {"name": "Te  laat", "query": "vertrag*"}, follow=True)
    assert "“Te laat” is saved. Its rule goes through what is stored now." in page
    topic = Topic.objects.get()
    assert (topic.name, topic.query) == ("Te laat", "vertrag*")

    page = screens.post("topic", {"name": "Vertraging", "query": ""}, topic.pk, follow=True)
    assert "“Vertraging” is saved.<" in page
    make.PostTopicFactory(topic=topic, post__workspace=lead.workspace)
    assert "its place on 1 post." in screens.get("delete_topic", topic.pk)

    page = screens.post("delete_topic", {}, topic.pk, follow=True)
    assert "“Vertraging” was deleted. The posts stayed." in page
    assert not Topic.objects.exists()


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("", "koffer", "This field is required."),
        ("Te laat", '"koffer', "quotation mark"),
        ("Te laat", "topic:x koffer", "A rule may not ask for “topic:”"),
        ("BAGAGE", "koffer", "There is a topic “BAGAGE” already."),
    ],
)
def test_what_cannot_be_a_topic_is_refused_with_a_sentence(screens, lead, name, query, said):
    topic = make.TopicFactory(workspace=lead.workspace, name="Bagage")
    other = make.TopicFactory(workspace=lead.workspace, name="Ander")
    for place in (("make_topic",), ("topic", other.pk)):
        assert said in screens.post(place[0], {"name": name, "query": query}, *place[1:], status=422)
    assert Topic.objects.count() == 2
    topic.refresh_from_db()
    assert topic.name == "Bagage"


def test_preview_shows_what_a_rule_would_have_found(screens, lead):
    channel = make.ChannelFactory(workspace=lead.workspace)
    index_posts([make.PostFactory(workspace=lead.workspace, channel=channel, text="Mijn koffer", posted_at=utc_now())])

    assert "this would have found 1 post." in screens.post("preview_topic", {"query": "koffer"})
    assert "A rule may not ask for “label:”" in screens.post("preview_topic", {"query": "koffer label:vip"})
    assert "in order" in screens.post("preview_topic", {"query": '"koffer'})
    assert "give the topic by hand" in screens.post("preview_topic", {"query": " "})


@pytest.mark.parametrize("role", ["agent", "analyst", "partner"])
def test_topics_are_set_by_leads_and_administrators(client, lead, role):
    member = make.MembershipFactory(workspace=lead.workspace, role=role)
    Screens(client, member).get("topics", status=404)
