"""States of cases, and what a composer is for."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CaseState(TextChoices):
    """Open: we owe something; waiting: someone else does, or until a date; completed: answered, reopens when
    the customer writes; closed: final, a new post starts a new case.
    """

    OPEN = "open", _("Open")
    WAITING = "waiting", _("Waiting")
    COMPLETED = "completed", _("Completed")
    CLOSED = "closed", _("Closed")


class Origin(TextChoices):
    """Who began: the customer, or we."""

    REACTIVE = "reactive", _("Reactive")
    PROACTIVE = "proactive", _("Proactive")


class Mode(TextChoices):
    """What is being written."""

    REPLY = "reply", _("Reply")
    NOTE = "note", _("Internal note")


class Activity(TextChoices):
    """What a colleague does on a case right now."""

    VIEWING = "viewing", _("viewing")
    TYPING = "typing", _("typing")
    AWAY = "away", _("away")


class ReplyEffect(TextChoices):
    """What happens to the case once a reply is under way."""

    KEEP_OPEN = "open", _("Keep open")  # a holding reply: we still owe the answer
    WAIT = "waiting", _("Wait for the customer")
    COMPLETE = "completed", _("Complete")


class Audience(TextChoices):
    """Who has a saved view in their sidebar."""

    ME = "me", _("Only me")
    TEAM = "team", _("A team")
    ALL = "all", _("Everyone")
