"""Monitors and their mentions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from luister.accounts.models import Team, User, Workspace
from luister.listening.enums import LookBackState, MentionState, Sharing
from luister.posts.models import Post


class Monitor(models.Model):
    """A saved query that listens."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    query = models.TextField()  # luister.query; one that no longer parses finds nothing and says so
    version = models.PositiveIntegerField(default=1)  # goes up when the query changes
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    sharing = models.CharField(max_length=10, choices=Sharing, default=Sharing.OWN)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_muted = models.BooleanField(default=False)  # goes on finding, but counts nothing and calls nobody
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "listening_monitor"

    def __str__(self) -> str:
        return self.name


class LookBack(models.Model):
    """How far a monitor has gone through what was stored before it listened; one run at a time, newest posts first."""

    monitor = models.OneToOneField(Monitor, on_delete=models.CASCADE, primary_key=True, related_name="look_back")
    run = models.PositiveIntegerField(default=1)  # a job of an earlier run does nothing
    since = models.DateTimeField(null=True)  # null: everything
    total = models.PositiveBigIntegerField()  # posts to look at, as counted at the start
    examined = models.PositiveBigIntegerField(default=0)
    found = models.PositiveBigIntegerField(default=0)
    reached_at = models.DateTimeField(null=True)  # the last post that was looked at: received_at and id
    reached_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=LookBackState, default=LookBackState.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "listening_look_back"


class Mention(models.Model):
    """A post that a monitor found."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    monitor = models.ForeignKey(Monitor, on_delete=models.CASCADE, db_index=False, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    words = ArrayField(models.CharField(max_length=200), default=list)  # what matched, as it was written
    is_live = models.BooleanField()  # found as it came in, not by looking back
    is_public = models.BooleanField()  # as the post
    posted_at = models.DateTimeField()  # as the post, but never later than it came in: lists are in this order
    found_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=MentionState, default=MentionState.NEW)
    handled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "listening_mention"
        constraints = [models.UniqueConstraint(fields=["monitor", "post"], name="listening_mention_once")]
        indexes = [
            models.Index(fields=["monitor", "-posted_at", "-post"], name="listening_stream"),
            models.Index(fields=["workspace", "-posted_at", "-post"], name="listening_all_streams"),
            models.Index(fields=["monitor", "id"], name="listening_unread", condition=Q(is_live=True)),
        ]


class ReadUpTo(models.Model):
    """Up to which mention a person has seen a monitor's stream."""

    monitor = models.ForeignKey(Monitor, on_delete=models.CASCADE, db_index=False, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    mention_id = models.BigIntegerField()

    class Meta:
        db_table = "listening_read_up_to"
        constraints = [models.UniqueConstraint(fields=["monitor", "user"], name="listening_read_once")]
