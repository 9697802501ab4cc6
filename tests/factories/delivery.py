"""What comes in raw, and what goes out."""

from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from luister.base.ids import new_uuid
from luister.delivery import models
from tests.factories.accounts import WorkspaceFactory
from tests.factories.base import NOW, in_its_workspace
from tests.factories.channels import ChannelFactory


class RawItemFactory(DjangoModelFactory):
    class Meta:
        model = models.RawItem

    workspace = SubFactory(WorkspaceFactory)
    channel = in_its_workspace(ChannelFactory)
    external_key = Sequence("ruw-{}".format)
    content = b"{}"
    received_at = NOW


class CursorFactory(DjangoModelFactory):
    class Meta:
        model = models.Cursor

    channel = SubFactory(ChannelFactory)
    read_at = NOW


class ReadingFactory(DjangoModelFactory):
    class Meta:
        model = models.Reading

    channel = SubFactory(ChannelFactory)
    host = "nieuws.example"
    next_read_at = NOW


class OutgoingFactory(DjangoModelFactory):
    class Meta:
        model = models.Outgoing

    workspace = SubFactory(WorkspaceFactory)
    channel = in_its_workspace(ChannelFactory)
    key = LazyAttribute(lambda outgoing: new_uuid())
    lane = Sequence(int)
    is_public = True
    text = "Uw koffer staat bij balie 5."
    due_at = SelfAttribute("send_after")
    send_after = NOW
    created_at = NOW


class OutgoingFileFactory(DjangoModelFactory):
    class Meta:
        model = models.OutgoingFile

    outgoing = SubFactory(OutgoingFactory)
    name = "balie.pdf"
    content_type = "application/pdf"
    size_bytes = 4
    stored_as = Sequence("uitgaand-{}".format)


class AttemptFactory(DjangoModelFactory):
    class Meta:
        model = models.Attempt

    outgoing = SubFactory(OutgoingFactory)
    number = 1
    started_at = NOW
    request_digest = "0" * 64


class HoldFactory(DjangoModelFactory):
    class Meta:
        model = models.Hold

    channel = SubFactory(ChannelFactory)
    until = NOW
