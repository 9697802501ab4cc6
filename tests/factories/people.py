"""Contacts and their identities."""

from factory import SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from luister.people import models
from tests.factories.accounts import WorkspaceFactory
from tests.factories.base import NOW, in_its_workspace


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = models.Contact

    workspace = SubFactory(WorkspaceFactory)
    name = Sequence("Klant {}".format)
    created_at = NOW


class IdentityFactory(DjangoModelFactory):
    class Meta:
        model = models.Identity

    workspace = SubFactory(WorkspaceFactory)
    contact = in_its_workspace(ContactFactory)
    kind = "practice"
    external_id = Sequence("klant-{}".format)
    name = SelfAttribute("contact.name")
    handle = SelfAttribute("external_id")
    created_at = NOW
