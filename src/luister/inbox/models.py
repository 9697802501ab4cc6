"""Cases and what people do with them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from luister.accounts.models import Membership, Team, User, Workspace
from luister.channels.models import Channel
from luister.delivery.models import Outgoing
from luister.inbox.enums import Activity, Audience, CaseState, Mode, Origin, ReplyEffect
from luister.people.models import Contact, Identity
from luister.posts.models import Post


class Label(models.Model):
    """A word that people put on cases."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)

    class Meta:
        db_table = "inbox_label"
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="inbox_label_once")]

    def __str__(self) -> str:
        return self.name


class Case(models.Model):
    """The work: the posts of one matter with one contact."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="+")  # whom we answer
    thread_external_id = models.CharField(max_length=1000, blank=True)
    subject = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=CaseState, default=CaseState.OPEN)
    origin = models.CharField(max_length=20, choices=Origin, default=Origin.REACTIVE)
    is_public = models.BooleanField()  # at least one public post
    is_urgent = models.BooleanField(default=False)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="+")
    assignee = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    labels = models.ManyToManyField(Label, through="CaseLabel", related_name="+")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)  # oldest unanswered post of the customer
    last_post = models.ForeignKey(Post, on_delete=models.SET_NULL, null=True, related_name="+")
    last_post_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)  # goes up with every post in and every reply out
    opened_at = models.DateTimeField()
    state_since = models.DateTimeField()

    class Meta:
        db_table = "inbox_case"
        constraints = [models.UniqueConstraint(fields=["workspace", "number"], name="inbox_case_number_once")]
        indexes = [
            models.Index(
                fields=["workspace", "state", "-last_post_at", "-id"],
                name="inbox_case_list",
            ),
            models.Index(
                fields=["workspace", "assignee", "state", "-last_post_at"],
                name="inbox_case_of_assignee",
            ),
            models.Index(fields=["contact", "-last_post_at"], name="inbox_case_of_contact"),
            models.Index(
                fields=["channel", "thread_external_id", "identity"],
                name="inbox_case_of_thread",
            ),
            models.Index(
                fields=["snoozed_until"],
                name="inbox_case_snoozed",
                condition=Q(snoozed_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"


class CaseLabel(models.Model):
    """A label on a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="label_rows")
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "inbox_case_label"
        constraints = [models.UniqueConstraint(fields=["case", "label"], name="inbox_case_label_once")]


class CasePost(models.Model):
    """A post in a case; the same post can be context of several."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    is_context = models.BooleanField(default=False)  # someone else's, shown around the case's own
    version = models.PositiveIntegerField()  # the case's version that it made

    class Meta:
        db_table = "inbox_case_post"
        constraints = [
            models.UniqueConstraint(fields=["case", "post"], name="inbox_case_post_once"),
            models.UniqueConstraint(
                fields=["post"],
                condition=Q(is_context=False),
                name="inbox_post_in_one_case",
            ),
        ]


class Reply(models.Model):
    """What we answered or are about to answer; its sending is in the outbox."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    outgoing = models.OneToOneField(Outgoing, on_delete=models.CASCADE, related_name="+")
    client_id = models.UUIDField()  # made by the form: a double submit returns the first reply
    text = models.TextField()  # as written, without the signature
    effect = models.CharField(max_length=20, choices=ReplyEffect)
    state_before = models.JSONField(default=dict)  # what undo restores
    version = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "inbox_reply"
        constraints = [models.UniqueConstraint(fields=["workspace", "client_id"], name="inbox_reply_once")]
        indexes = [models.Index(fields=["case", "id"], name="inbox_reply_of_case")]


class Note(models.Model):
    """What colleagues tell each other; never leaves."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    client_id = models.UUIDField()
    text = models.TextField()
    mentioned = models.ManyToManyField(User, related_name="+", db_table="inbox_note_mentioned")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "inbox_note"
        constraints = [models.UniqueConstraint(fields=["workspace", "client_id"], name="inbox_note_once")]
        indexes = [models.Index(fields=["case", "id"], name="inbox_note_of_case")]


class Draft(models.Model):
    """A half-written reply or note, one per person, case and mode."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    mode = models.CharField(max_length=10, choices=Mode)
    text = models.TextField()
    is_public = models.BooleanField(null=True)  # where a reply was meant to appear
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "inbox_draft"
        constraints = [models.UniqueConstraint(fields=["case", "user", "mode"], name="inbox_draft_once")]


class DraftFile(models.Model):
    """A file that someone wants to send with the reply they are writing."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    stored_as = models.CharField(max_length=80, unique=True)  # luister.posts.files
    added_at = models.DateTimeField()

    class Meta:
        db_table = "inbox_draft_file"
        indexes = [models.Index(fields=["case", "user"], name="inbox_file_of_draft")]

    def __str__(self) -> str:
        return self.name


class Presence(models.Model):
    """Who has a case on their screen; a row counts for 25 s."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="presence_rows")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    activity = models.CharField(max_length=10, choices=Activity)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "inbox_presence"
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="inbox_presence_once")]


class Seen(models.Model):
    """Up to which version a person has read a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()

    class Meta:
        db_table = "inbox_seen"
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="inbox_seen_once")]


class Handover(models.Model):
    """A case handed to a partner: the only way they see one."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "inbox_handover"
        constraints = [models.UniqueConstraint(fields=["case", "member"], name="inbox_handover_once")]


class Notification(models.Model):
    """Something one user should know: a mention, an assignment, a reply that did not go out."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)  # mention, assigned, sent_back, failed, unknown, bounced
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "inbox_notification"
        indexes = [
            models.Index(
                fields=["user", "workspace", "-id"],
                name="inbox_unread",
                condition=Q(read_at__isnull=True),
            )
        ]


class SavedView(models.Model):
    """A query with a name, in the sidebar of one person, of a team or of everyone."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.TextField()
    view = models.CharField(max_length=20)  # which of the queue's own views it looks in
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.ME)
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")  # whose it is
    position = models.PositiveIntegerField(default=0)
    deleted_at = models.DateTimeField(null=True, blank=True)  # for as long as that can be undone

    class Meta:
        db_table = "inbox_saved_view"
        indexes = [models.Index(fields=["workspace", "position", "id"], name="inbox_saved_view_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Its name in addresses, where the queue's own views have theirs."""
        return f"saved-{self.pk}"
