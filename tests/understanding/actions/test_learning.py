"""Learning from what people corrected."""

from datetime import timedelta

import pytest

from luister.text.lessons import Effect, Example, Lessons
from luister.understanding.actions import learn, learning, understand_post
from luister.understanding.models import LearnedModel
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db

LESSONS = Lessons(
    shifts={"positive": {"mooi": 1.0}},
    effects=(Effect("sentiment", 30, 0.5, 0.8, 1.0, 0.98, is_used=True),),
)


@pytest.fixture
def taught(monkeypatch):
    """What the machine was taught."""
    examples = []
    monkeypatch.setattr(learning, "learn_from", lambda given: examples.extend(given) or LESSONS)
    return examples


def test_learn_teaches_what_people_corrected_and_what_they_answered_and_left_alone(machine, taught):
    workspace = make.WorkspaceFactory()
    corrected, answered, unread, withdrawn = (
        make.PostFactory(workspace=workspace, text=text, subject="s")
        for text in ("verbeterd", "beantwoord", "niet beantwoord", "teruggenomen")
    )
    for post in (corrected, answered, unread, withdrawn):
        understand_post(post, now=NOW)
    make.PostFactory(workspace=workspace, direction="out", author=None, parent=answered)
    make.CorrectionFactory(post=corrected, aspect="sentiment", after="positive")
    make.CorrectionFactory(post=corrected, aspect="kinds", after=["idea"])
    make.CorrectionFactory(post=corrected, aspect="lang", after="en")
    make.CorrectionFactory(post=withdrawn, undone_at=NOW)
    make.CorrectionFactory()

    learn(workspace.pk, now=NOW)

    left = {
        "sentiment": "negative", "kinds": ["complaint"], "need": "redress", "urgency": "normal", "neglected": False,
        "wants_human": False, "topics": [],
    }  # fmt: skip
    assert taught == [
        Example("verbeterd", {"sentiment": "positive", "kinds": ["idea"]}, title="s", lang="nl"),
        Example("beantwoord", left, title="s", lang="nl", is_correction=False),
    ]


def test_learn_keeps_the_lessons_and_whether_they_are_used(machine, taught):
    workspace = make.WorkspaceFactory()
    make.LearnedModelFactory(workspace=workspace, is_on=False)

    learn(workspace.pk, now=NOW + timedelta(hours=1))

    kept = LearnedModel.objects.get()
    assert (kept.data, kept.is_on, kept.learned_at) == (LESSONS.shifts, False, NOW + timedelta(hours=1))
    assert kept.effects[0]["right_after"] == 0.8


def test_learn_teaches_the_topics_that_people_gave_and_took_off_without_those_of_rules(machine, taught):
    given, taken, ruled = (make.PostFactory(text=text) for text in ("gegeven", "eraf", "volgens de regel"))
    workspace = given.workspace
    for post in (taken, ruled):
        post.workspace = workspace
        post.save()
    one, two, three = (make.TopicFactory(workspace=workspace) for _ in range(3))
    make.PostTopicFactory(post=given, topic=one, given_by="person")
    make.PostTopicFactory(post=given, topic=two, given_by="rule")
    make.PostTopicFactory(post=given, topic=three, given_by="file")
    make.PostTopicFactory(post=taken, topic=one, given_by="model", is_removed=True)
    make.PostTopicFactory(post=ruled, topic=two, given_by="rule")

    learn(workspace.pk, now=NOW)

    topics = {"gegeven": sorted([str(one.pk), str(three.pk)]), "eraf": []}
    assert {example.text: example.says["topics"] for example in taught} == topics
    assert all(example.is_correction for example in taught)
