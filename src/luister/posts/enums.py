"""What a post is."""

from django.db.models import TextChoices


class Direction(TextChoices):
    """Who speaks: they, or we."""

    IN = "in"
    OUT = "out"
