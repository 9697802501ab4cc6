"""Which mails a machine wrote: bounces, receipts, complaints, loops, auto-replies and bulk mail.

What is only a hint (a subject, X-Auto-Response-Suppress) never decides alone: hiding a person's mail is worse than
showing a machine's.
"""

import re
from dataclasses import dataclass

from luister.base.posts import Automatic, Bounce
from luister.connectors.email.bounces import read_bounce
from luister.connectors.email.headers import Headers
from luister.connectors.email.senders import Sender, null_return_path
from luister.connectors.email.settings import Identity
from luister.connectors.email.structure import Part

# Marks what we send; the value is that of the mailbox it was sent from.
OWN_HEADER = "x-luister-mailbox"
MAX_HOPS = 60

_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply")
_AUTO_SUBJECT = re.compile(
    r"(?:automatic reply|automatisch antwoord|automatisch antwoordbericht|autoreply|auto(?:matic)? response"
    r"|automatische reactie|out of office(?: autoreply| reply)?|automatische antwort|réponse automatique"
    r"|afwezigheidsbericht|afwezigheidsassistent)\s*[:\-]",
    re.IGNORECASE,
)
_BULK_PRECEDENCE = {"bulk", "list", "junk"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a mail is a machine's (None for a person's), and what it says of ours when it is a bounce."""

    automatic: Automatic | None = None
    bounce: Bounce | None = None


def classify(root: Part, text: str, sender: Sender, identity: Identity) -> Verdict:
    """Return what kind of automatic mail this is, if any."""
    headers = root.headers
    report = headers.parameter("content-type", "report-type").lower() if root.subtype == "report" else ""
    if report == "disposition-notification" or _has(root, "message/disposition-notification"):
        return Verdict(Automatic.RECEIPT)
    if report == "feedback-report" or _has(root, "message/feedback-report"):
        return Verdict(Automatic.COMPLAINT)
    notification = read_bounce(root, text, identity)
    if notification:
        return Verdict(notification.kind, notification.bounce)
    return Verdict(_without_report(headers, sender, identity))


def _without_report(headers: Headers, sender: Sender, identity: Identity) -> Automatic | None:
    if is_loop(headers, sender, identity):
        return Automatic.LOOP
    if _is_auto_reply(headers):
        return Automatic.AUTO_REPLY
    return Automatic.BULK if _is_bulk(headers, identity) else None


def is_loop(headers: Headers, sender: Sender, identity: Identity) -> bool:
    """Return whether our own mail came back."""
    if own_mark(identity) in (value.strip() for value in headers.raw_all(OWN_HEADER)):
        return True
    if any(identity.is_ours(value.strip("<> ")) for value in headers.raw_all("x-loop")):
        return True
    return identity.is_ours(sender.author.external_id) or len(headers.raw_all("received")) > MAX_HOPS


def own_mark(identity: Identity) -> str:
    """Return the value of OWN_HEADER in what this mailbox sends."""
    return identity.address.lower()


def _is_auto_reply(headers: Headers) -> bool:
    submitted = headers.token("auto-submitted")
    if submitted and submitted != "no":
        return not _is_listed(headers)
    if any(name in headers for name in _AUTO_HEADERS) or headers.token("precedence") in ("auto_reply", "auto-reply"):
        return True
    if headers.token("x-loop") in ("yes", "true"):
        return True
    if null_return_path(headers):
        return True
    # Each is too weak alone: people's mail carries the header, and anyone may write such a subject.
    return "x-auto-response-suppress" in headers and bool(_AUTO_SUBJECT.match(headers.text("subject").text))


def _is_bulk(headers: Headers, identity: Identity) -> bool:
    if _is_our_own_list(headers, identity):
        return False
    if _is_listed(headers):
        return True
    if "list-unsubscribe" in headers or "feedback-id" in headers:
        # Ticket systems and shops put these under what their people write as well; an answer to us is one.
        answered = (*headers.ids("in-reply-to"), *headers.ids("references"))
        return not any(id_.endswith(f"@{identity.domain}>") for id_ in answered)
    return False


def _is_listed(headers: Headers) -> bool:
    return "list-id" in headers or headers.token("precedence") in _BULK_PRECEDENCE


def _is_our_own_list(headers: Headers, identity: Identity) -> bool:
    """Our address may itself be a list (a Google group): what people send to it is not bulk."""
    posted_to = headers.raw("list-post").lower()
    list_id = headers.raw("list-id").rpartition("<")[2].strip("<> ").lower()
    return any(f"mailto:{own}" in posted_to or list_id == own.replace("@", ".") for own in identity.own_addresses)


def _has(root: Part, content_type: str) -> bool:
    return any(part.content_type == content_type for part in root.children)
