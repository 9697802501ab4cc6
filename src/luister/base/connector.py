"""The contract between a connector (the code for one network) and the rest of Luister."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from luister.base.errors import Reason
from luister.base.posts import Author, InboundPost


class Idempotency(StrEnum):
    """What may be done when nobody knows whether a send happened; every connector declares its class."""

    KEY = "key"  # the network removes duplicates by our key: send again
    OVERWRITE = "overwrite"  # sending again replaces the same object: send again
    LOOKUP = "lookup"  # our own latest posts can be listed: look, then send again
    ECHO = "echo"  # the network tells us later: wait, then ask a person
    HUMAN = "human"  # nothing: ask a person


@dataclass(frozen=True, slots=True)
class Account:
    """What a connector is told of a channel: one connected account, mailbox or feed."""

    channel_id: int
    handle: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RawItem:
    """A payload as the network gave it.

    `external_key` names it within the channel, so that the same payload is stored once. A payload over
    the size limit is left on the network: `content` is then what could be read of it (a mail's headers)
    and `oversized_bytes` its full size.
    """

    external_key: str
    content: bytes
    received_at: datetime
    oversized_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """When to read a polled channel again, how often something usually appears there, and when something last did."""

    next_in: timedelta
    usual_gap: timedelta | None = None
    newest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """New payloads and the cursor that is stored with them in the same transaction.

    `pace` and `notices` (what is worth knowing of how reading went) are those of a polled channel.
    """

    items: tuple[RawItem, ...]
    cursor: Mapping[str, Any]
    more: bool = False  # call again at once
    pace: Pace | None = None
    notices: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboundAttachment:
    """A file to send along."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutboundPost:
    """What is to be sent.

    `key` is the same in every attempt: it is the idempotency key, and the local part of a mail's
    Message-ID. `parent_external_id` is the post that is answered; `references` are its ancestors, oldest
    first, ending in the parent. `taken` are the external ids of our other sends of late: a look-up for this
    one passes them over, so that the same words said twice are not taken for one.
    """

    key: str
    text: str
    public: bool
    recipient: Author
    created_at: datetime
    subject: str = ""
    parent_external_id: str = ""
    thread_external_id: str = ""
    references: tuple[str, ...] = ()
    cc: tuple[Author, ...] = ()
    attachments: tuple[OutboundAttachment, ...] = ()
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's word that a post was accepted."""

    external_id: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a reply may be, counted the network's own way by `Connector.length`, and which files it may carry.

    `file_types` are the content types that the network takes; none named means any. Where `can_send` is False
    nothing can be answered from here: a feed, or posts that came from a file.
    """

    can_send: bool = True
    max_length: int | None = None
    max_files: int = 0
    max_file_bytes: int = 0
    file_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a person fills in to connect a channel; label and help are in the interface's catalogue
    under `<connector kind>.<name>`.
    """

    name: str
    type: str = "text"  # text, email, password, number, checkbox, select
    required: bool = True
    default: str | int | bool = ""
    choices: tuple[str, ...] = field(default=())

    @property
    def secret(self) -> bool:
        """Whether the value is stored encrypted and never shown again."""
        return self.type == "password"


class Connector(Protocol):
    """The code for one network. Stateless: everything it needs comes as arguments.

    A connector opens sockets only through `luister.http`, which refuses private addresses unless
    `LUISTER_ALLOW_HOSTS` names them.
    """

    kind: str
    label: str
    fields: tuple[Field, ...]
    publicness: str  # public, private or both: what its posts can be
    polled: bool  # read now and then, when its pace says so; else `wait` tells when something is new

    def idempotency(self, account: Account) -> Idempotency:
        """Return the class that decides how an unknown outcome is resolved."""

    def limits(self, account: Account, *, public: bool) -> Limits:
        """Return how long a reply may be."""

    def length(self, text: str) -> int:
        """Return the length of a text as the network counts it."""

    def check(self, account: Account) -> None:
        """Try reading and sending rights without changing anything.

        Raises:
            ConnectorError: with the exact cause.
        """

    def fetch(self, account: Account, cursor: Mapping[str, Any]) -> Fetched:
        """Read what is new since the cursor ({} at first); overlapping a little is fine.

        Raises:
            ConnectorError: the network refused or could not be reached.
        """

    def wait(self, account: Account, *, timeout_seconds: float, stop: threading.Event) -> None:
        """Return when something may be new, at the latest after the time-out, or soon after `stop` is set.

        Raises:
            ConnectorError: as `fetch`.
        """

    def parse(self, account: Account, item: RawItem) -> tuple[InboundPost, ...]:
        """Make posts of a payload; pure.

        Raises:
            UnprocessableError: nothing sensible can be made of it.
        """

    def send(self, account: Account, post: OutboundPost, *, deadline_seconds: float) -> Receipt:
        """Send one post, once; never retries by itself.

        Raises:
            NotSentError: it certainly did not happen.
            UnknownOutcomeError: everything else. Any other exception counts as this one.
        """

    def look_up(self, account: Account, post: OutboundPost) -> Receipt | None:
        """Find a post that we may have sent; None when it is certainly not there.

        Raises:
            ConnectorError: could not look.
        """
