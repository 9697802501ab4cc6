"""One factory per model, of plain fields: what belongs together lies in one workspace, and nothing else is implied."""

from datetime import UTC, datetime, timedelta

import factory
from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from luister.accounts import models as accounts
from luister.accounts.enums import Role
from luister.base.ids import new_uuid, token_digest
from luister.channels import models as channels
from luister.channels.enums import Publicness
from luister.delivery import models as delivery
from luister.events import models as events
from luister.imports import models as imports
from luister.inbox import models as inbox
from luister.inbox.enums import Activity, Mode, ReplyEffect
from luister.listening import models as listening
from luister.listening.enums import Sharing
from luister.people import models as people
from luister.posts import models as posts
from luister.posts.enums import Direction
from luister.practice import models as practice

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday, ten o'clock in Amsterdam
PASSWORD = "een goed wachtwoord"


def _beside(field):
    """Take a field from the object that this one is made for."""
    return SelfAttribute(f"..{field}")


def _in_its_workspace(target, **fields):
    """Make the other object in the same workspace."""
    return SubFactory(target, workspace=_beside("workspace"), **fields)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = accounts.User
        skip_postgeneration_save = True

    email = Sequence("gebruiker{}@luister.example".format)
    name = Sequence("Gebruiker {}".format)
    language = "nl"

    @factory.post_generation
    def password(self, create, extracted, **kwargs):
        """Set the password that is given; without one a user comes in by a link only."""
        self.set_password(extracted)
        if create:
            self.save(update_fields=["password"])


class WorkspaceFactory(DjangoModelFactory):
    class Meta:
        model = accounts.Workspace

    slug = Sequence("werkplek-{}".format)
    name = Sequence("Werkplek {}".format)


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = accounts.Team

    workspace = SubFactory(WorkspaceFactory)
    name = Sequence("Team {}".format)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = accounts.Membership
        skip_postgeneration_save = True

    workspace = SubFactory(WorkspaceFactory)
    user = SubFactory(UserFactory)
    role = Role.AGENT

    @factory.post_generation
    def teams(self, create, extracted, **kwargs):
        """Put the member into the given teams."""
        if create and extracted:
            self.teams.set(extracted)


class OneTimeLinkFactory(DjangoModelFactory):
    class Meta:
        model = accounts.OneTimeLink

    class Params:
        token = Sequence("penning-{}".format)

    user = SubFactory(UserFactory)
    token_digest = LazyAttribute(lambda link: token_digest(link.token))
    expires_at = NOW + timedelta(minutes=15)


class AuditEntryFactory(DjangoModelFactory):
    class Meta:
        model = accounts.AuditEntry

    workspace = SubFactory(WorkspaceFactory)
    user = SubFactory(UserFactory)
    verb = "team.made"
    object_kind = "team"
    object_id = "1"
    at = NOW


class EventFactory(DjangoModelFactory):
    class Meta:
        model = events.Event

    workspace = SubFactory(WorkspaceFactory)
    name = "case.opened"
    at = NOW


class ChannelFactory(DjangoModelFactory):
    class Meta:
        model = channels.Channel

    workspace = SubFactory(WorkspaceFactory)
    kind = "practice"
    network = SelfAttribute("kind")
    name = Sequence("Oefenkanaal {}".format)
    handle = Sequence("luchthaven{}".format)
    publicness = Publicness.BOTH
    state_since = NOW


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = people.Contact

    workspace = SubFactory(WorkspaceFactory)
    name = Sequence("Klant {}".format)
    created_at = NOW


class IdentityFactory(DjangoModelFactory):
    class Meta:
        model = people.Identity

    workspace = SubFactory(WorkspaceFactory)
    contact = _in_its_workspace(ContactFactory)
    kind = "practice"
    external_id = Sequence("klant-{}".format)
    name = SelfAttribute("contact.name")
    handle = SelfAttribute("external_id")
    created_at = NOW


class PostFactory(DjangoModelFactory):
    class Meta:
        model = posts.Post

    workspace = SubFactory(WorkspaceFactory)
    channel = _in_its_workspace(ChannelFactory)
    external_id = Sequence("bericht-{}".format)
    direction = Direction.IN
    kind = "post"
    is_public = True
    author = _in_its_workspace(IdentityFactory)
    text = Sequence("Waar blijft mijn koffer? ({})".format)
    posted_at = NOW
    received_at = NOW


class PostVersionFactory(DjangoModelFactory):
    class Meta:
        model = posts.PostVersion

    post = SubFactory(PostFactory)
    text = "Waar is mijn koffer?"
    replaced_at = NOW


class SearchTextFactory(DjangoModelFactory):
    class Meta:
        model = posts.SearchText

    post = SubFactory(PostFactory)
    workspace = SelfAttribute("post.workspace")
    posted_at = SelfAttribute("post.posted_at")
    is_public = SelfAttribute("post.is_public")
    tokens = "'koffer':1"
    form = 1


class AuthorNameFactory(DjangoModelFactory):
    class Meta:
        model = posts.AuthorName

    identity = SubFactory(IdentityFactory)
    workspace = SelfAttribute("identity.workspace")
    handle = SelfAttribute("identity.handle")
    name = SelfAttribute("identity.name")


class IndexingFactory(DjangoModelFactory):
    class Meta:
        model = posts.Indexing

    form = Sequence(int)
    started_at = NOW


class AttachmentFactory(DjangoModelFactory):
    class Meta:
        model = posts.Attachment

    workspace = SubFactory(WorkspaceFactory)
    post = _in_its_workspace(PostFactory)
    name = "koffer.jpg"
    content_type = "image/jpeg"
    size_bytes = 4
    stored_as = Sequence("bestand-{}".format)


class RawItemFactory(DjangoModelFactory):
    class Meta:
        model = delivery.RawItem

    workspace = SubFactory(WorkspaceFactory)
    channel = _in_its_workspace(ChannelFactory)
    external_key = Sequence("ruw-{}".format)
    content = b"{}"
    received_at = NOW


class CursorFactory(DjangoModelFactory):
    class Meta:
        model = delivery.Cursor

    channel = SubFactory(ChannelFactory)
    read_at = NOW


class ReadingFactory(DjangoModelFactory):
    class Meta:
        model = delivery.Reading

    channel = SubFactory(ChannelFactory)
    host = "nieuws.example"
    next_read_at = NOW


class OutgoingFactory(DjangoModelFactory):
    class Meta:
        model = delivery.Outgoing

    workspace = SubFactory(WorkspaceFactory)
    channel = _in_its_workspace(ChannelFactory)
    key = LazyAttribute(lambda outgoing: new_uuid())
    lane = Sequence(int)
    is_public = True
    text = "Uw koffer staat bij balie 5."
    due_at = SelfAttribute("send_after")
    send_after = NOW
    created_at = NOW


class OutgoingFileFactory(DjangoModelFactory):
    class Meta:
        model = delivery.OutgoingFile

    outgoing = SubFactory(OutgoingFactory)
    name = "balie.pdf"
    content_type = "application/pdf"
    size_bytes = 4
    stored_as = Sequence("uitgaand-{}".format)


class AttemptFactory(DjangoModelFactory):
    class Meta:
        model = delivery.Attempt

    outgoing = SubFactory(OutgoingFactory)
    number = 1
    started_at = NOW
    request_digest = "0" * 64


class HoldFactory(DjangoModelFactory):
    class Meta:
        model = delivery.Hold

    channel = SubFactory(ChannelFactory)
    until = NOW


class LabelFactory(DjangoModelFactory):
    class Meta:
        model = inbox.Label

    workspace = SubFactory(WorkspaceFactory)
    name = Sequence("label {}".format)


class SavedViewFactory(DjangoModelFactory):
    class Meta:
        model = inbox.SavedView

    workspace = SubFactory(WorkspaceFactory)
    name = Sequence("weergave {}".format)
    query = "status:open"
    view = "all"
    audience = "all"


class CaseFactory(DjangoModelFactory):
    class Meta:
        model = inbox.Case

    workspace = SubFactory(WorkspaceFactory)
    number = Sequence(lambda n: n + 1)
    channel = _in_its_workspace(ChannelFactory)
    identity = _in_its_workspace(IdentityFactory)
    contact = SelfAttribute("identity.contact")
    subject = Sequence("Koffer kwijt {}".format)
    is_public = True
    last_post_at = NOW
    opened_at = NOW
    state_since = NOW


class CaseLabelFactory(DjangoModelFactory):
    class Meta:
        model = inbox.CaseLabel

    case = SubFactory(CaseFactory)
    label = SubFactory(LabelFactory, workspace=_beside("case.workspace"))


class CasePostFactory(DjangoModelFactory):
    class Meta:
        model = inbox.CasePost

    case = SubFactory(CaseFactory)
    post = SubFactory(
        PostFactory,
        workspace=_beside("case.workspace"),
        channel=_beside("case.channel"),
        author=_beside("case.identity"),
        is_public=_beside("case.is_public"),
    )
    version = 1


class ReplyFactory(DjangoModelFactory):
    class Meta:
        model = inbox.Reply

    workspace = SubFactory(WorkspaceFactory)
    case = _in_its_workspace(CaseFactory)
    author = SubFactory(UserFactory)
    outgoing = _in_its_workspace(
        OutgoingFactory, channel=_beside("case.channel"), lane=_beside("case.pk"), text=_beside("text")
    )
    client_id = LazyAttribute(lambda reply: new_uuid())
    text = "Uw koffer staat bij balie 5."
    effect = ReplyEffect.WAIT
    version = 1
    created_at = NOW


class NoteFactory(DjangoModelFactory):
    class Meta:
        model = inbox.Note

    workspace = SubFactory(WorkspaceFactory)
    case = _in_its_workspace(CaseFactory)
    author = SubFactory(UserFactory)
    client_id = LazyAttribute(lambda note: new_uuid())
    text = "Belt morgen terug."
    created_at = NOW


class DraftFactory(DjangoModelFactory):
    class Meta:
        model = inbox.Draft

    case = SubFactory(CaseFactory)
    user = SubFactory(UserFactory)
    mode = Mode.REPLY
    text = "Goedemorgen, "
    saved_at = NOW


class DraftFileFactory(DjangoModelFactory):
    class Meta:
        model = inbox.DraftFile

    case = SubFactory(CaseFactory)
    user = SubFactory(UserFactory)
    name = "balie.pdf"
    content_type = "application/pdf"
    size_bytes = 4
    stored_as = Sequence("concept-{}".format)
    added_at = NOW


class PresenceFactory(DjangoModelFactory):
    class Meta:
        model = inbox.Presence

    case = SubFactory(CaseFactory)
    user = SubFactory(UserFactory)
    activity = Activity.VIEWING
    seen_at = NOW


class SeenFactory(DjangoModelFactory):
    class Meta:
        model = inbox.Seen

    case = SubFactory(CaseFactory)
    user = SubFactory(UserFactory)
    version = 1


class HandoverFactory(DjangoModelFactory):
    class Meta:
        model = inbox.Handover

    case = SubFactory(CaseFactory)
    member = SubFactory(MembershipFactory, workspace=_beside("case.workspace"), role=Role.PARTNER)
    at = NOW


class NotificationFactory(DjangoModelFactory):
    class Meta:
        model = inbox.Notification

    workspace = SubFactory(WorkspaceFactory)
    user = SubFactory(UserFactory)
    case = _in_its_workspace(CaseFactory)
    kind = "mention"
    at = NOW


class MonitorFactory(DjangoModelFactory):
    class Meta:
        model = listening.Monitor

    workspace = SubFactory(WorkspaceFactory)
    name = Sequence("Koffers {}".format)
    query = "koffer"
    owner = SubFactory(UserFactory)
    sharing = Sharing.ALL
    created_at = NOW
    changed_at = NOW


class LookBackFactory(DjangoModelFactory):
    class Meta:
        model = listening.LookBack

    monitor = SubFactory(MonitorFactory)
    total = 10
    started_at = NOW


class MentionFactory(DjangoModelFactory):
    class Meta:
        model = listening.Mention

    workspace = SubFactory(WorkspaceFactory)
    monitor = _in_its_workspace(MonitorFactory)
    post = _in_its_workspace(PostFactory)
    words = factory.LazyFunction(lambda: ["koffer"])
    is_live = True
    is_public = SelfAttribute("post.is_public")
    posted_at = SelfAttribute("post.posted_at")
    found_at = NOW


class ReadUpToFactory(DjangoModelFactory):
    class Meta:
        model = listening.ReadUpTo

    monitor = SubFactory(MonitorFactory)
    user = SubFactory(UserFactory)
    mention_id = 0


# The practice network serves the whole installation: nothing of it lies in a workspace.


class PracticeAccountFactory(DjangoModelFactory):
    class Meta:
        model = practice.Account

    handle = Sequence("oefenaar{}".format)
    name = Sequence("Oefenaar {}".format)
    created_at = NOW


class PracticePostFactory(DjangoModelFactory):
    class Meta:
        model = practice.Post

    author = SubFactory(PracticeAccountFactory)
    text = Sequence("Waar blijft mijn koffer? ({})".format)
    created_at = NOW


class PracticePictureFactory(DjangoModelFactory):
    class Meta:
        model = practice.Picture

    post = SubFactory(PracticePostFactory)
    name = "koffer.png"
    content_type = "image/png"
    content = b"\x89PNG\r\n\x1a\n"


class PracticeEventFactory(DjangoModelFactory):
    class Meta:
        model = practice.Event

    brand = SubFactory(PracticeAccountFactory, is_brand=True)
    kind = "post"
    post = SubFactory(PracticePostFactory)
    created_at = NOW


class PracticeFaultsFactory(DjangoModelFactory):
    class Meta:
        model = practice.Faults


class ImportFactory(DjangoModelFactory):
    class Meta:
        model = imports.Import

    workspace = SubFactory(WorkspaceFactory)
    file_name = "berichten.csv"
    size_bytes = 1
    digest = "0" * 64
    source = LazyAttribute(lambda _: {"format": "csv", "columns": ["tekst"], "notes": []})
    created_at = NOW


class ImportRowFactory(DjangoModelFactory):
    class Meta:
        model = imports.ImportRow

    batch = SubFactory(ImportFactory)
    number = 2
    external_id = Sequence("rij-{}".format)
    network = "x"
    posted_at = NOW


class ImportRefusalFactory(DjangoModelFactory):
    class Meta:
        model = imports.ImportRefusal

    batch = SubFactory(ImportFactory)
    number = 2
    code = "row.no_text"


class RememberedMappingFactory(DjangoModelFactory):
    class Meta:
        model = imports.RememberedMapping

    workspace = SubFactory(WorkspaceFactory)
    columns_digest = "0" * 64
    used_at = NOW
