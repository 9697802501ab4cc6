"""The topics of a post, on the pages that show it."""

import json

import pytest

from luister.posts.models import Post, PostTopic, Topic
from luister.understanding.actions import understand_post
from tests.factories import NOW, MembershipFactory, PostTopicFactory, TopicFactory
from tests.inbox.views.helpers import BACKEND, words
from tests.understanding.helpers import a_machine

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(desk):
    """Anna's post, understood, with the topic Bagage by a rule."""
    TopicFactory(workspace=desk.member.workspace, name="Bagage", query="koffer")
    post = Post.objects.get()
    with a_machine():
        understand_post(post, now=NOW)
    return post


def toast(response):
    return json.loads(response.headers["HX-Trigger"])["luister:toast"]


def test_case_and_archive_show_the_topics_of_each_post(desk, post):
    for page in (f"inbox/all/{desk.case.number}/", "archive/?q=topic:bagage"):
        assert "Topic: Bagage" in words(desk.get(page))


def test_case_takes_as_many_queries_with_many_topics_as_with_one(desk, post, django_assert_max_num_queries):
    def count():
        with django_assert_max_num_queries(100) as queries:
            assert desk.get(f"inbox/all/{desk.case.number}/").status_code == 200
        return len(queries)

    count()
    for_one = count()
    for _ in range(10):
        PostTopicFactory(post=post)
    assert count() == for_one


def test_panel_offers_the_other_topics_and_a_field_for_a_new_one(desk, post):
    TopicFactory(workspace=desk.member.workspace, name="Te laat")
    TopicFactory(name="Van een ander")

    answer = desk.get(f"posts/{post.pk}/topics/", target="x").content.decode()

    assert 'value="Te laat"' in answer
    assert 'value="Bagage"' not in answer
    assert "Van een ander" not in answer
    assert 'name="name" maxlength="80"' in answer
    assert "<html" not in answer


@pytest.mark.parametrize(
    ("given_by", "said"),
    [
        ("rule", "Given by the rule of this topic: koffer"),
        ("model", "Given by itself: learned"),
        ("file", "from an imported file"),
        ("person", "Given by a colleague."),
    ],
)
def test_panel_says_why_a_post_has_a_topic(desk, post, given_by, said):
    PostTopic.objects.update(given_by=given_by)
    topic = Topic.objects.get()
    assert said in words(desk.get(f"posts/{post.pk}/topics/?topic={topic.pk}", target="x"))


def test_give_topic_draws_the_row_anew_and_offers_to_undo(desk, post):
    answer = desk.post(f"posts/{post.pk}/topics/give/", target="x", name="Te  laat")

    assert "Topic: Te laat" in words(answer)
    assert toast(answer)["text"] == "Topic “Te laat” given."
    assert "Given by you" in words(desk.get(f"posts/{post.pk}/topics/?topic={Topic.objects.last().pk}"))

    undone = desk.client.post(toast(answer)["undo"], headers={"HX-Request": "true"})
    assert "Te laat" not in words(undone)
    assert desk.client.post(toast(answer)["undo"], headers={"HX-Request": "true"}).status_code == 422


def test_remove_topic_takes_it_off_and_undo_gives_it_back(desk, post):
    topic = Topic.objects.get()

    answer = desk.post(f"posts/{post.pk}/topics/remove/?topic={topic.pk}", target="x")
    assert "Bagage" not in words(answer)

    undone = desk.client.post(toast(answer)["undo"], headers={"HX-Request": "true"})
    assert "Topic: Bagage" in words(undone)


def test_undoing_that_a_topic_was_given_again_takes_it_off_again(desk, post):
    PostTopic.objects.update(is_removed=True)
    answer = desk.post(f"posts/{post.pk}/topics/give/", target="x", name="bagage")

    desk.client.post(toast(answer)["undo"], headers={"HX-Request": "true"})

    assert PostTopic.objects.get().is_removed


def test_giving_a_topic_twice_says_so(desk, post):
    answer = desk.post(f"posts/{post.pk}/topics/give/", target="x", name="BAGAGE")
    assert toast(answer)["text"] == "The post has this topic already."


def test_topics_without_scripts_are_a_page_of_their_own(desk, post):
    assert "<html" in desk.get(f"posts/{post.pk}/topics/").content.decode()
    for way in ("give/", f"remove/?topic={Topic.objects.get().pk}", f"undo/?topic={Topic.objects.get().pk}"):
        answer = desk.post(f"posts/{post.pk}/topics/{way}", name="Te laat")
        assert answer.headers["Location"].endswith(f"/posts/{post.pk}/topics/")


@pytest.mark.parametrize("name", ["", "  "])
def test_a_topic_without_a_name_is_refused(desk, post, name):
    answer = desk.post(f"posts/{post.pk}/topics/give/", target="x", name=name)
    assert answer.status_code == 422
    assert "Give the topic a name" in toast(answer)["text"]


def test_a_reader_sees_the_topics_and_cannot_change_them(desk, post, client):
    analyst = MembershipFactory(workspace=desk.member.workspace, role="analyst", user__language="en")
    client.force_login(analyst.user, backend=BACKEND)

    page = desk.get(f"inbox/all/{desk.case.number}/").content.decode()
    assert "Bagage" in page
    assert "/topics/remove/" not in page
    assert "+ topic" not in words(desk.get(f"inbox/all/{desk.case.number}/"))


def test_the_query_field_suggests_topics(desk, post):
    TopicFactory(workspace=desk.member.workspace, name="Te laat")
    answer = desk.post("query/suggest/", q="topic:", scope="posts").json()
    assert [option["insert"].strip() for option in answer["options"]] == ["Bagage", '"Te laat"']
