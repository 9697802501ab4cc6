"""People, workspaces and who belongs to which."""

from datetime import timedelta

from factory import LazyAttribute, Sequence, SubFactory, post_generation
from factory.django import DjangoModelFactory

from luister.accounts import models
from luister.accounts.enums import Role
from luister.base.ids import token_digest
from tests.factories.base import NOW

PASSWORD = "een goed wachtwoord"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = models.User
        skip_postgeneration_save = True

    email = Sequence("gebruiker{}@luister.example".format)
    name = Sequence("Gebruiker {}".format)
    language = "nl"

    @post_generation
    def password(self, create, extracted, **kwargs):
        """Set the password that is given; without one a user comes in by a link only."""
        self.set_password(extracted)
        if create:
            self.save(update_fields=["password"])


class WorkspaceFactory(DjangoModelFactory):
    class Meta:
        model = models.Workspace

    slug = Sequence("werkplek-{}".format)
    name = Sequence("Werkplek {}".format)


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = models.Team

    workspace = SubFactory(WorkspaceFactory)
    name = Sequence("Team {}".format)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = models.Membership
        skip_postgeneration_save = True

    workspace = SubFactory(WorkspaceFactory)
    user = SubFactory(UserFactory)
    role = Role.AGENT

    @post_generation
    def teams(self, create, extracted, **kwargs):
        """Put the member into the given teams."""
        if create and extracted:
            self.teams.set(extracted)


class OneTimeLinkFactory(DjangoModelFactory):
    class Meta:
        model = models.OneTimeLink

    class Params:
        token = Sequence("penning-{}".format)

    user = SubFactory(UserFactory)
    token_digest = LazyAttribute(lambda link: token_digest(link.token))
    expires_at = NOW + timedelta(minutes=15)


class AuditEntryFactory(DjangoModelFactory):
    class Meta:
        model = models.AuditEntry

    workspace = SubFactory(WorkspaceFactory)
    user = SubFactory(UserFactory)
    verb = "team.made"
    object_kind = "team"
    object_id = "1"
    at = NOW
