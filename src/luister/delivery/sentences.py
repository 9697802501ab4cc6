"""What the fields of connectors are called: label and help by `<connector kind>.<field>`, and what choices say."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

FIELDS: Final[dict[str, tuple[Words, Words]]] = {
    "practice.base_url": (_("Address of the practice network"), ""),
    "practice.handle": (_("Our account there"), _("The name behind the @.")),
    "practice.token": (_("Token"), _("Behind the scenes of the practice network, beside the account.")),
    "practice.idempotency": (
        _("Behaves like"),
        _("How the practice network treats a reply that is sent twice; for trying out what happens then."),
    ),
    "api.handle": (_("Short name"), _("What the other program is called, such as our-app.")),
    "feed.address": (_("Address of the feed"), ""),
    "feed.user": (_("User name"), _("Only where the site asks for one.")),
    "feed.password": (_("Password"), ""),
    "stream.address": (_("Address of the stream"), ""),
    "stream.user": (_("User name"), _("Only where the server asks for one.")),
    "stream.password": (_("Password or token"), ""),
    "email.address": (_("E-mail address"), _("What customers write to.")),
    "email.from_name": (_("Name of the sender"), _("Stands before the address in what we send.")),
    "email.imap_host": (_("Server for incoming mail (IMAP)"), _("Such as imap.example.org.")),
    "email.imap_port": (_("Port"), ""),
    "email.imap_security": (_("Encryption"), ""),
    "email.user": (_("User name"), _("Often the address itself.")),
    "email.password": (_("Password"), _("With a second step on the mailbox: an app password.")),
    "email.folder": (_("Folder"), _("What arrives here becomes a case.")),
    "email.smtp_host": (_("Server for outgoing mail (SMTP)"), _("Such as smtp.example.org.")),
    "email.smtp_port": (_("Port for outgoing mail"), ""),
    "email.smtp_security": (_("Encryption of outgoing mail"), ""),
    "email.smtp_user": (_("User name for outgoing mail"), _("Only where it differs from the one above.")),
    "email.smtp_password": (_("Password for outgoing mail"), _("Only where it differs from the one above.")),
    "email.aliases": (_("Other addresses of ours"), _("Separated by commas. Mail from them is not a customer's.")),
    "email.reply_to": (_("Answers go to"), _("Only where they should go to another address.")),
    "email.authserv_id": (
        _("Name of the mail server in its own headers"),
        _("Its verdicts on senders (Authentication-Results) are believed under this name only."),
    ),
    "email.sent_folder": (
        _("Folder for sent mail"),
        _("Found out whether a mail left, when the server gave no answer."),
    ),
    "email.provider_copies_sent": (
        _("The provider puts sent mail into that folder by itself"),
        _("Gmail and Microsoft 365 do."),
    ),
    "email.plus_addressing": (
        _("The mailbox takes name+anything@domain"),
        _("Mail that bounces is then told apart by its address."),
    ),
    "email.first_days": (_("Days back at first"), _("How old a mail may be when this mailbox is read the first time.")),
}

CHOICES: Final[dict[str, Words]] = {
    "tls": _("TLS from the first byte"),
    "starttls": _("STARTTLS"),
    "plain": _("None (only inside one's own network)"),
    "key": _("A network that recognises what it has already"),
    "overwrite": _("A network that overwrites what it has already"),
    "lookup": _("A network where sent posts can be looked up"),
    "echo": _("A network that reports sent posts later"),
    "human": _("A network that cannot tell"),
}

# What a network is called, and what it is, on the page where one is chosen.
KINDS: Final[dict[str, tuple[Words, Words]]] = {
    "email": (_("E-mail"), _("A mailbox: mail becomes cases, and answers leave from its address.")),
    "api": (_("API"), _("Posts that a program of yours hands in; they cannot be answered from here.")),
    "upload": (_("File"), _("Posts that were imported from a file.")),
    "feed": (_("Feed"), _("A news site, blog or forum that is read; it cannot be answered.")),
    "stream": (_("Stream"), _("Posts by the million that matchers read; only what a monitor finds comes in.")),
    "practice": (
        _("Practice network"),
        _("A small social network inside Luister, to try everything on. Nothing leaves this machine."),
    ),
}


def kind_label(kind: str) -> str:
    """Return what a network is called, also one that this version no longer knows."""
    return str(KINDS[kind][0]) if kind in KINDS else kind
