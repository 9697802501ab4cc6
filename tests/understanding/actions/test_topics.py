"""Making, changing and deleting topics, and rules that go through what is stored."""

from datetime import timedelta
from itertools import count

import pytest

from luister.accounts.models import AuditEntry
from luister.posts.models import PostTopic, Topic, TopicRun
from luister.query import QueryError
from luister.queue import collecting
from luister.understanding.actions import topics
from luister.understanding.actions.correcting import RefusedError
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make.MembershipFactory(role="lead")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(topics, "CHUNK", 10)


def made(lead, name="Bagage", query="koffer"):
    with collecting() as jobs:
        topic = topics.make_topic(name, query=query, by=lead, now=NOW)
    return topic, jobs


def stored(lead, number, text="koffer", **fields):
    channel = make.ChannelFactory(workspace=lead.workspace)
    return [
        make.PostFactory(
            workspace=lead.workspace,
            channel=channel,
            text=text,
            received_at=NOW - timedelta(hours=hours // 3),
            **fields,
        )
        for hours in range(number)
    ]


def go_through(topic):
    while topics.look_at_some(topic.pk, version=topic.version, now=NOW):
        pass


def posts_of(topic):
    return set(PostTopic.objects.filter(topic=topic, is_removed=False).values_list("post_id", flat=True))


@pytest.mark.sql
def test_a_new_rule_goes_through_what_is_stored_newest_first_and_says_how_far(lead):
    posts = stored(lead, 25)
    stored(lead, 5, text="fiets")
    stored(lead, 2, direction="out", author=None)
    topic, jobs = made(lead)
    assert [job.name for job in jobs] == ["understanding.run_rule"]
    assert TopicRun.objects.get().total == 30

    assert topics.look_at_some(topic.pk, version=1, now=NOW)
    assert posts_of(topic) <= {post.pk for post in posts[:10]}
    with collecting() as jobs:
        go_through(topic)

    assert posts_of(topic) == {post.pk for post in posts}
    run = TopicRun.objects.get()
    assert (run.state, run.examined, run.given) == ("done", 30, 25)
    assert [job.name for job in jobs] == ["listening.look_back_for_topic"]


def test_a_changed_rule_takes_off_what_it_finds_no_longer_and_leaves_what_people_did(lead):
    kept, _, by_hand = stored(lead, 1, "koffer tas") + stored(lead, 1) + stored(lead, 1)
    topic, _ = made(lead)
    go_through(topic)
    PostTopic.objects.filter(post=by_hand).update(given_by="person")

    with collecting():
        topic = topics.change_topic(topic.pk, name="Bagage", query="tas", by=lead, now=NOW)
    go_through(topic)

    assert posts_of(topic) == {kept.pk, by_hand.pk}
    assert not topics.look_at_some(topic.pk, version=1, now=NOW)  # a job of the earlier rule


def test_taking_the_rule_away_takes_off_what_it_gave(lead):
    stored(lead, 3)
    topic, _ = made(lead)
    go_through(topic)

    topics.change_topic(topic.pk, name="Bagage", query="", by=lead, now=NOW)

    assert posts_of(topic) == set()
    assert not TopicRun.objects.exists()


def test_another_name_alone_does_not_look_through_anything(lead):
    topic, _ = made(lead)
    with collecting() as jobs:
        topics.change_topic(topic.pk, name="Koffers", query="koffer", by=lead, now=NOW)
    assert jobs == []
    assert Topic.objects.get().key == "koffers"


@pytest.mark.parametrize(
    ("name", "query", "code"),
    [
        ("BÁGAGE", "", "topic.name_taken"),
        ("!", "topic:x koffer", "topic.rule_asks_for"),
        ("x", "koffer -label:vip", "topic.rule_asks_for"),
        ("x", "koffer status:open", "topic.rule_asks_for"),
        ("  ", "", "topic.no_name"),
    ],
)
def test_make_topic_refuses_what_cannot_be(lead, name, query, code):
    made(lead, name="Bagage", query="")
    with pytest.raises(RefusedError) as error:
        topics.make_topic(name, query=query, by=lead, now=NOW)
    assert error.value.reason.code == code
    assert Topic.objects.count() == 1


def test_a_rule_that_cannot_be_read_is_no_topic(lead):
    with pytest.raises(QueryError):
        topics.make_topic("Bagage", query='"koffer', by=lead, now=NOW)
    assert not Topic.objects.exists()


@pytest.mark.parametrize("role", ["agent", "analyst", "partner"])
def test_only_leads_and_administrators_make_change_and_delete_topics(lead, role):
    topic, _ = made(lead)
    other = make.MembershipFactory(workspace=lead.workspace, role=role)
    for attempt in (
        lambda: topics.make_topic("x", query="", by=other, now=NOW),
        lambda: topics.change_topic(topic.pk, name="x", query="", by=other, now=NOW),
        lambda: topics.delete_topic(topic.pk, by=other, now=NOW),
        lambda: topics.delete_topic(topic.pk, by=make.MembershipFactory(role="lead"), now=NOW),
    ):
        with pytest.raises(RefusedError):
            attempt()
    assert Topic.objects.get().name == "Bagage"


def test_deleting_a_topic_takes_it_off_every_post_and_is_audited(lead):
    topic, _ = made(lead)
    make.PostTopicFactory(topic=topic, post=stored(lead, 1)[0])

    assert topics.delete_topic(topic.pk, by=lead, now=NOW) == "Bagage"

    assert not PostTopic.objects.exists()
    assert list(AuditEntry.objects.values_list("verb", flat=True)) == ["topic.made", "topic.deleted"]


def test_a_long_run_leaves_the_rest_to_the_next_job_and_is_taken_up_when_that_is_lost(lead):
    stored(lead, 25)
    topic, _ = made(lead)
    minutes = count()

    with collecting() as jobs:
        topics.run_rule(topic.pk, version=1, clock=lambda: NOW + timedelta(minutes=next(minutes)))
    assert [job.name for job in jobs] == ["understanding.run_rule"]
    assert TopicRun.objects.get().examined == 10
    assert topics.take_up_again() == 1


def test_topics_of_a_file_are_made_where_they_are_missing_and_given_once(lead):
    post, other = stored(lead, 2)
    known = make.TopicFactory(workspace=lead.workspace, name="Bagage")

    for _ in range(2):
        topics.give_from_file({post.pk: ["BAGAGE", "Te  laat"], other.pk: [" "]}, posts=[post, other], now=NOW)

    given = PostTopic.objects.filter(post=post).values_list("topic__name", "given_by")
    assert sorted(given) == [("Bagage", "file"), ("Te laat", "file")]
    assert known in Topic.objects.filter(workspace=lead.workspace)
    assert not PostTopic.objects.filter(post=other).exists()
