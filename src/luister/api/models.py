"""Tokens of other programs, and the answers that are kept for those who ask again."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models

from luister.accounts.models import Membership, User, Workspace
from luister.api.enums import GROUPS, Ending, in_short


class Token(models.Model):
    """What another program shows to act as a member; only the digest is stored."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")  # whose rights it has, at most
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=20)  # its beginning, by which people recognise it
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=30))
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")  # null: the command line
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)  # null: never
    last_used_at = models.DateTimeField(null=True, blank=True)
    paced_to = models.DateTimeField(null=True, blank=True)  # until when its requests have used up what it may ask
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=10, choices=Ending, blank=True)

    class Meta:
        db_table = "api_token"

    def __str__(self) -> str:
        return self.name

    @property
    def in_short(self) -> str:
        """The word for what it may be used for, where that is a whole group of scopes."""
        words = in_short(self.scopes)
        return words[0] if words and words[0] in GROUPS else ""

    def is_alive(self, *, now: datetime) -> bool:
        """Whether it has neither expired nor been revoked; its member may be gone all the same."""
        return self.ended_at is None and (self.expires_at is None or self.expires_at > now)


class KeptAnswer(models.Model):
    """What a request with an `Idempotency-Key` was answered, stored in the transaction of what it did."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    token = models.ForeignKey(Token, on_delete=models.CASCADE, db_index=False, related_name="+")
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)  # of method, address and body
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    content = models.TextField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "api_kept_answer"
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_answer_once")]
