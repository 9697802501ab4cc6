"""How an import is doing."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ImportState(TextChoices):
    """From a file that was dropped to posts that are stored."""

    NEW = "new", _("Waiting for you")  # recognised; columns and options are being chosen
    TRYING = "trying", _("Dry run")  # every row is read, nothing is stored
    READING = "reading", _("Reading")
    ASKING = "asking", _("Asks you")  # some rows are broken: go on without them?
    STORING = "storing", _("Storing")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


UNDER_WAY = frozenset({ImportState.TRYING, ImportState.READING, ImportState.STORING})
RESUMABLE = frozenset({ImportState.CANCELLED, ImportState.FAILED})
