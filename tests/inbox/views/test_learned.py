"""The page about corrections."""

from datetime import timedelta

import pytest

from luister.accounts.models import AuditEntry
from luister.queue import collecting
from luister.understanding.actions import correct, understand_post
from luister.understanding.models import Correction, LearnedModel
from luister.understanding.queries.corrections import report
from tests import factories as make
from tests.factories import NOW
from tests.inbox.views.helpers import BACKEND, words
from tests.understanding.helpers import a_machine

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(desk, client):
    """A lead, signed in."""
    lead = make.MembershipFactory(
        workspace=desk.member.workspace, role="lead", user__language="en", user__name="Lea Dijk"
    )
    client.force_login(lead.user, backend=BACKEND)
    return lead


@pytest.fixture
def admin(desk, client):
    """An administrator, signed in."""
    admin = make.MembershipFactory(workspace=desk.member.workspace, role="administrator", user__language="en")
    client.force_login(admin.user, backend=BACKEND)
    return admin


def corrected(member, *words, text="Waar is mijn koffer?"):
    """Correct the sentiment of a post, again and again."""
    post = make.PostFactory(workspace=member.workspace, text=text)
    with a_machine():
        understand_post(post, now=NOW)
    for word in words:
        correct(post, aspect="sentiment", word=word, by=member, now=NOW)
    return post


def test_without_corrections_the_page_says_what_will_be_here_and_how_many_are_needed(desk, lead):
    page = words(desk.get("understanding/"))
    assert "Nothing was corrected yet" in page
    assert "from 24 corrections on" in page
    assert "24 more corrections until it is learned" in page


def test_the_page_counts_what_became_what_from_the_machines_own_word_on(desk, lead):
    corrected(lead, "positive")
    corrected(lead, "positive", "neutral")
    post = corrected(lead)
    make.PostTopicFactory(post=post, topic__name="Bagage", given_by="person", by=lead.user)
    make.PostTopicFactory(post=post, topic__name="Parkeren", is_removed=True, by=lead.user)
    make.PostTopicFactory(post=post, topic__name="Van de regel")
    make.CorrectionFactory(undone_at=NOW)
    make.CorrectionFactory()

    page = words(desk.get("understanding/"))

    assert "4 corrections are in force" in page
    assert "Negative → became Neutral 1 Negative → became Positive 1" in page
    assert "no topic → became Bagage 1 Parkeren → became taken off 1" in page
    assert "Van de regel" not in page
    assert "22 more corrections until it is learned" in page


def test_weeks_are_counted_in_the_days_of_the_workspace(desk, lead):
    post = corrected(lead)
    make.CorrectionFactory(post=post, at=NOW - timedelta(days=14))
    make.CorrectionFactory(post=post, aspect="need", at=NOW)

    weeks = report(lead, now=NOW).weeks

    assert [week.count for week in weeks] == [0] * 9 + [1, 0, 1]
    assert all(week.monday.weekday() == 0 for week in weeks)
    assert weeks[-1].height == 100


def test_only_administrators_see_by_whom(desk, lead, admin, client):
    corrected(lead, "positive")
    assert "By whom Only administrators see this. Corrections by person Lea Dijk 1" in words(desk.get("understanding/"))
    client.force_login(lead.user, backend=BACKEND)
    assert "Lea Dijk" not in words(desk.get("understanding/"))


def test_the_page_says_what_the_learning_did(desk, lead):
    effect = {
        "aspect": "sentiment", "corrections": 30, "right_before": 0.5, "right_after": 0.8, "kept_before": 1.0,
        "kept_after": 0.98, "is_used": True,
    }  # fmt: skip
    make.LearnedModelFactory(workspace=lead.workspace, effects=[effect, effect | {"aspect": "need", "is_used": False}])
    page = words(desk.get("understanding/"))
    assert "Sentiment 30 50% → became 80% 100% → became 98% yes" in page
    assert "no: it does not help" in page

    LearnedModel.objects.update(is_on=False)
    assert "98% switched off" in words(desk.get("understanding/"))


def test_learning_is_switched_off_and_on_and_audited(desk, lead):
    desk.post("understanding/switch/", on="0")
    assert not LearnedModel.objects.get().is_on
    assert "the machine’s own judgement" in words(desk.get("understanding/"))
    desk.post("understanding/switch/", on="1")
    desk.post("understanding/switch/", on="1")
    assert LearnedModel.objects.get().is_on
    assert list(AuditEntry.objects.values_list("verb", flat=True)) == ["learning.switched_off", "learning.switched_on"]


def test_learn_again_now(desk, lead):
    with collecting() as jobs:
        desk.post("understanding/learn/")
    assert [(job.name, job.arguments) for job in jobs] == [("understanding.learn", {"workspace_id": lead.workspace_id})]


def test_the_latest_are_undone_from_the_page(desk, lead):
    post = corrected(lead, "positive", text="Mijn koffer is er weer")
    given = make.PostTopicFactory(post=post, topic__name="Bagage", given_by="person", by=lead.user)
    taken = make.PostTopicFactory(post=post, topic__name="Parkeren", is_removed=True, by=lead.user)
    assert words(desk.get("understanding/")).count("Mijn koffer is er weer") >= 3

    desk.post(f"posts/{post.pk}/undo-learned/", correction=Correction.objects.get().pk)
    desk.post(f"posts/{post.pk}/undo-learned/", topic=given.topic_id, new="1")
    desk.post(f"posts/{post.pk}/undo-learned/", topic=taken.topic_id, new="0")

    post.refresh_from_db()
    taken.refresh_from_db()
    assert (post.sentiment, taken.is_removed) == ("negative", False)
    assert not type(given).objects.filter(pk=given.pk).exists()
    assert "Nothing was corrected yet" in words(desk.get("understanding/"))
    answer = desk.post(f"posts/{post.pk}/undo-learned/", topic=taken.topic_id, new="0")
    assert answer.headers["Location"].endswith("/understanding/")
    assert "Someone took this topic off" in words(desk.get("understanding/"))


def test_many_corrections_take_as_many_queries_as_one(desk, lead, django_assert_max_num_queries):
    def count():
        with django_assert_max_num_queries(100) as queries:
            assert desk.get("understanding/").status_code == 200
        return len(queries)

    def make_one():
        post = make.PostFactory(workspace=lead.workspace)
        make.UnderstandingFactory(post=post)
        make.CorrectionFactory(post=post, by=lead.user)
        make.PostTopicFactory(post=post, given_by="person", by=lead.user)

    make_one()
    count()
    for_one = count()
    for _ in range(49):
        make_one()
    assert count() == for_one


@pytest.mark.parametrize("role", ["agent", "analyst", "partner"])
def test_the_page_is_for_leads_and_administrators(desk, client, role):
    member = make.MembershipFactory(workspace=desk.member.workspace, role=role)
    client.force_login(member.user, backend=BACKEND)
    assert desk.get("understanding/").status_code == 404
