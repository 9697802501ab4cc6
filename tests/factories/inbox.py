"""Cases and what is in them."""

from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from luister.accounts.enums import Role
from luister.base.ids import new_uuid
from luister.inbox import models
from luister.inbox.enums import Activity, Mode, ReplyEffect
from tests.factories.accounts import MembershipFactory, UserFactory, WorkspaceFactory
from tests.factories.base import NOW, beside, in_its_workspace
from tests.factories.channels import ChannelFactory
from tests.factories.delivery import OutgoingFactory
from tests.factories.people import IdentityFactory
from tests.factories.posts import PostFactory


class LabelFactory(DjangoModelFactory):
    class Meta:
        model = models.Label

    workspace = SubFactory(WorkspaceFactory)
    name = Sequence("label {}".format)


class SavedViewFactory(DjangoModelFactory):
    class Meta:
        model = models.SavedView

    workspace = SubFactory(WorkspaceFactory)
    name = Sequence("weergave {}".format)
    query = "status:open"
    view = "all"
    audience = "all"


class CaseFactory(DjangoModelFactory):
    class Meta:
        model = models.Case

    workspace = SubFactory(WorkspaceFactory)
    number = Sequence(lambda n: n + 1)
    channel = in_its_workspace(ChannelFactory)
    identity = in_its_workspace(IdentityFactory)
    contact = SelfAttribute("identity.contact")
    subject = Sequence("Koffer kwijt {}".format)
    is_public = True
    last_post_at = NOW
    opened_at = NOW
    state_since = NOW


class CaseLabelFactory(DjangoModelFactory):
    class Meta:
        model = models.CaseLabel

    case = SubFactory(CaseFactory)
    label = SubFactory(LabelFactory, workspace=beside("case.workspace"))


class CasePostFactory(DjangoModelFactory):
    class Meta:
        model = models.CasePost

    case = SubFactory(CaseFactory)
    post = SubFactory(
        PostFactory,
        workspace=beside("case.workspace"),
        channel=beside("case.channel"),
        author=beside("case.identity"),
        is_public=beside("case.is_public"),
    )
    version = 1


class ReplyFactory(DjangoModelFactory):
    class Meta:
        model = models.Reply

    workspace = SubFactory(WorkspaceFactory)
    case = in_its_workspace(CaseFactory)
    author = SubFactory(UserFactory)
    outgoing = in_its_workspace(
        OutgoingFactory, channel=beside("case.channel"), lane=beside("case.pk"), text=beside("text")
    )
    client_id = LazyAttribute(lambda reply: new_uuid())
    text = "Uw koffer staat bij balie 5."
    effect = ReplyEffect.WAIT
    version = 1
    created_at = NOW


class NoteFactory(DjangoModelFactory):
    class Meta:
        model = models.Note

    workspace = SubFactory(WorkspaceFactory)
    case = in_its_workspace(CaseFactory)
    author = SubFactory(UserFactory)
    client_id = LazyAttribute(lambda note: new_uuid())
    text = "Belt morgen terug."
    created_at = NOW


class DraftFactory(DjangoModelFactory):
    class Meta:
        model = models.Draft

    case = SubFactory(CaseFactory)
    user = SubFactory(UserFactory)
    mode = Mode.REPLY
    text = "Goedemorgen, "
    saved_at = NOW


class DraftFileFactory(DjangoModelFactory):
    class Meta:
        model = models.DraftFile

    case = SubFactory(CaseFactory)
    user = SubFactory(UserFactory)
    name = "balie.pdf"
    content_type = "application/pdf"
    size_bytes = 4
    stored_as = Sequence("concept-{}".format)
    added_at = NOW


class PresenceFactory(DjangoModelFactory):
    class Meta:
        model = models.Presence

    case = SubFactory(CaseFactory)
    user = SubFactory(UserFactory)
    activity = Activity.VIEWING
    seen_at = NOW


class SeenFactory(DjangoModelFactory):
    class Meta:
        model = models.Seen

    case = SubFactory(CaseFactory)
    user = SubFactory(UserFactory)
    version = 1


class HandoverFactory(DjangoModelFactory):
    class Meta:
        model = models.Handover

    case = SubFactory(CaseFactory)
    member = SubFactory(MembershipFactory, workspace=beside("case.workspace"), role=Role.PARTNER)
    at = NOW


class NotificationFactory(DjangoModelFactory):
    class Meta:
        model = models.Notification

    workspace = SubFactory(WorkspaceFactory)
    user = SubFactory(UserFactory)
    case = in_its_workspace(CaseFactory)
    kind = "mention"
    at = NOW
