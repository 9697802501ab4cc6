"""Posts, their files, and what is indexed of them."""

from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from luister.posts import models
from luister.posts.enums import Direction
from luister.query.prepared import normalize_name
from tests.factories.accounts import WorkspaceFactory
from tests.factories.base import NOW, in_its_workspace
from tests.factories.channels import ChannelFactory
from tests.factories.people import IdentityFactory


class PostFactory(DjangoModelFactory):
    class Meta:
        model = models.Post

    workspace = SubFactory(WorkspaceFactory)
    channel = in_its_workspace(ChannelFactory)
    external_id = Sequence("bericht-{}".format)
    direction = Direction.IN
    kind = "post"
    is_public = True
    author = in_its_workspace(IdentityFactory)
    text = Sequence("Waar blijft mijn koffer? ({})".format)
    posted_at = NOW
    received_at = NOW


class PostVersionFactory(DjangoModelFactory):
    class Meta:
        model = models.PostVersion

    post = SubFactory(PostFactory)
    text = "Waar is mijn koffer?"
    replaced_at = NOW


class SearchTextFactory(DjangoModelFactory):
    class Meta:
        model = models.SearchText

    post = SubFactory(PostFactory)
    workspace = SelfAttribute("post.workspace")
    posted_at = SelfAttribute("post.posted_at")
    is_public = SelfAttribute("post.is_public")
    tokens = "'koffer':1"
    form = 1


class AuthorNameFactory(DjangoModelFactory):
    class Meta:
        model = models.AuthorName

    identity = SubFactory(IdentityFactory)
    workspace = SelfAttribute("identity.workspace")
    handle = SelfAttribute("identity.handle")
    name = SelfAttribute("identity.name")


class IndexingFactory(DjangoModelFactory):
    class Meta:
        model = models.Indexing

    form = Sequence(int)
    started_at = NOW


class AttachmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Attachment

    workspace = SubFactory(WorkspaceFactory)
    post = in_its_workspace(PostFactory)
    name = "koffer.jpg"
    content_type = "image/jpeg"
    size_bytes = 4
    stored_as = Sequence("bestand-{}".format)


class TopicFactory(DjangoModelFactory):
    class Meta:
        model = models.Topic

    workspace = SubFactory(WorkspaceFactory)
    name = Sequence("Thema {}".format)
    key = LazyAttribute(lambda topic: normalize_name(topic.name))
    created_at = NOW


class PostTopicFactory(DjangoModelFactory):
    class Meta:
        model = models.PostTopic

    post = SubFactory(PostFactory)
    topic = SubFactory(TopicFactory, workspace=SelfAttribute("..post.workspace"))
    posted_at = SelfAttribute("post.posted_at")
    given_by = "rule"
    at = NOW


class TopicRunFactory(DjangoModelFactory):
    class Meta:
        model = models.TopicRun

    topic = SubFactory(TopicFactory)
    version = SelfAttribute("topic.version")
    total = 10
    started_at = NOW
