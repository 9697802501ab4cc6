"""Raw intake, cursors, the outbox and its attempts."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from luister.accounts.models import User, Workspace
from luister.channels.models import Channel
from luister.delivery.enums import AttemptOutcome, RawState, SendState
from luister.posts.models import Post


class RawItem(models.Model):
    """A payload exactly as a network gave it, kept so that it can be processed again."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    external_key = models.CharField(max_length=200)
    content = models.BinaryField()
    oversized_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=RawState, default=RawState.NEW)
    reason_code = models.CharField(max_length=60, blank=True)
    reason_values = models.JSONField(default=dict)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "delivery_raw_item"
        constraints = [models.UniqueConstraint(fields=["channel", "external_key"], name="delivery_raw_once")]
        indexes = [
            models.Index(
                fields=["received_at"],
                name="delivery_raw_waiting",
                condition=Q(state="new"),
            ),
            models.Index(
                fields=["workspace", "-id"],
                name="delivery_raw_bin",
                condition=Q(state="unprocessable"),
            ),
        ]


class Cursor(models.Model):
    """How far a channel has been read; stored in the same transaction as what was read."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="+")
    value = models.JSONField(default=dict)
    read_at = models.DateTimeField()

    class Meta:
        db_table = "delivery_cursor"


class Reading(models.Model):
    """How the reading of a polled channel goes, and when it is read next."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="+")
    host = models.CharField(max_length=200)  # one reading at a time for each
    next_read_at = models.DateTimeField(null=True, db_index=True)  # null: not until a person asks for it
    leased_until = models.DateTimeField(null=True)  # somebody reads it; later than that, they are taken for dead
    tried_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True)
    reason_code = models.CharField(max_length=60, blank=True)  # of the last failure, while it fails
    reason_values = models.JSONField(default=dict)
    notices = models.JSONField(default=list)  # [{"code": …, "values": {…}}], of the last reading
    new_at = models.DateTimeField(null=True)  # when something new last came in
    newest_at = models.DateTimeField(null=True)  # when the newest item there is from
    usual_gap_seconds = models.PositiveIntegerField(null=True)  # between two items

    class Meta:
        db_table = "delivery_reading"
        indexes = [models.Index(fields=["host"], name="delivery_reading_of_host")]


class Outgoing(models.Model):
    """One post on its way out. `lane` keeps order: the next of a lane waits until this one is settled."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField(unique=True)  # idempotency key, Message-ID
    lane = models.BigIntegerField()  # the case's id
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    is_public = models.BooleanField()
    text = models.TextField()
    subject = models.CharField(max_length=500, blank=True)
    recipient = models.JSONField(default=dict)  # luister.base.posts.Author
    cc = models.JSONField(default=list)
    parent = models.ForeignKey(Post, on_delete=models.SET_NULL, null=True, related_name="+")
    parent_external_id = models.CharField(max_length=1000, blank=True)
    thread_external_id = models.CharField(max_length=1000, blank=True)
    references = ArrayField(models.CharField(max_length=1000), default=list)  # oldest first, ending in the parent
    state = models.CharField(max_length=20, choices=SendState, default=SendState.QUEUED)
    due_at = models.DateTimeField()  # when a person wanted it to leave; too long ago, and they are asked again
    send_after = models.DateTimeField()  # the earliest next try
    attempts = models.PositiveSmallIntegerField(default=0)  # every claim counts; the number fences off late workers
    failures = models.PositiveSmallIntegerField(default=0)  # tries that certainly did not send, and may be repeated
    attempted_at = models.DateTimeField(null=True, blank=True)
    look_after = models.DateTimeField(null=True, blank=True)  # unknown: when the resolver looks next
    unlooked_since = models.DateTimeField(null=True, blank=True)  # unknown: since when its network could not be asked
    asked_at = models.DateTimeField(null=True, blank=True)  # unknown: since when a person has to decide
    settled_at = models.DateTimeField(null=True, blank=True)
    reason_code = models.CharField(max_length=60, blank=True)
    reason_values = models.JSONField(default=dict)
    external_id = models.CharField(max_length=1000, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    post = models.ForeignKey(Post, on_delete=models.SET_NULL, null=True, related_name="+")  # once sent
    created_at = models.DateTimeField()

    class Meta:
        db_table = "delivery_outgoing"
        indexes = [
            models.Index(
                fields=["lane", "id"],
                name="delivery_lane",
                condition=Q(state__in=["queued", "sending", "unknown"]),
            ),
            models.Index(
                fields=["send_after", "id"],
                name="delivery_due",
                condition=Q(state="queued"),
            ),
            models.Index(
                fields=["channel", "send_after", "id"],
                name="delivery_due_of_channel",
                condition=Q(state="queued"),
            ),
            models.Index(
                fields=["attempted_at"],
                name="delivery_in_doubt",
                condition=Q(state__in=["sending", "unknown"]),
            ),
            models.Index(fields=["workspace"], name="delivery_proposed", condition=Q(state="proposed")),
            models.Index(fields=["channel", "external_id"], name="delivery_by_external_id"),
        ]


class OutgoingFile(models.Model):
    """A file that goes out with a post."""

    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    stored_as = models.CharField(max_length=80, unique=True)  # luister.posts.files

    class Meta:
        db_table = "delivery_outgoing_file"
        indexes = [models.Index(fields=["outgoing"], name="delivery_file_of_outgoing")]

    def __str__(self) -> str:
        return self.name


class Attempt(models.Model):
    """One try at sending, committed before the network call; kept for disputes."""

    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=AttemptOutcome, blank=True)  # empty: nobody came back from it
    detail = models.CharField(max_length=300, blank=True)  # the reason's code or the error's name; no secrets
    request_digest = models.CharField(max_length=64)  # SHA-256 of what was to be sent
    external_id = models.CharField(max_length=1000, blank=True)

    class Meta:
        db_table = "delivery_attempt"
        constraints = [models.UniqueConstraint(fields=["outgoing", "number"], name="delivery_attempt_once")]


class Hold(models.Model):
    """A network asked us to wait: until then nothing of this channel is tried, after it one post tries first."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="+")
    until = models.DateTimeField()
    probed_until = models.DateTimeField(null=True, blank=True)  # one is trying; the others wait for its answer

    class Meta:
        db_table = "delivery_hold"
