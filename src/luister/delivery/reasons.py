"""The sentences of delivery's own reasons, in English; `queries.sentence` translates them."""

from typing import Final

from django.utils.translation import gettext_noop as _

# Code → sentence, with {value} for its values.
REASONS: Final[dict[str, str]] = {
    "send.unknown": _("The network did not say whether this arrived. Check there before you send it again."),
    "send.not_found": _("This is not among our posts on the network, but it may appear there late."),
    "send.stuck": _("Sending this has been under way for minutes. Check on the network whether it arrived."),
    "send.bounced": _("The mail to {recipient} came back ({status}): {diagnostic}"),
    "send.waited_long": _("This could not leave for more than {hours} hours. Is it still worth sending?"),
    "send.restored": _(
        "This stood in the queue when a backup was made that was put back, and may have been sent since."
        " Check there before you send it."
    ),
    "send.file_gone": _("The file “{name}” is no longer here. Attach it to a new reply."),
    "send.no_connector": _("This version of Luister has no connector for “{kind}”."),
    "send.secrets_unreadable": _("The channel's secrets cannot be opened with the present key. Enter them again."),
    "raw.too_slow": _("Reading this took more than {seconds} seconds."),
    "raw.crashed": _("Reading this needed too much memory, or ended the program that reads it."),
    "raw.error": _("Reading this failed in a way that nobody foresaw ({error})."),
    "raw.not_stored": _("What this says could not be stored ({error})."),
    "raw.no_connector": _("This version of Luister has no connector for “{kind}”."),
    "case.refers_to_other": _("The customer refers to case #{number}."),
    "poll.broken": _("There has been nothing readable here for {days} days. What came in before stays."),
    "unknown": _("Something went wrong for which there are no words yet ({code})."),
    "listen.error": _("Reading this channel failed in a way that nobody foresaw ({error})."),
}
