"""How far the timetable was kept, who keeps it, how the workers are doing, and what was recovered from dead ones."""

from django.db import models

from luister.accounts.models import Workspace


class ScheduleState(models.Model):
    """Up to when a schedule's due moments were handled; whoever moves that on has claimed what lies between."""

    name = models.CharField(max_length=60)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="+")  # null: for all
    handled_until = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # the due moment for which it last ran, as what follows
    ran_at = models.DateTimeField(null=True)  # when its job was deferred
    was_late = models.BooleanField(default=False)
    job_id = models.BigIntegerField(null=True)
    skipped_at = models.DateTimeField(null=True)  # the last due moment that was skipped, being of no use any more

    class Meta:
        db_table = "schedules_state"
        constraints = [
            models.UniqueConstraint(fields=["name", "workspace"], nulls_distinct=False, name="schedules_state_once")
        ]

    def __str__(self) -> str:
        return self.name


class Leadership(models.Model):
    """Who keeps the timetable, in one row: the lock decides, this tells whether its holder still moves."""

    host = models.CharField(max_length=255)
    pid = models.PositiveBigIntegerField()
    backend_pid = models.PositiveBigIntegerField()  # the server process that holds the lock
    since_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "schedules_leadership"

    def __str__(self) -> str:
        return f"{self.host} {self.pid}"


class WorkerReport(models.Model):
    """What a living worker last said of itself; one that ends takes its report away, one that dies leaves it old."""

    host = models.CharField(max_length=255)
    pid = models.PositiveBigIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    looped_at = models.DateTimeField(null=True)  # when what works its jobs off last came round
    workers = models.JSONField(default=dict)  # the job library's workers: name → {"id": 5, "queues": ["sending"]}
    clock_skew_seconds = models.FloatField(default=0.0)  # how far its clock is ahead of the database's

    class Meta:
        db_table = "schedules_worker_report"
        constraints = [models.UniqueConstraint(fields=["host", "pid"], name="schedules_report_once")]

    def __str__(self) -> str:
        return f"{self.host} {self.pid}"


class Recovered(models.Model):
    """How many jobs of a queue were taken from workers that died, since this installation began."""

    queue = models.CharField(max_length=128, primary_key=True)
    count = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        db_table = "schedules_recovered"

    def __str__(self) -> str:
        return f"{self.queue}: {self.count}"
