"""Delivery notifications: RFC 3464 reports, and the plain texts that Gmail, Exim, qmail and old servers write."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from luister.base.posts import Automatic, Bounce
from luister.connectors.email.addresses import ADDRESS_IN_TEXT, read_addresses
from luister.connectors.email.headers import Headers, split_headers
from luister.connectors.email.senders import null_return_path
from luister.connectors.email.settings import Identity
from luister.connectors.email.structure import Part, read_headers

MAX_TEXT = 40_000
VERP_PREFIX = "b."

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"\b([45]\d\d)[ -](?:[45]\.\d{1,3}\.\d{1,3}\b|[A-Za-z<#\[])")
_MESSAGE_ID = re.compile(r"^[>\s]*message-id:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_DAEMON = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-daemon|mdaemon|mailerdaemon|bounces?)(?:$|[+@._-])", re.IGNORECASE
)
_FAILED_SUBJECT = re.compile(
    r"undeliver|returned (?:mail|to sender)|delivery (?:status notification|failure|has failed|failed)|mail delivery"
    r"|failure notice|non[- ]?delivery|could not (?:be delivered|send)|not delivered|onbestelbaar|niet (?:af)?geleverd"
    r"|niet bezorgd|bezorging|kon niet worden|delayed|vertraagd|warning: |unzustellbar|mail system error"
    r"|delivery report",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"delay|vertraagd|warning|will (?:be retried|retry|keep trying)|still being retried|do not need to resend"
    r"|temporar(?:y|ily)|niet opnieuw te verzenden",
    re.IGNORECASE,
)
_PERMANENT = re.compile(
    r"permanent|fatal|unrecoverable|does not exist|user unknown|no such user|bestaat niet", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Notification:
    """A bounce, a delay, or word that a mail did arrive; with what it says of the mail."""

    kind: Automatic
    bounce: Bounce | None


class _Recipient(NamedTuple):
    action: str
    address: str
    status: str
    diagnostic: str


def read_bounce(root: Part, text: str, identity: Identity) -> Notification | None:
    """Return what a delivery notification says; None for any other mail."""
    statuses = [part for part in root.walk() if part.content_type == "message/delivery-status"]
    if statuses:
        return _from_report(root, statuses, text, identity)
    return _from_text(root, text, identity)


def _from_report(root: Part, statuses: list[Part], text: str, identity: Identity) -> Notification:
    recipients = [recipient for part in statuses for recipient in _recipients(part)]
    # One mail, several recipients: what went wrong worst is what matters.
    order = {"failed": 0, "": 1, "delayed": 2}
    recipients.sort(key=lambda recipient: order.get(recipient.action, 3))
    worst = recipients[0] if recipients else _Recipient("", "", "", "")
    if worst.action in ("delivered", "relayed", "expanded"):
        return Notification(Automatic.RECEIPT, None)
    status = worst.status or _first(_STATUS, worst.diagnostic) or _first(_STATUS, text)
    delayed = worst.action == "delayed" or (not worst.action and status.startswith("4"))
    bounce = Bounce(
        message_id=_our_message_id(root, text, identity),
        recipient=worst.address,
        status=status,
        diagnostic=worst.diagnostic[:1000],
        permanent=not delayed and not status.startswith("4"),
    )
    return Notification(Automatic.DELAY if delayed else Automatic.BOUNCE, bounce)


def _recipients(part: Part) -> list[_Recipient]:
    """Read the blocks of a delivery-status part; the first is about the whole mail and names nobody."""
    blocks = re.split(rb"\r?\n[ \t]*\r?\n", part.content()[:MAX_TEXT])
    found = []
    for block in blocks:
        headers, _ = split_headers(block + b"\n\n", start=0, end=len(block) + 2)
        if "final-recipient" in headers or "original-recipient" in headers or "action" in headers:
            named = headers.raw("original-recipient") or headers.raw("final-recipient")
            address = ADDRESS_IN_TEXT.search(named)
            found.append(
                _Recipient(
                    action=headers.token("action"),
                    address=address[0] if address else "",
                    status=_first(_STATUS, headers.raw("status")),
                    diagnostic=_after_type(headers.raw("diagnostic-code")),
                )
            )
    return found


def _after_type(value: str) -> str:
    """Return "550 no such user" of "smtp; 550 no such user"."""
    kind, mark, words = value.partition(";")
    return words.strip() if mark else kind.strip()


def _from_text(root: Part, text: str, identity: Identity) -> Notification | None:
    headers = root.headers
    failed = [author.external_id for author in read_addresses(headers.raw("x-failed-recipients"))]
    verp = _verp_id(headers, identity)
    if not failed and not (verp and null_return_path(headers)) and not _looks_like_bounce(headers):
        return None
    text = text[:MAX_TEXT]
    status = _first(_STATUS, text)
    code = _first(_CODE, text)
    delayed = not failed and bool(_DELAYED.search(headers.text("subject").text + text[:2000]))
    delayed = delayed and not status.startswith("5") and not code.startswith("5") and not _PERMANENT.search(text)
    temporary = status.startswith("4") or (not status and code.startswith("4"))
    bounce = Bounce(
        message_id=_our_message_id(root, text, identity),
        recipient=failed[0] if failed else _first_address(text, identity),
        status=status,
        diagnostic=_diagnostic(text, status or code),
        permanent=not delayed and not temporary,
    )
    return Notification(Automatic.DELAY if delayed else Automatic.BOUNCE, bounce)


def _looks_like_bounce(headers: Headers) -> bool:
    sender = next(iter(read_addresses(headers.raw("from"))), None)
    by_machine = null_return_path(headers) or (sender is not None and bool(_DAEMON.match(sender.external_id)))
    return by_machine and bool(_FAILED_SUBJECT.search(headers.text("subject").text))


def _our_message_id(root: Part, text: str, identity: Identity) -> str:
    """Return the id of the mail that came back, from the bounce's address, the returned mail, or the text."""
    candidates = list(dict.fromkeys(_message_ids(root, text, identity)))
    ours = [id_ for id_ in candidates if id_.lower().endswith(f"@{identity.domain}>")]
    return next(iter(ours or candidates), "")


def _message_ids(root: Part, text: str, identity: Identity) -> Iterable[str]:
    verp = _verp_id(root.headers, identity)
    if verp:
        yield verp
    for part in root.walk():
        if part is not root and part.content_type in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/rfc822-headers",
        ):
            yield from read_headers(part.content()[:500_000])[0].ids("message-id")
    yield from _MESSAGE_ID.findall(text[:MAX_TEXT])
    yield from root.headers.ids("in-reply-to")
    yield from root.headers.ids("references")


def _verp_id(headers: Headers, identity: Identity) -> str:
    """Return our Message-ID when the mail is addressed to name+b.KEY@domain, the envelope sender of that mail."""
    for name in ("x-original-to", "delivered-to", "envelope-to", "to"):
        for recipient in read_addresses(headers.raw(name)):
            local = recipient.external_id.rpartition("@")[0]
            tag = local.partition(f"+{VERP_PREFIX}")[2]
            if tag and identity.is_ours(recipient.external_id):
                return f"<{tag}@{identity.domain}>"
    return ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""


def _first_address(text: str, identity: Identity) -> str:
    addresses = (match[0] for match in ADDRESS_IN_TEXT.finditer(text))
    return next((address for address in addresses if not identity.is_ours(address)), "")


def _diagnostic(text: str, mark: str) -> str:
    """Return the line that holds the server's words."""
    lines = (line.strip() for line in text.split("\n"))
    return next((line for line in lines if mark and mark in line), "")[:1000]
