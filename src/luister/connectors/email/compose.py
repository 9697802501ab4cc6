"""From a reply to the bytes of a mail: the same bytes in every attempt, threaded, and free of injected headers."""

import html
import re
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from luister.base.connector import OutboundAttachment, OutboundPost
from luister.base.errors import NotSentError
from luister.base.posts import Author
from luister.connectors.email.addresses import normal_address
from luister.connectors.email.classify import OWN_HEADER, own_mark
from luister.connectors.email.settings import Identity

MAX_REFERENCES = 20

_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,900}>")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CONTENT_TYPE = re.compile(r"(application|audio|font|image|model|text|video)/([\w.+-]{1,80})")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be sent."""

    message_id: str
    recipients: tuple[str, ...]
    content: bytes


def outgoing_id(key: str, us: Identity) -> str:
    """Return the Message-ID of what is sent under a key.

    Raises:
        NotSentError: the key cannot stand in one.
    """
    if not _KEY.fullmatch(key) or not us.domain:
        raise NotSentError("mail.settings", needs_attention=True, field="address")
    return f"<{key}@{us.domain}>"


def compose(post: OutboundPost, us: Identity, *, from_name: str, reply_to: str) -> Mail:
    """Write the mail of a reply.

    Raises:
        NotSentError: an address is none.
    """
    message_id = outgoing_id(post.key, us)
    message = EmailMessage(policy=SMTP)
    recipients = [_address(author) for author in (post.recipient, *post.cc)]
    try:
        message["From"] = _header_address(us.address, from_name)
        message["To"] = recipients[0]
        if post.cc:
            message["Cc"] = recipients[1:]
        if reply_to:
            message["Reply-To"] = _header_address(reply_to, from_name)
        message["Subject"] = one_line(post.subject)
    except (MessageError, ValueError, IndexError, AttributeError) as error:
        raise NotSentError("mail.bad_address", permanent=True, address=one_line(post.recipient.external_id)) from error
    message["Date"] = format_datetime(post.created_at)
    message[OWN_HEADER.title()] = own_mark(us)
    message.set_content(post.text, cte="quoted-printable")
    message.add_alternative(_as_html(post.text), subtype="html", cte="quoted-printable")
    for attachment in post.attachments:
        _attach(message, attachment)
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"--=_{number}_{post.key}")
    # These are written by hand: the library encodes an id that is longer than a line, and threading is lost.
    ids = f"Message-ID: {message_id}\r\n{_threading(post)}"
    return Mail(
        message_id=message_id,
        recipients=tuple(recipient.addr_spec for recipient in recipients),
        content=ids.encode("ascii") + message.as_bytes(),
    )


def one_line(text: str) -> str:
    """Return a text that cannot begin another header."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:500]


def _threading(post: OutboundPost) -> str:
    ids = [id_ for id_ in dict.fromkeys((*post.references, post.parent_external_id)) if _ID.fullmatch(id_)]
    if not ids:
        return ""
    kept = ids if len(ids) <= MAX_REFERENCES else [ids[0], *ids[1 - MAX_REFERENCES :]]
    parent = post.parent_external_id if post.parent_external_id in ids else ids[-1]
    return f"In-Reply-To: {parent}\r\nReferences: " + "\r\n ".join(kept) + "\r\n"


def _address(author: Author) -> Address:
    address = normal_address(author.external_id)
    # A sender that was not named was given an address under .invalid, which nobody can have (RFC 2606).
    if not address or address.endswith(".invalid"):
        raise NotSentError("mail.bad_address", permanent=True, address=one_line(author.external_id))
    return _header_address(address, author.name)


def _header_address(address: str, name: str) -> Address:
    try:
        return Address(display_name=one_line(name), addr_spec=address)
    except (MessageError, ValueError, IndexError) as error:
        raise NotSentError("mail.bad_address", permanent=True, address=one_line(address)) from error


def _as_html(text: str) -> str:
    paragraphs = (html.escape(paragraph).replace("\n", "<br>\n") for paragraph in re.split(r"\n{2,}", text.strip()))
    return "<html><body>\n" + "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs) + "\n</body></html>\n"


def _attach(message: EmailMessage, attachment: OutboundAttachment) -> None:
    known = _CONTENT_TYPE.fullmatch(attachment.content_type.strip().lower())
    maintype, subtype = (known[1], known[2]) if known else ("application", "octet-stream")
    message.add_attachment(
        attachment.content, maintype=maintype, subtype=subtype, filename=one_line(attachment.name) or "file"
    )


def envelope_sender(message_id: str, us: Identity, *, plus_addressing: bool) -> str:
    """Return where bounces go: our address, with the mail's key in it where the server knows +tags."""
    local, _, domain = us.address.rpartition("@")
    key = message_id.strip("<>").rpartition("@")[0]
    tagged = f"{local}+b.{key}"
    return f"{tagged if plus_addressing and len(tagged) <= 64 else local}@{domain}"
