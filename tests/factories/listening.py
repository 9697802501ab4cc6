"""Monitors and what they found."""

from factory import LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from luister.listening import models
from luister.listening.enums import Sharing
from tests.factories.accounts import UserFactory, WorkspaceFactory
from tests.factories.base import NOW, in_its_workspace
from tests.factories.posts import PostFactory


class MonitorFactory(DjangoModelFactory):
    class Meta:
        model = models.Monitor

    workspace = SubFactory(WorkspaceFactory)
    name = Sequence("Koffers {}".format)
    query = "koffer"
    owner = SubFactory(UserFactory)
    sharing = Sharing.ALL
    created_at = NOW
    changed_at = NOW


class LookBackFactory(DjangoModelFactory):
    class Meta:
        model = models.LookBack

    monitor = SubFactory(MonitorFactory)
    total = 10
    started_at = NOW


class MentionFactory(DjangoModelFactory):
    class Meta:
        model = models.Mention

    workspace = SubFactory(WorkspaceFactory)
    monitor = in_its_workspace(MonitorFactory)
    post = in_its_workspace(PostFactory)
    words = LazyFunction(lambda: ["koffer"])
    is_live = True
    is_public = SelfAttribute("post.is_public")
    posted_at = SelfAttribute("post.posted_at")
    found_at = NOW


class ReadUpToFactory(DjangoModelFactory):
    class Meta:
        model = models.ReadUpTo

    monitor = SubFactory(MonitorFactory)
    user = SubFactory(UserFactory)
    mention_id = 0
