"""The append-only record of what happened."""

from django.db import models

from luister.accounts.models import User, Workspace


class Event(models.Model):
    """One thing that happened to an object; never changed, never deleted but by retention."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)  # case.assigned, reply.sent, …
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")  # null: the system
    case_id = models.BigIntegerField(null=True)  # no foreign key: the case lives higher up
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "events_event"
        indexes = [
            models.Index(fields=["case_id", "id"], name="events_of_case"),
            models.Index(fields=["workspace", "name", "at"], name="events_of_workspace"),
        ]
