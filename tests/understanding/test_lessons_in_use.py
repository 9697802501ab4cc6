"""From corrections to other conclusions, with the machine as it is: in one workspace, and while that is on."""

import pytest

from luister.understanding.actions import correct, learn, understand_post, understand_posts
from luister.understanding.models import LearnedModel
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db

THINGS = (
    "concert", "optreden", "feest", "film", "uitzicht", "eten", "koffie", "taart", "service", "medewerker", "trein",
    "bus", "app", "website", "winkel", "strand", "hotel", "kamer", "terras", "muziek", "show", "quiz", "cadeau", "dag",
    "avond", "ochtend", "week", "vakantie", "reis", "vlucht", "lounge", "stoel", "boek", "park",
)  # fmt: skip


def sentiment_of(text, *, workspace):
    post = make.PostFactory(workspace=workspace, text=text)
    understand_post(post, now=NOW)
    return post.sentiment


def test_what_a_few_dozen_corrections_teach_holds_in_their_workspace_and_can_be_switched_off():
    agent = make.MembershipFactory(role="agent")
    workspace, elsewhere = agent.workspace, make.WorkspaceFactory()
    channel = make.ChannelFactory(workspace=workspace)
    texts = [f"Die {thing} was gruwelijk @waterland" for thing in THINGS]  # among some, the highest praise
    posts = [make.PostFactory(workspace=workspace, channel=channel, text=text) for text in texts]
    understand_posts(posts, now=NOW)
    new = "De opening vandaag was gruwelijk"
    before = sentiment_of(new, workspace=workspace)
    for post in posts:
        correct(post, aspect="sentiment", word="positive", by=agent, now=NOW)

    learn(workspace.pk, now=NOW)

    (effect,) = LearnedModel.objects.get().effects
    assert effect["right_after"] > effect["right_before"]
    assert before != "positive"
    assert sentiment_of(new, workspace=workspace) == "positive"
    assert sentiment_of(new, workspace=elsewhere) == before
    LearnedModel.objects.update(is_on=False)
    assert sentiment_of(new, workspace=workspace) == before
