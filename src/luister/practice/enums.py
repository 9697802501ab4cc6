"""Choices of the practice network, in words."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from luister.base.connector import Idempotency


class Repeats(TextChoices):
    """What happens to a post that is sent twice; the values are those of `Idempotency`."""

    KEY = Idempotency.KEY.value, _("Recognised by a key")
    OVERWRITE = Idempotency.OVERWRITE.value, _("Written over the first")
    LOOKUP = Idempotency.LOOKUP.value, _("Posted again; own posts can be listed")
    ECHO = Idempotency.ECHO.value, _("Posted again; each is reported later")
    HUMAN = Idempotency.HUMAN.value, _("Posted again; nothing is told")
