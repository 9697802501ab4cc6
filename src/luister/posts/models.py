"""Every post, its earlier versions and attachments."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from luister.accounts.models import User, Workspace
from luister.channels.models import Channel
from luister.people.models import Identity
from luister.posts.enums import Direction


class Post(models.Model):
    """Any one thing said, in or out, public or private; stored once per channel and external id."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=1000)
    direction = models.CharField(max_length=3, choices=Direction)
    kind = models.CharField(max_length=20)  # luister.base.posts.Kind
    is_public = models.BooleanField()
    author = models.ForeignKey(Identity, on_delete=models.PROTECT, null=True, related_name="+")  # null: ours
    sent_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)  # the new text
    quoted_text = models.TextField(blank=True)  # what it quotes, folded away
    html = models.TextField(blank=True)  # sanitised; shown in a sandboxed frame only
    url = models.URLField(max_length=1000, blank=True)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    references = ArrayField(models.CharField(max_length=1000), default=list)  # external ids, nearest first
    thread_external_id = models.CharField(max_length=1000, blank=True)
    is_addressed = models.BooleanField(default=True)  # false: context only
    automatic = models.CharField(max_length=20, blank=True)  # luister.base.posts.Automatic
    bounce = models.JSONField(default=dict)  # luister.base.posts.Bounce, where the post is one
    reply_to = models.JSONField(default=dict)  # where an answer goes, if not to the author
    recipients = models.JSONField(default=list)  # other people in To and Cc
    notices = models.JSONField(default=list)  # [{"code": …, "values": {…}}], shown beside the post
    language = models.CharField(max_length=8, blank=True)  # ISO 639-1
    sentiment = models.CharField(max_length=10, blank=True)  # positive, neutral or negative
    says = ArrayField(models.CharField(max_length=20), default=list)  # question, complaint, …
    links = ArrayField(models.CharField(max_length=2000), default=list)  # addresses beside those in the text
    rating = models.DecimalField(max_digits=4, decimal_places=2, null=True)  # stars
    reach = models.PositiveBigIntegerField(null=True)  # people
    followers = models.PositiveBigIntegerField(null=True)
    edited_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "posts_post"
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="posts_post_once")]
        indexes = [
            models.Index(
                fields=["channel", "thread_external_id", "posted_at"],
                name="posts_of_thread",
            ),
            models.Index(fields=["workspace", "-received_at", "-id"], name="posts_newest"),
            models.Index(fields=["author", "-posted_at"], name="posts_of_author"),
            models.Index(fields=["parent"], name="posts_of_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"


class PostVersion(models.Model):
    """What a post said before it was edited on its network."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    replaced_at = models.DateTimeField()

    class Meta:
        db_table = "posts_version"
        indexes = [models.Index(fields=["post", "-id"], name="posts_version_of_post")]

    def __str__(self) -> str:
        return self.subject


class Attachment(models.Model):
    """A file that came with a post or goes out with one, stored under a random name outside any web root."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)  # cleaned; only ever shown, never a path
    content_type = models.CharField(max_length=100)
    content_id = models.CharField(max_length=300, blank=True)
    size_bytes = models.PositiveBigIntegerField()
    is_dangerous = models.BooleanField(default=False)  # programs and scripts: a download asks first
    stored_as = models.CharField(max_length=80, unique=True)

    class Meta:
        db_table = "posts_attachment"
        indexes = [models.Index(fields=["post"], name="posts_attachment_of_post")]

    def __str__(self) -> str:
        return self.name
