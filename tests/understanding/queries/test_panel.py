"""What stands behind a chip."""

import pytest

from luister.understanding.actions import correct, understand_post
from luister.understanding.models import Understanding
from luister.understanding.queries.panel import MOST_REASONS, panel
from luister.understanding.queries.shown import of_post
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(machine):
    post = make.PostFactory()
    understand_post(post, now=NOW)
    return post


@pytest.fixture
def agent(post):
    return make.MembershipFactory(workspace=post.workspace, role="agent")


def behind(post, aspect, member, *, may_correct=True):
    return panel(of_post(post, member=member), aspect, may_correct=may_correct)


def test_panel_tells_the_heaviest_reasons_first_and_what_they_spoke_for(post, agent):
    reasons = [{"code": "words", "text": f"woord{n}", "weight": n - 4.5} for n in range(10)]
    Understanding.objects.update(why={"sentiment": reasons})

    (why,) = behind(post, "sentiment", agent).whys

    assert len(why.reasons) == MOST_REASONS
    assert [(one.text, one.speaks_for) for one in why.reasons[:3]] == [
        ("“woord0”", False), ("“woord9”", True), ("“woord1”", False),
    ]  # fmt: skip


def test_panel_of_kinds_tells_the_reasons_of_each(post, agent, machine):
    Understanding.objects.update(
        inferred={"kinds": ["question", "complaint"]},
        why={kind: [{"code": "words", "text": kind, "weight": 1}] for kind in ("question", "complaint", "idea")},
    )

    found = behind(post, "kinds", agent)

    assert [reason.text for why in found.whys for reason in why.reasons] == ["“question”", "“complaint”"]
    assert [choice.value for choice in found.choices if choice.is_now] == ["complaint"]
    assert found.is_several


def test_panel_says_who_corrected_and_still_why_the_machine_thought_otherwise(post, agent):
    correction = correct(post, aspect="sentiment", word="positive", by=agent, now=NOW)
    post.refresh_from_db()

    found = behind(post, "sentiment", agent)

    assert found.corrected.correction_id == correction.pk
    assert found.corrected.is_own
    assert found.corrected.at == NOW
    assert found.machine == "Negatief"
    assert found.whys[0].about == "Negatief"
    assert [choice.value for choice in found.choices if choice.is_now] == ["positive"]


def test_panel_offers_nothing_to_who_may_not_correct(post, agent):
    assert behind(post, "sentiment", agent, may_correct=False).choices == ()
    assert behind(post, "all", agent, may_correct=False) is None


def test_panel_of_our_own_post_is_not_there(machine, agent):
    ours = make.PostFactory(workspace=agent.workspace, direction="out", author=None)
    understand_post(ours, now=NOW)

    assert behind(ours, "sentiment", agent) is None
    assert behind(ours, "all", agent) is None
