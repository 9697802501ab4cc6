"""Raw mails as customers, and the machines between, send them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from zoneinfo import ZoneInfo

from luister.demo.script import Customer, File

MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Answered:
    """A mail of ours that a customer answers."""

    message_id: str  # with angle brackets
    references: tuple[str, ...]  # its ancestors, oldest first
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """What a customer writes."""

    sender: Customer
    subject: str
    text: str
    at: datetime
    language: str = "nl"
    html: str = ""
    files: tuple[File, ...] = ()
    answers: Answered | None = None
    is_automatic: bool = False


def raw_letter(letter: Letter, *, to: str, zone: ZoneInfo) -> bytes:
    """Return the mail as it arrives; the same letter always gives the same bytes."""
    message = EmailMessage()
    message["From"] = formataddr((letter.sender.mail_name, letter.sender.mail_address))
    message["To"] = to
    message["Date"] = format_datetime(letter.at.astimezone(zone))
    message["Message-ID"] = _message_id(letter)
    text = letter.text
    if letter.answers is None:
        message["Subject"] = letter.subject
    else:
        message["Subject"] = f"Re: {letter.subject.removeprefix('Re: ')}"
        message["In-Reply-To"] = letter.answers.message_id
        message["References"] = " ".join((*letter.answers.references, letter.answers.message_id))
        if "\n> " not in text:
            text = f"{text}\n\n{_quote(letter, letter.answers, to=to, zone=zone)}"
    if letter.is_automatic:
        message["Auto-Submitted"] = "auto-replied"
    message.set_content(f"{text}\n", cte="8bit")
    if letter.html:
        message.add_alternative(f"<html><body>{letter.html}</body></html>\n", subtype="html", cte="8bit")
    for file in letter.files:
        maintype, _, subtype = file.content_type.partition("/")
        message.add_attachment(file.text.encode(), maintype=maintype, subtype=subtype, filename=file.name)
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        digest = hashlib.blake2b(f"{number}{_message_id(letter)}".encode(), digest_size=12).hexdigest()
        part.set_boundary(f"=_{digest}")  # Python's own is random
    return message.as_bytes()


def raw_bounce(original_id: str, *, recipient: str, said: str, to: str, at: datetime, zone: ZoneInfo) -> bytes:
    """Return the report of a mail server that could not deliver a mail of ours (RFC 3464).

    Args:
        original_id: the Message-ID of our mail, with angle brackets.
        said: the status and the server's words ("5.2.2 Mailbox full").
    """
    status, _, words = said.partition(" ")
    domain = recipient.partition("@")[2]
    boundary = hashlib.blake2b(original_id.encode(), digest_size=12).hexdigest()
    date = format_datetime(at.astimezone(zone))
    lines = [
        f"From: Mail Delivery System <mailer-daemon@{domain}>",
        f"To: {to}",
        f"Date: {date}",
        f"Message-ID: <bounce-{boundary}@{domain}>",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="=_{boundary}"',
        "Return-Path: <>",
        "",
        f"--=_{boundary}",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        f"Your message to <{recipient}> could not be delivered.",
        "",
        words,
        "",
        f"--=_{boundary}",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; mx.{domain}",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        "Action: failed",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; 552 {status} {words}",
        "",
        f"--=_{boundary}",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: {original_id}",
        f"From: <{to}>",
        f"To: <{recipient}>",
        "",
        f"--=_{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode()


def _message_id(letter: Letter) -> str:
    content = f"{letter.sender.mail_address}\n{letter.at.isoformat()}\n{letter.text}"
    digest = hashlib.blake2b(content.encode(), digest_size=12).hexdigest()
    return f"<{digest}@{letter.sender.mail_address.partition('@')[2]}>"


def _quote(letter: Letter, answered: Answered, *, to: str, zone: ZoneInfo) -> str:
    local = answered.at.astimezone(zone)
    if letter.language == "en":
        line = f"On {local:%d/%m/%Y} at {local:%H:%M}, {to} wrote:"
    else:
        line = f"Op {local.day} {MONTHS[local.month - 1]}. {local.year} om {local:%H:%M} schreef {to}:"
    return "\n".join([line, "", *(f"> {one}".rstrip() for one in answered.text.splitlines())])
