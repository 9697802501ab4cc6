"""Contacts and their identities."""

from django.db import models

from luister.accounts.models import Workspace


class Contact(models.Model):
    """A person as a workspace knows them."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "people_contact"

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """One handle or address of a person on one network."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)  # the connector's kind
    external_id = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    handle = models.CharField(max_length=320, blank=True)
    url = models.URLField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "people_identity"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "external_id"], name="people_identity_once"),
        ]
        indexes = [models.Index(fields=["contact"], name="people_identity_of_contact")]

    def __str__(self) -> str:
        return self.name or self.handle or self.external_id
