"""Every post, its earlier versions and attachments."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, TextField
from django.db.models.functions import Cast

from luister.accounts.models import User, Workspace
from luister.channels.models import Channel
from luister.people.models import Identity
from luister.posts.enums import Direction, GivenBy, RunState


class Post(models.Model):
    """Any one thing said, in or out, public or private; stored once per channel and external id."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
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
            models.Index(fields=["channel", "-id"], name="posts_of_channel"),
            models.Index(fields=["author", "-posted_at"], name="posts_of_author"),
            models.Index(fields=["parent"], name="posts_of_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"

    @property
    def writer(self) -> str:
        """Who wrote it, as people know them; of what we wrote ourselves the channel."""
        return str(self.author) if self.author else self.channel.name


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


class SearchText(models.Model):
    """What searches ask of a post, written by `posts.index.store` alone: its lexemes and the values it is sorted by."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    author = models.ForeignKey(Identity, on_delete=models.CASCADE, db_index=False, null=True, related_name="+")
    posted_at = models.DateTimeField()
    is_public = models.BooleanField()
    rating = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    reach = models.PositiveBigIntegerField(null=True)
    followers = models.PositiveBigIntegerField(null=True)
    tokens = SearchVectorField()  # posts.index.lexemes
    addresses = models.TextField(blank=True)  # lower case, one a line
    form = models.PositiveSmallIntegerField()  # of the lexemes: posts.index.store.FORM when it was written

    class Meta:
        db_table = "posts_search"
        indexes = [
            models.Index(fields=["workspace", "-posted_at", "-post"], name="posts_search_newest"),
            models.Index(fields=["author"], name="posts_search_author", condition=Q(author__isnull=False)),
            models.Index(fields=["rating"], name="posts_search_rating", condition=Q(rating__isnull=False)),
            models.Index(fields=["reach"], name="posts_search_reach", condition=Q(reach__isnull=False)),
            models.Index(fields=["followers"], name="posts_search_followers", condition=Q(followers__isnull=False)),
            GinIndex(fields=["tokens"], name="posts_search_tokens"),
            GinIndex(
                OpClass(Cast(Func(F("tokens"), function="strip"), TextField()), name="gin_trgm_ops"),
                name="posts_search_parts",
            ),
            GinIndex(OpClass(F("addresses"), name="gin_trgm_ops"), name="posts_search_addresses"),
        ]


class AuthorName(models.Model):
    """How searches know an identity: its handle and display name, normalised."""

    identity = models.OneToOneField(Identity, on_delete=models.CASCADE, primary_key=True, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    handle = models.TextField()
    name = models.TextField()

    class Meta:
        db_table = "posts_author"
        indexes = [
            models.Index("workspace", OpClass(F("handle"), name="text_pattern_ops"), name="posts_author_handle"),
            models.Index("workspace", OpClass(F("name"), name="text_pattern_ops"), name="posts_author_name"),
        ]

    def __str__(self) -> str:
        return self.handle or self.name


class Indexing(models.Model):
    """How far the stored posts have been indexed in one form of the search index."""

    form = models.PositiveSmallIntegerField(primary_key=True)
    done_to = models.BigIntegerField(default=0)  # the id of the last post that was looked at
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "posts_indexing"


class Topic(models.Model):
    """A theme given to posts by rule, model or person."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=80)
    key = models.TextField()  # the name as queries compare it: luister.query.prepared.normalize_name
    query = models.TextField(blank=True)  # the rule; one that no longer parses finds nothing and says so
    version = models.PositiveIntegerField(default=1)  # goes up when the rule changes
    created_at = models.DateTimeField()

    class Meta:
        db_table = "posts_topic"
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="posts_topic_once")]

    def __str__(self) -> str:
        return self.name


class PostTopic(models.Model):
    """A topic that a post has; or one that a person took off it, so that neither rule nor model gives it again."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_index=False, related_name="+")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, db_index=False, related_name="+")
    posted_at = models.DateTimeField()  # as the post
    given_by = models.CharField(max_length=10, choices=GivenBy)
    is_removed = models.BooleanField(default=False)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")  # who gave it or took it off
    at = models.DateTimeField()

    class Meta:
        db_table = "posts_post_topic"
        constraints = [models.UniqueConstraint(fields=["post", "topic"], name="posts_topic_of_post")]
        indexes = [
            models.Index(fields=["topic", "-posted_at", "post"], include=["is_removed"], name="posts_of_topic"),
            models.Index(
                fields=["topic", "-at"],
                name="posts_topic_by_people",
                condition=Q(given_by=GivenBy.PERSON) | Q(is_removed=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.topic_id}"


class TopicRun(models.Model):
    """How far a topic's rule has gone through the stored posts; one run at a time, newest posts first."""

    topic = models.OneToOneField(Topic, on_delete=models.CASCADE, primary_key=True, related_name="run")
    version = models.PositiveIntegerField()  # of the rule; a job of an earlier one does nothing
    total = models.PositiveBigIntegerField()  # posts to look at, as counted at the start
    examined = models.PositiveBigIntegerField(default=0)
    given = models.PositiveBigIntegerField(default=0)
    reached_at = models.DateTimeField(null=True)  # the last post that was looked at: received_at and id
    reached_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "posts_topic_run"
