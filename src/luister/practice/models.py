"""Accounts, posts and what brands are told on the practice network, and what goes wrong there.

The network serves the whole installation: it is outside every workspace, as real networks are.
"""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from luister.practice.enums import Repeats


class Account(models.Model):
    """A customer that somebody plays, or a brand that a desk answers for."""

    handle = models.CharField(max_length=30, unique=True)  # lower case
    name = models.CharField(max_length=60)
    is_brand = models.BooleanField(default=False)
    token_digest = models.CharField(max_length=64, blank=True)
    token_expired = models.BooleanField(default=False)
    repeats = models.CharField(max_length=20, choices=Repeats, default=Repeats.KEY)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "practice_account"
        constraints = [
            models.UniqueConstraint(
                fields=["token_digest"], name="practice_account_token", condition=~Q(token_digest="")
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="practice_account_newest")]

    def __str__(self) -> str:
        return f"@{self.handle}"


class Post(models.Model):
    """One thing said; `to` makes it private."""

    author = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    to = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    text = models.TextField()
    mentions = ArrayField(models.CharField(max_length=30), default=list)  # handles
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    root = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=200, blank=True)
    is_once = models.BooleanField(default=False)  # no second post with this key
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "practice_post"
        constraints = [
            models.UniqueConstraint(fields=["author", "key"], name="practice_post_once", condition=Q(is_once=True)),
            models.CheckConstraint(name="practice_post_private_has_no_thread", condition=Q(to=None) | Q(root=None)),
        ]
        indexes = [
            models.Index(fields=["-id"], name="practice_post_square", condition=Q(to=None, root=None, deleted_at=None)),
            models.Index(fields=["root", "id"], name="practice_post_of_thread"),
            models.Index(fields=["author", "to", "id"], name="practice_post_private"),
            models.Index(fields=["created_at"], name="practice_post_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} of {self.author_id}"


class Picture(models.Model):
    """A picture of a post; in the database, so that it goes when its post or its brand does."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=20)
    content = models.BinaryField()

    class Meta:
        db_table = "practice_picture"

    def __str__(self) -> str:
        return f"{self.pk} of {self.post_id}"


class Event(models.Model):
    """Something that a brand is told; ids go up in the order in which they can be read."""

    brand = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)  # luister.practice.core.EventKind
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "practice_event"
        indexes = [models.Index(fields=["brand", "id"], name="practice_event_of_brand")]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"


_SHARE = [MinValueValidator(0), MaxValueValidator(1)]
_DELAY = [MinValueValidator(0), MaxValueValidator(30)]


class Faults(models.Model):
    """What goes wrong on purpose; there is one row at most. The fields are those of `FaultPlan`."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seed = models.PositiveIntegerField(default=0)
    rate_limited = models.FloatField(default=0, validators=_SHARE)
    failed = models.FloatField(default=0, validators=_SHARE)
    dropped_before = models.FloatField(default=0, validators=_SHARE)
    dropped_after = models.FloatField(default=0, validators=_SHARE)
    latency_min_seconds = models.FloatField(default=0, validators=_DELAY)
    latency_max_seconds = models.FloatField(default=0, validators=_DELAY)
    retry_after = models.CharField(max_length=100, default="1", blank=True)
    outage = models.BooleanField(default=False)

    class Meta:
        db_table = "practice_faults"
        constraints = [models.CheckConstraint(name="practice_faults_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return "faults"
