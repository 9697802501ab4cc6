"""Imports: the file, what was chosen for it, how far it is, and what was refused."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from luister.accounts.models import User, Workspace
from luister.channels.models import Channel
from luister.imports.enums import ImportState


class Import(models.Model):
    """One file on its way into the workspace.

    It is read once into rows that wait (`ImportRow`), put into threads and parts, and stored part by part. How far it
    is changes in the transaction of what was done, so that it can go on after anything.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")  # null: the command line
    file_name = models.CharField(max_length=200)  # cleaned; only ever shown
    stored_as = models.CharField(max_length=80, blank=True)  # empty once the file was removed
    size_bytes = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    source = models.JSONField(default=dict)  # luister.imports.reading.Source
    mapping = models.JSONField(default=dict)  # column → field
    options = models.JSONField(default=dict)  # luister.imports.mapping.Options
    state = models.CharField(max_length=20, choices=ImportState, default=ImportState.NEW)
    cancel_asked = models.BooleanField(default=False)
    reason_code = models.CharField(max_length=60, blank=True)
    reason_values = models.JSONField(default=dict)
    rows_read = models.PositiveIntegerField(default=0)
    last_number = models.PositiveIntegerField(default=0)  # of the last row that was read
    rows_stored = models.PositiveIntegerField(default=0)
    rows_present = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    rows_broken = models.PositiveIntegerField(default=0)  # of those refused: not even told apart into columns
    threads = models.PositiveIntegerField(default=0)
    cases = models.PositiveIntegerField(default=0)
    parts = models.PositiveIntegerField(default=0)
    parts_done = models.PositiveIntegerField(default=0)
    tried = models.JSONField(default=dict)  # what a dry run found
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    phase_at = models.DateTimeField(null=True)  # since when it reads, or stores; the time left is reckoned from it
    moved_at = models.DateTimeField(null=True)  # the last sign of life
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "imports_import"
        indexes = [models.Index(fields=["workspace", "-id"], name="imports_newest")]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """A row that was understood and waits to be stored."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    external_id = models.CharField(max_length=1000)
    network = models.CharField(max_length=30)
    brand = models.CharField(max_length=200, blank=True)
    thread = models.CharField(max_length=1000, blank=True)
    part = models.PositiveIntegerField(null=True)
    channel = models.ForeignKey(Channel, on_delete=models.SET_NULL, null=True, related_name="+")
    posted_at = models.DateTimeField()
    data = models.JSONField(default=dict)  # luister.imports.packing

    class Meta:
        db_table = "imports_row"
        constraints = [
            models.UniqueConstraint(fields=["batch", "network", "brand", "external_id"], name="imports_row_once")
        ]
        indexes = [models.Index(fields=["batch", "part"], name="imports_row_of_part")]


class ImportRefusal(models.Model):
    """A row that was not stored, and why."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    text = models.TextField(blank=True)  # the row, shortened
    cells = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "imports_refusal"
        indexes = [models.Index(fields=["batch", "number"], name="imports_refusal_of_import")]


class RememberedMapping(models.Model):
    """What was chosen for files with the same columns."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    columns_digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        db_table = "imports_remembered_mapping"
        constraints = [models.UniqueConstraint(fields=["workspace", "columns_digest"], name="imports_remembered_once")]
