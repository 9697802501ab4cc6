"""Channels."""

from factory import SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from luister.channels import models
from luister.channels.enums import Publicness
from tests.factories.accounts import WorkspaceFactory
from tests.factories.base import NOW


class ChannelFactory(DjangoModelFactory):
    class Meta:
        model = models.Channel

    workspace = SubFactory(WorkspaceFactory)
    kind = "practice"
    network = SelfAttribute("kind")
    name = Sequence("Oefenkanaal {}".format)
    handle = Sequence("luchthaven{}".format)
    publicness = Publicness.BOTH
    state_since = NOW
