"""Why an endpoint was switched off, and what became of an attempt, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from luister.webhooks.enums import TEST, Kind

STOPPED: Final[dict[str, Promise]] = {
    "gone": gettext_lazy("It answered that it is gone for good (410)."),
    "failing": gettext_lazy("Nothing has arrived there for three days."),
}

_STATUSES: Final[dict[int, Promise]] = {
    401: gettext_lazy("The receiver does not let us in (401). Check the address and the secret there."),
    403: gettext_lazy("The receiver does not let us in (403). Check the address and the secret there."),
    404: gettext_lazy("There is nothing at this address (404). Check the address."),
    410: gettext_lazy("The receiver is gone for good (410)."),
    429: gettext_lazy("The receiver asked us to slow down (429)."),
    503: gettext_lazy("The receiver is not available now (503)."),
}


def stopped_sentence(code: str) -> str:
    """Return why an endpoint was switched off, in the reader's language."""
    return str(STOPPED.get(code, ""))


def status_sentence(status: int) -> str:
    """Return what an answer means for the delivery, in the reader's language."""
    if 200 <= status < 300:
        return _("It arrived (%(status)d).") % {"status": status}
    if 300 <= status < 400:
        return _("The receiver leads to another address (%(status)d), which is not followed. Enter that address.") % {
            "status": status
        }
    known = _STATUSES.get(status)
    return str(known) if known else _("The receiver could not take it (%(status)d).") % {"status": status}


def kind_text(kind: str) -> str:
    """Return what happened, in the reader's language."""
    if kind == TEST:
        return _("Test event")
    return str(dict[str, str | Promise](Kind.choices).get(kind, kind))


def own_sentence(code: str, values: Mapping[str, str]) -> str | None:
    """Return the sentence of a reason that only webhooks have, or None."""
    if code == "webhook.secret_unreadable":
        return _("The secret cannot be read: the key in LUISTER_CHANNEL_KEYS is another one. Make a new secret.")
    return None
