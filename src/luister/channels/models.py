"""Connected accounts, mailboxes and feeds."""

from django.db import models
from django.db.models.functions import Lower

from luister.accounts.models import Team, Workspace
from luister.channels.enums import ChannelState, Owner, Publicness, Purpose


class Channel(models.Model):
    """One connected account on a network, owned by a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)  # the connector's kind
    network = models.CharField(max_length=30)  # where its posts were said: the kind, or for a feed news, for a file x
    name = models.CharField(max_length=80)
    handle = models.CharField(max_length=200)  # our account name or address there
    purpose = models.CharField(max_length=20, choices=Purpose, default=Purpose.SERVICE)
    owner = models.CharField(max_length=20, choices=Owner, default=Owner.US)
    publicness = models.CharField(max_length=10, choices=Publicness)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    settings = models.JSONField(default=dict)
    sealed_secrets = models.BinaryField(default=b"")  # luister.channels.secrets opens it
    caret_signature = models.BooleanField(default=False)  # public replies end in ^Name
    undo_seconds = models.PositiveSmallIntegerField(default=10)
    state = models.CharField(max_length=20, choices=ChannelState, default=ChannelState.ACTIVE)
    reason_code = models.CharField(max_length=60, blank=True)
    reason_values = models.JSONField(default=dict)
    state_since = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True)  # the last time reading succeeded
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "channels_channel"
        constraints = [
            models.UniqueConstraint("workspace", "kind", "network", Lower("handle"), name="channels_channel_once"),
        ]

    def __str__(self) -> str:
        return self.name
