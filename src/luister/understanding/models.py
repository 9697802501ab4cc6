"""What the machine understood of posts, what people corrected, and what was learned from that."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from luister.accounts.models import User, Workspace
from luister.posts.models import Post
from luister.understanding.enums import Aspect


class Understanding(models.Model):
    """What a post says; its language, sentiment and kinds stand in the post itself, where searches look for them.

    `inferred` is what the machine said of each aspect, `given` what the network or a file said. What counts is what a
    person said, else what was given, else what was inferred.
    """

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    posted_at = models.DateTimeField()
    score = models.FloatField(default=0.0)  # of the sentiment, from -1 to 1
    need = models.CharField(max_length=10, blank=True)  # luister.text.contract.Need
    urgency = models.CharField(max_length=10, blank=True)  # luister.text.contract.Urgency
    is_neglected = models.BooleanField(default=False)  # tells of earlier contact that got no answer
    wants_human = models.BooleanField(default=False)
    personal_data = models.JSONField(default=list)  # [{"kind": …, "start": …, "end": …}], places in the text
    emotions = ArrayField(models.CharField(max_length=20), default=list)  # strongest first
    key_phrases = ArrayField(models.CharField(max_length=200), default=list)
    why = models.JSONField(default=dict)  # {aspect or kind: [{"code": …, "text": …, "weight": …}]}
    fingerprint = models.BigIntegerField(default=0)  # luister.text.near; 0: too few words
    bands = ArrayField(models.IntegerField(), default=list)  # of it; near-copies share one
    copy_of = models.ForeignKey(Post, on_delete=models.SET_NULL, null=True, related_name="+")
    inferred = models.JSONField(default=dict)  # {aspect: value}
    given = models.JSONField(default=dict)  # {aspect: value}
    version = models.PositiveSmallIntegerField()  # of luister.text.understanding
    understood_at = models.DateTimeField()

    class Meta:
        db_table = "understanding_understanding"
        indexes = [
            # Copies are found by their original, however many there are. Each row is looked for as it is written:
            # a list of what waits to be put into the index would be read every time.
            GinIndex(
                fields=["bands"],
                name="understanding_bands",
                fastupdate=False,
                condition=Q(copy_of=None) & ~Q(fingerprint=0),
            ),
            models.Index(
                fields=["workspace", "fingerprint", "posted_at"],
                name="understanding_same",
                condition=~Q(fingerprint=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.need}"


class Correction(models.Model):
    """What a person said of a post instead of the machine; in force until it is undone or another takes its place."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_index=False, related_name="+")
    aspect = models.CharField(max_length=20, choices=Aspect)
    before = models.JSONField()  # what counted until then
    after = models.JSONField()
    replaces = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "understanding_correction"
        constraints = [
            models.UniqueConstraint(
                fields=["post", "aspect"], name="understanding_in_force", condition=Q(undone_at=None)
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "-at"], name="understanding_corrected"),
            models.Index(fields=["post"], name="understanding_correction_of"),
        ]

    def __str__(self) -> str:
        return self.aspect


class LearnedModel(models.Model):
    """What the corrections of a workspace taught: `luister.text.lessons.Lessons`."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    data = models.JSONField(default=dict)  # the shifts
    effects = models.JSONField(default=list)  # luister.text.lessons.Effect, each as a mapping
    is_on = models.BooleanField(default=True)
    learned_at = models.DateTimeField()

    class Meta:
        db_table = "understanding_learned"

    def __str__(self) -> str:
        return str(self.learned_at)


class Backlog(models.Model):
    """How far the stored posts have been understood by one version of the machine."""

    version = models.PositiveSmallIntegerField(primary_key=True)
    done_to = models.BigIntegerField(default=0)  # the id of the last post that was looked at
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "understanding_backlog"

    def __str__(self) -> str:
        return f"{self.version}: {self.done_to}"
