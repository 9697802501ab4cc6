"""What a channel is for, whose it is, and how it is doing."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Purpose(TextChoices):
    """What we use a channel for."""

    SERVICE = "service", _("Service")
    NEWS = "news", _("News")
    SALES = "sales", _("Sales")


class Owner(TextChoices):
    """Whose channel it is."""

    US = "us", _("Ours")
    PUBLIC = "public", _("The public's")
    REVIEW_SITE = "review_site", _("A review site's")
    CUSTOMERS = "customers", _("Our customers'")
    PERSON = "person", _("A person's")


class Publicness(TextChoices):
    """Who can read what is said there."""

    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Private")
    BOTH = "both", _("Public and private")


class ChannelState(TextChoices):
    """Whether a channel works."""

    ACTIVE = "active", _("Working")
    PAUSED = "paused", _("Paused")  # by a person: nothing is read or sent
    ATTENTION = (
        "attention",
        _("Needs attention"),
    )  # a person has to mend it; reason_code says what
    REMOVED = "removed", _("Removed")  # by a person, for good; what came in stays
