"""What a post is."""

from django.db.models import TextChoices


class Direction(TextChoices):
    """Who speaks: they, or we."""

    IN = "in"
    OUT = "out"


class GivenBy(TextChoices):
    """Who gave a post its topic."""

    RULE = "rule"  # the topic's query finds the post
    MODEL = "model"  # learned from what people gave
    PERSON = "person"
    FILE = "file"  # of an import


class RunState(TextChoices):
    """How going through the stored posts stands."""

    RUNNING = "running"
    DONE = "done"
