"""What of a post can be understood, and corrected."""

from django.db.models import TextChoices


class Aspect(TextChoices):
    """One thing that is said of a post; the codes of `luister.text`."""

    LANG = "lang"
    SENTIMENT = "sentiment"
    KINDS = "kinds"
    NEED = "need"
    URGENCY = "urgency"
    NEGLECTED = "neglected"
    WANTS_HUMAN = "wants_human"
