"""States of what comes in and what goes out."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RawState(TextChoices):
    """What became of a payload."""

    NEW = "new", _("Waiting")
    PROCESSED = "processed", _("Processed")
    UNPROCESSABLE = "unprocessable", _("Could not be processed")
    DISCARDED = "discarded", _("Discarded")


class SendState(TextChoices):
    """Where an outgoing post is; TRUST: queued → sending → sent | failed | unknown, and from unknown onwards."""

    PROPOSED = "proposed", _("Waits for approval")  # never blocks its lane, never leaves by itself
    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")
    UNKNOWN = "unknown", _("We don't know whether this arrived")
    CANCELLED = "cancelled", _("Taken back")  # by undo, before anything left
    ABANDONED = "abandoned", _("Given up")  # by a person
    BOUNCED = "bounced", _("Could not be delivered")


UNSETTLED = (SendState.QUEUED, SendState.SENDING, SendState.UNKNOWN)


class AttemptOutcome(TextChoices):
    """What one try at sending came to."""

    SENT = "sent", _("Sent")
    NOT_SENT = "not_sent", _("Not sent")
    UNKNOWN = "unknown", _("Unknown")
    LATE = "late", _("Too late")  # the worker was held up between claim and request, and let it be
