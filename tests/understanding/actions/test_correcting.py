"""Correcting what the machine understood, and taking that back."""

import json

import pytest
from django.db import connection

from luister.events.models import Event
from luister.listening.actions.listening import listen, listen_again
from luister.listening.models import Mention
from luister.text.contract import Kind, Need, Sentiment
from luister.understanding.actions import correct, understand_post, undo_correction
from luister.understanding.actions.correcting import RefusedError
from luister.understanding.models import Correction, Understanding
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(machine):
    post = make.PostFactory(text="koffer")
    understand_post(post, now=NOW)
    return post


@pytest.fixture
def agent(post):
    return make.MembershipFactory(workspace=post.workspace, role="agent")


def counts(post):
    post.refresh_from_db()
    row = Understanding.objects.get(post=post)
    return post.language, post.sentiment, post.says, row.need, row.urgency, row.is_neglected, row.wants_human


def jobs(name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = %s", [name])
        return [json.loads(args) for (args,) in cursor.fetchall()]


@pytest.mark.sql
def test_correct_lets_what_people_say_count_and_undo_what_counted_before(post, agent):
    before = counts(post)
    wishes = {
        "sentiment": "positive",
        "kinds": "question",
        "need": "answer",
        "urgency": "high",
        "neglected": "yes",
        "wants_human": "yes",
    }
    made = [correct(post, aspect=aspect, word=word, by=agent, now=NOW) for aspect, word in wishes.items()]

    assert counts(post) == ("nl", "positive", ["question", "complaint"], "answer", "high", True, True)
    for correction in made:
        undo_correction(correction, by=agent, now=NOW)
    assert counts(post) == before
    assert not Correction.objects.filter(undone_at=None).exists()


def test_correct_says_what_was_there_before_and_who_did_it(post, agent):
    correction = correct(post, aspect="sentiment", word="positive", by=agent, now=NOW)

    assert (correction.before, correction.after, correction.by, correction.at) == (
        "negative", "positive", agent.user, NOW,
    )  # fmt: skip
    event = Event.objects.get(name="post.corrected")
    assert (event.by, event.data["post"], event.data["after"]) == (agent.user, post.pk, "positive")


def test_correct_a_second_time_takes_the_place_of_the_first_until_it_is_undone(post, agent):
    first = correct(post, aspect="sentiment", word="positive", by=agent, now=NOW)
    second = correct(post, aspect="sentiment", word="neutral", by=agent, now=NOW)

    assert list(Correction.objects.filter(undone_at=None)) == [second]
    undo_correction(second, by=agent, now=NOW)
    assert list(Correction.objects.filter(undone_at=None)) == [first]
    assert counts(post)[1] == "positive"
    with pytest.raises(RefusedError, match="not_in_force"):
        undo_correction(second, by=agent, now=NOW)


def test_correct_what_counts_already_changes_nothing(post, agent):
    assert correct(post, aspect="sentiment", word="negative", by=agent, now=NOW) is None
    assert not Correction.objects.exists()


def test_undo_goes_back_to_what_a_file_said(machine, agent):
    post = make.PostFactory(workspace=agent.workspace, sentiment="positive")
    understand_post(post, now=NOW)
    correction = correct(post, aspect="sentiment", word="neutral", by=agent, now=NOW)

    undo_correction(correction, by=agent, now=NOW)

    assert counts(post)[1] == "positive"


def test_another_language_has_the_post_understood_anew(post, agent, machine):
    machine.changes(sentiment=Sentiment.POSITIVE, need=Need.NONE, kinds=(Kind.COMPLIMENT,))

    correction = correct(post, aspect="lang", word="en", by=agent, now=NOW)

    assert machine.asked[-1]["lang"] == "en"
    assert counts(post)[:4] == ("en", "positive", ["compliment"], "none")
    undo_correction(correction, by=agent, now=NOW)
    assert counts(post)[0] == "nl"


@pytest.mark.parametrize(
    ("aspect", "word"), [("sentiment", "furious"), ("kinds", "song"), ("neglected", "perhaps"), ("weather", "rain")]
)
def test_correct_refuses_what_cannot_be_said(post, agent, aspect, word):
    with pytest.raises(RefusedError, match="no_such_value"):
        correct(post, aspect=aspect, word=word, by=agent, now=NOW)


def test_correct_refuses_who_may_not_and_who_is_elsewhere(post):
    analyst = make.MembershipFactory(workspace=post.workspace, role="analyst")
    stranger = make.MembershipFactory(role="administrator")

    for member in (analyst, stranger):
        with pytest.raises(RefusedError):
            correct(post, aspect="sentiment", word="positive", by=member, now=NOW)
    assert not Correction.objects.exists()


def test_correct_says_nothing_of_our_own_posts_but_their_language(machine, agent):
    ours = make.PostFactory(workspace=agent.workspace, direction="out", author=None)
    understand_post(ours, now=NOW)

    with pytest.raises(RefusedError):
        correct(ours, aspect="sentiment", word="positive", by=agent, now=NOW)
    assert correct(ours, aspect="lang", word="en", by=agent, now=NOW).after == "en"


def test_several_corrections_are_learned_from_once(post, agent):
    correct(post, aspect="sentiment", word="positive", by=agent, now=NOW)
    correct(post, aspect="need", word="answer", by=agent, now=NOW)

    assert jobs("understanding.learn") == [{"workspace_id": post.workspace_id}]


@pytest.mark.sql
def test_monitors_hear_of_a_correction(post, agent):
    make.MonitorFactory(workspace=post.workspace, name="boos", query="koffer sentiment:negative")
    make.MonitorFactory(workspace=post.workspace, name="blij", query="koffer sentiment:positive")
    listen(post, now=NOW)

    correct(post, aspect="sentiment", word="positive", by=agent, now=NOW)
    for arguments in jobs("listening.listen_again"):
        listen_again(**arguments, now=NOW)

    assert [(mention.monitor.name, mention.is_live) for mention in Mention.objects.all()] == [("blij", False)]
