"""Endpoints, what they are told, and how far the events have been read for them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from luister.accounts.models import Membership, User, Workspace
from luister.webhooks.enums import DeliveryState, EndpointState, Source


class Endpoint(models.Model):
    """An address outside that wants to be told of some kinds of event of a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=2000)
    description = models.CharField(max_length=200, blank=True)
    kinds = ArrayField(models.CharField(max_length=40), default=list)  # luister.webhooks.enums.Kind
    # Who answers for private content going there; it goes for as long as they may see it themselves.
    private_by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")
    sealed_secrets = models.BinaryField(default=b"")  # luister.webhooks.secrets opens it
    rotated_at = models.DateTimeField(null=True)  # the secret before this one is valid for a day after it
    state = models.CharField(max_length=10, choices=EndpointState, default=EndpointState.ON)
    state_since = models.DateTimeField()
    stopped_because = models.CharField(max_length=60, blank=True)  # luister.webhooks.sentences
    after_event_id = models.BigIntegerField(default=0)  # what happened up to here is none of its business
    after_mention_id = models.BigIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)  # nothing but failures since then
    failures = models.PositiveIntegerField(default=0)  # in a row
    is_slow = models.BooleanField(default=False)  # its last answer took long
    held_until = models.DateTimeField(null=True)  # it did not answer, or asked us to wait
    last_tried_at = models.DateTimeField(null=True)
    last_delivered_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "webhooks_endpoint"

    def __str__(self) -> str:
        return self.description or self.address


class Delivery(models.Model):
    """One thing that an endpoint is told: once, whatever happens to whoever tells it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, db_index=False, related_name="+")
    message_id = models.CharField(max_length=60, unique=True)  # the webhook-id, the same on each try
    source = models.CharField(max_length=10, choices=Source)
    source_id = models.BigIntegerField(null=True)  # of the event or mention; null: a test
    kind = models.CharField(max_length=40)
    payload = models.TextField()  # JSON, the bytes that are signed
    # The same without private content, where it has some: sent once nobody answers for that content any more.
    withheld_payload = models.TextField(null=True)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)  # since it was last put to be delivered; all are in Attempt
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)  # somebody is telling it; doubles as the lease's name
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhooks_delivery"
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "source", "source_id", "kind"],
                name="webhooks_told_once",
                condition=Q(source_id__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["endpoint", "due_at", "id"], name="webhooks_due", condition=Q(state="waiting")),
            models.Index(fields=["endpoint", "-id"], name="webhooks_of_endpoint"),
            models.Index(fields=["endpoint", "settled_at"], name="webhooks_failed", condition=Q(state="failed")),
            models.Index(fields=["created_at"], name="webhooks_oldest"),
        ]


class Attempt(models.Model):
    """One time that a delivery was tried, and what was answered."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)  # of HTTP; null: no answer
    reason_code = models.CharField(max_length=60, blank=True)  # why there was none
    reason_values = models.JSONField(default=dict)
    answer = models.TextField(blank=True)  # its first 64 kB
    is_cut = models.BooleanField(default=False)  # there was more

    class Meta:
        db_table = "webhooks_attempt"


class Reached(models.Model):
    """How far a table that only grows has been read, by whichever worker did it last."""

    source = models.CharField(max_length=10, choices=Source, primary_key=True)
    done_to = models.BigIntegerField(default=0)  # the id of the last row that was read
    # Rows up to `mark` are all there once those who were writing when it was set have ended: ids commit out of order.
    mark = models.BigIntegerField(null=True)
    writers = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        db_table = "webhooks_reached"
