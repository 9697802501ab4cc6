"""How the matchers of streams are doing."""

from django.db import models


class MatcherReport(models.Model):
    """What a living matcher last said of itself; one that ends takes its report away, one that dies leaves it old."""

    stream = models.CharField(max_length=200)  # as the channels of the stream are known: host:port/STREAM
    host = models.CharField(max_length=255)
    pid = models.PositiveBigIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    lag = models.PositiveBigIntegerField(null=True)  # posts in the stream that no matcher has been given yet
    in_hand = models.PositiveBigIntegerField(null=True)  # posts that matchers were given and have not finished
    rate = models.FloatField(default=0.0)  # posts a second that this matcher read, since its last report
    matched_rate = models.FloatField(default=0.0)  # of those, the posts a second that a query found
    posts = models.PositiveBigIntegerField(default=0)  # since it started, as what follows
    matched = models.PositiveBigIntegerField(default=0)
    redeliveries = models.PositiveBigIntegerField(default=0)
    dead_letters = models.PositiveBigIntegerField(default=0)
    dead_by_code = models.JSONField(null=True)  # how many of those by the code of the reason
    queries = models.PositiveIntegerField(default=0)  # that it holds now
    looked_at = models.DateTimeField(null=True)  # when it last saw which monitors stand
    batch_seconds = models.FloatField(default=0.0)  # that a batch took on average, since its last report
    last_error = models.TextField(blank=True)  # a sentence, in English
    last_error_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "streams_matcher_report"
        constraints = [models.UniqueConstraint(fields=["stream", "host", "pid"], name="streams_report_once")]

    def __str__(self) -> str:
        return f"{self.host} {self.pid}: {self.stream}"
