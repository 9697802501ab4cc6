"""What connectors make of a network's payloads: posts, their authors and attachments. No Django here."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from luister.base.errors import Reason


class Kind(StrEnum):
    """What a post is on its network."""

    POST = "post"  # a public post of its own
    REPLY = "reply"  # a public reply to another post
    COMMENT = "comment"  # under an article, a picture or a film
    MESSAGE = "message"  # a private message
    MAIL = "mail"
    REVIEW = "review"
    ARTICLE = "article"  # news, blogs and other pages
    BROADCAST = "broadcast"  # what was said on radio or television
    CALL = "call"  # by telephone


class Automatic(StrEnum):
    """Why a post was recognised as written by a machine."""

    AUTO_REPLY = "auto_reply"
    BULK = "bulk"
    BOUNCE = "bounce"  # our mail could not be delivered
    DELAY = "delay"  # our mail is late; not a failure yet
    RECEIPT = "receipt"  # read receipt
    COMPLAINT = "complaint"  # abuse report
    LOOP = "loop"  # our own mail coming back, or an answering machine answering us


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a post, as the network names them.

    `external_id` is what stays when a name changes (for mail: the address, domain in lower case).
    """

    external_id: str
    name: str = ""
    handle: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class InboundAttachment:
    """A file that came with a post; `name` is as the sender wrote it, to be cleaned before it is shown."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a bounce says about a mail of ours."""

    message_id: str  # of our mail, with angle brackets, or ""
    recipient: str
    status: str  # RFC 3463, such as 5.2.2, or ""
    diagnostic: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class InboundPost:
    """One thing said on a network, in the one shape that the rest of Luister knows.

    `references` are the external ids this post answers, nearest first; the first that is stored on the
    same channel is its parent. `thread_external_id` is the root of the thread on networks that have one.
    `addressed` is False for posts that are only context (another customer's reply in the thread).
    `ours` marks an echo of our own account, and `echo_key` is the key we sent with it, where the network
    gives that back. `notices` are warnings to show beside the post. `language` is an ISO 639-1 code where the
    network says so; `links` are addresses beside those in the text; `rating` counts stars from 1 to 5, `reach`
    and `followers` people; `sentiment` and `says` (question, complaint, …) are filled in where a person or
    another tool said so before us, as in a file. `replaces` where what it says now is what counts: when the post is
    known and says something else, that was an edit.
    """

    external_id: str
    kind: Kind
    public: bool
    author: Author
    text: str
    posted_at: datetime
    subject: str = ""
    quoted_text: str = ""
    html: str = ""  # sanitised; shown in a sandboxed frame
    url: str = ""
    references: tuple[str, ...] = ()
    thread_external_id: str = ""
    addressed: bool = True
    ours: bool = False
    echo_key: str = ""
    automatic: Automatic | None = None
    bounce: Bounce | None = None
    reply_to: Author | None = None
    recipients: tuple[Author, ...] = ()  # other people in To and Cc
    attachments: tuple[InboundAttachment, ...] = ()
    notices: tuple[Reason, ...] = field(default=())
    language: str = ""
    links: tuple[str, ...] = ()
    rating: Decimal | None = None
    reach: int | None = None
    followers: int | None = None
    sentiment: str = ""
    says: tuple[str, ...] = ()
    replaces: bool = False
