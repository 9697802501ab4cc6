"""With whom a monitor is shared, and what became of what it found."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Sharing(TextChoices):
    """Who sees a monitor besides its owner, administrators and leads."""

    OWN = "own", _("Only me")
    TEAM = "team", _("One team")
    ALL = "all", _("Everyone in the workspace")


class MentionState(TextChoices):
    """What a person did with a mention."""

    NEW = "new", _("New")
    CASE = "case", _("Case made")
    DISMISSED = "dismissed", _("Dismissed")


class LookBackState(TextChoices):
    """How far looking back is."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", pgettext_lazy("looking back", "Cancelled")
