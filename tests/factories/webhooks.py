"""Endpoints, and what they are told."""

from factory import LazyFunction, Sequence, SubFactory, post_generation
from factory.django import DjangoModelFactory

from luister.webhooks import models, secrets
from luister.webhooks.enums import Kind, Source
from tests.factories.accounts import WorkspaceFactory
from tests.factories.base import NOW, in_its_workspace

SECRET = "whsec_bHVpc3Rlci1nZWhlaW0tdm9vci1kZS10ZXN0cw=="


class EndpointFactory(DjangoModelFactory):
    class Meta:
        model = models.Endpoint
        skip_postgeneration_save = True

    workspace = SubFactory(WorkspaceFactory)
    address = "https://ontvanger.example/luister"
    kinds = LazyFunction(lambda: list(Kind.values))
    state_since = NOW
    created_at = NOW

    @post_generation
    def secrets(self, create, given, **_):
        self.sealed_secrets = secrets.seal(given or [SECRET], endpoint_id=self.pk)
        self.save(update_fields=["sealed_secrets"])


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = models.Delivery

    workspace = SubFactory(WorkspaceFactory)
    endpoint = in_its_workspace(EndpointFactory)
    message_id = Sequence("msg_{}".format)
    source = Source.EVENT
    source_id = Sequence(lambda number: number + 1)
    kind = Kind.CASE_OPENED
    payload = '{"type":"case.opened","data":{}}'
    due_at = NOW
    created_at = NOW


class WebhookAttemptFactory(DjangoModelFactory):
    class Meta:
        model = models.Attempt

    workspace = SubFactory(WorkspaceFactory)
    delivery = in_its_workspace(DeliveryFactory)
    at = NOW
    milliseconds = 12
    status = 200


class ReachedFactory(DjangoModelFactory):
    class Meta:
        model = models.Reached

    source = Source.EVENT
