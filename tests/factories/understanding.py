"""What the machine understood, what people corrected, and what was learned."""

from factory import SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from luister.understanding import models
from tests.factories.accounts import WorkspaceFactory
from tests.factories.base import NOW
from tests.factories.posts import PostFactory


class UnderstandingFactory(DjangoModelFactory):
    class Meta:
        model = models.Understanding

    post = SubFactory(PostFactory)
    workspace = SelfAttribute("post.workspace")
    posted_at = SelfAttribute("post.posted_at")
    need = "answer"
    urgency = "normal"
    version = 1
    understood_at = NOW


class CorrectionFactory(DjangoModelFactory):
    class Meta:
        model = models.Correction

    post = SubFactory(PostFactory)
    workspace = SelfAttribute("post.workspace")
    aspect = "sentiment"
    before = "neutral"
    after = "negative"
    at = NOW


class LearnedModelFactory(DjangoModelFactory):
    class Meta:
        model = models.LearnedModel

    workspace = SubFactory(WorkspaceFactory)
    learned_at = NOW


class BacklogFactory(DjangoModelFactory):
    class Meta:
        model = models.Backlog

    version = Sequence(int)
    started_at = NOW
