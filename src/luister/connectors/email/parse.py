"""From the raw bytes of a mail to a post; pure, bounded in time and memory, and never guessing silently."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from luister.base.connector import Account, RawItem
from luister.base.errors import Reason, UnprocessableError
from luister.base.posts import Author, Automatic, InboundPost, Kind
from luister.connectors.email.addresses import read_addresses
from luister.connectors.email.bodies import MAX_ATTACHMENTS, Body, read_body
from luister.connectors.email.classify import OWN_HEADER, Verdict, classify
from luister.connectors.email.headers import Headers, visible
from luister.connectors.email.quotes import Quoted, split_quoted
from luister.connectors.email.senders import Sender, read_sender
from luister.connectors.email.settings import Identity, identity
from luister.connectors.email.structure import Structure, read_headers, read_structure
from luister.markup.sanitize import sanitize
from luister.markup.tokens import TooComplexError

MAX_RECIPIENTS = 50
MAX_REFERENCES = 50
MAX_SUBJECT = 500
SOON = timedelta(days=1)  # clocks run ahead and zones are wrong by this much
LATE = timedelta(days=30)

_MAIL_HEADERS = {"from", "to", "subject", "date", "message-id", "received", "return-path", "delivered-to", "reply-to"}
_REPLY_SUBJECT = re.compile(r"(?:re|antw|aw|sv|betr|odp|rif|vs|ref)(?:\[\d+\])?\s*:", re.IGNORECASE)
_FORWARD_SUBJECT = re.compile(r"(?:fwd?|doorst|doorgestuurd|wg|tr|rv|enc|vb|vl)(?:\[\d+\])?\s*:", re.IGNORECASE)
_ENCRYPTED = {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"}


def parse_mail(account: Account, item: RawItem) -> InboundPost:
    """Make a post of a mail.

    Raises:
        UnprocessableError: it is empty, or no mail.
    """
    data = _with_newlines(item.content)
    if not data.strip():
        raise UnprocessableError("mail.empty")
    structure = read_structure(data)
    headers = structure.root.headers
    if _MAIL_HEADERS.isdisjoint(headers.names):
        raise UnprocessableError("mail.not_a_mail")
    us = identity(account)
    digest = content_digest(data)
    sender = read_sender(headers, us, fallback_id=f"unknown.{digest[:12]}@sender.invalid")
    body = read_body(structure.root) if item.oversized_bytes is None else Body()
    verdict = classify(structure.root, body.text, sender, us)
    ours = _is_ours(verdict, sender, us, headers)
    quoted = _split(body, headers, verdict)
    html, html_notices = _safe_html(body)
    external_id = message_id(headers) or f"<{digest[:32]}@synthetic.invalid>"
    recipients, recipient_notices = _recipients(headers, us, sender)
    posted_at, date_notices = _moment(headers, item.received_at)
    return InboundPost(
        external_id=external_id,
        kind=Kind.MAIL,
        public=False,
        author=sender.author,
        text=quoted.text,
        posted_at=posted_at,
        subject=visible(headers.text("subject").text)[:MAX_SUBJECT],
        quoted_text=quoted.quoted,
        html=html,
        references=references(headers, external_id),
        ours=ours,
        automatic=None if ours else verdict.automatic,
        bounce=verdict.bounce,
        reply_to=sender.reply_to,
        recipients=recipients,
        attachments=tuple(body.attachments),
        notices=(
            *sender.notices,
            *_own_address_notices(verdict, sender, us, ours=ours),
            *recipient_notices,
            *date_notices,
            *_size_notices(item, structure, body),
            *_body_notices(body, quoted, headers, verdict, item),
            *html_notices,
        ),
    )


def message_id(headers: Headers) -> str:
    """Return the Message-ID with angle brackets, "" where there is none."""
    return next(iter(headers.ids("message-id")), "")


def references(headers: Headers, external_id: str) -> tuple[str, ...]:
    """Return the ids a mail answers, nearest first."""
    ids = (*headers.ids("in-reply-to"), *reversed(headers.ids("references")))
    return tuple(id_ for id_ in dict.fromkeys(ids) if id_ != external_id)[:MAX_REFERENCES]


def content_digest(data: bytes) -> str:
    """Return what stays the same of a mail wherever it is stored: its id, sender, date, subject and body."""
    headers, body_at = read_headers(data)
    digest = hashlib.sha256()
    for name in ("message-id", "from", "date", "subject"):
        digest.update(headers.raw(name).encode("utf-8", errors="replace") + b"\0")
    digest.update(data[body_at:].replace(b"\r\n", b"\n").strip())
    return digest.hexdigest()


def _with_newlines(data: bytes) -> bytes:
    """Old Macs end lines with a bare carriage return."""
    return data if b"\n" in data else data.replace(b"\r", b"\n")


def _is_ours(verdict: Verdict, sender: Sender, us: Identity, headers: Headers) -> bool:
    """A colleague's mail from our address, which the trusted server vouches for; anyone can write our address."""
    return (
        verdict.automatic is Automatic.LOOP
        and sender.verified is True
        and us.is_ours(sender.author.external_id)
        and OWN_HEADER not in headers
    )


def _split(body: Body, headers: Headers, verdict: Verdict) -> Quoted:
    if verdict.automatic in (Automatic.BOUNCE, Automatic.DELAY, Automatic.RECEIPT, Automatic.COMPLAINT):
        return Quoted(body.text.strip())
    subject = visible(headers.text("subject").text)
    is_reply = "in-reply-to" in headers or "references" in headers or bool(_REPLY_SUBJECT.match(subject))
    return split_quoted(body.text, is_reply=is_reply, is_forward=bool(_FORWARD_SUBJECT.match(subject)))


def _safe_html(body: Body) -> tuple[str, list[Reason]]:
    if not body.html:
        return "", []
    try:
        return sanitize(body.html).html, []
    except TooComplexError:
        return "", [Reason("mail.plain_only")]


def _recipients(headers: Headers, us: Identity, sender: Sender) -> tuple[tuple[Author, ...], list[Reason]]:
    """Return the other people in To and Cc, each once, and a notice when there are too many to keep."""
    others: dict[str, Author] = {}
    for author in _addressees(headers):
        if not us.is_ours(author.external_id) and author.external_id != sender.author.external_id:
            others.setdefault(author.external_id, author)
    kept = tuple(others.values())[:MAX_RECIPIENTS]
    if len(others) <= MAX_RECIPIENTS:
        return kept, []
    values = {"count": str(len(others)), "kept": str(MAX_RECIPIENTS)}
    return kept, [Reason("mail.many_recipients", values)]


def _addressees(headers: Headers) -> Iterator[Author]:
    for name in ("to", "cc"):
        for value in headers.raw_all(name):
            yield from read_addresses(value)


def _moment(headers: Headers, received_at: datetime) -> tuple[datetime, list[Reason]]:
    """Return when the mail was sent, as far as its own Date can be believed."""
    date = headers.date()
    if date is None:
        return received_at, []
    if received_at - LATE <= date <= received_at + SOON:
        return min(date, received_at), []
    return received_at, [Reason("mail.date_in_mail", {"date": date.astimezone(UTC).isoformat(timespec="minutes")})]


def _own_address_notices(verdict: Verdict, sender: Sender, us: Identity, *, ours: bool) -> Iterator[Reason]:
    if verdict.automatic is Automatic.LOOP and not ours and us.is_ours(sender.author.external_id):
        yield Reason("mail.spoof_own", {"address": sender.author.external_id})


def _size_notices(item: RawItem, structure: Structure, body: Body) -> Iterator[Reason]:
    if item.oversized_bytes is not None:
        yield Reason("mail.oversized", {"size": f"{item.oversized_bytes / 1_000_000:.1f}"})
    if structure.repaired and item.oversized_bytes is None:
        yield Reason("mail.repaired")
    if structure.cut:
        yield Reason("mail.parts_cut")
    if body.text_cut:
        yield Reason("mail.text_cut")
    if body.attachments_cut:
        yield Reason("mail.attachments_cut", {"kept": str(MAX_ATTACHMENTS)})


def _body_notices(body: Body, quoted: Quoted, headers: Headers, verdict: Verdict, item: RawItem) -> Iterator[Reason]:
    if body.lossy_charset or headers.text("subject").lossy:
        yield Reason("mail.lossy", {"charset": body.lossy_charset or "?"})
    if quoted.interleaved:
        yield Reason("mail.interleaved")
    if not quoted.text and item.oversized_bytes is None and verdict.automatic is None:
        yield Reason("mail.no_new_text" if quoted.quoted else "mail.no_text")
    types = {attachment.content_type for attachment in body.attachments}
    if types & _ENCRYPTED:
        yield Reason("mail.encrypted")
    if "text/calendar" in types:
        yield Reason("mail.calendar")
    if "application/ms-tnef" in types or any(a.name.lower() == "winmail.dat" for a in body.attachments):
        yield Reason("mail.winmail")
