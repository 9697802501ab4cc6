"""What happened."""

from factory import SubFactory
from factory.django import DjangoModelFactory

from luister.events import models
from tests.factories.accounts import WorkspaceFactory
from tests.factories.base import NOW


class EventFactory(DjangoModelFactory):
    class Meta:
        model = models.Event

    workspace = SubFactory(WorkspaceFactory)
    name = "case.opened"
    at = NOW
