"""The practice network's connector: reading, sending and looking up."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from luister.base.clock import utc_now
from luister.base.connector import (
    Account,
    Fetched,
    Field,
    Idempotency,
    Limits,
    OutboundPost,
    RawItem,
    Receipt,
)
from luister.base.errors import ConnectorError, NotSentError, UnknownOutcomeError
from luister.base.posts import InboundPost
from luister.connectors.practice.outcome import body_of, receipt, receipt_of
from luister.connectors.practice.parse import inbound_posts, moment, same_post
from luister.http.client import NEVER_LEFT, HttpClient
from luister.http.guard import allow_hosts_from_env

PUBLIC_LENGTH = 500
PRIVATE_LENGTH = 5000
PICTURES = 4
PICTURE_BYTES = 5 * 1024 * 1024
PICTURE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
POLL_SECONDS = 1.0
READ_DEADLINE_SECONDS = 10.0
PAGE = 100
MOST_PAGES = 100  # of a look-up
# Our clock and the network's may differ; how far back a look-up goes before the post was written.
CLOCK_SKEW = timedelta(minutes=15)


class PracticeConnector:
    """Implements `luister.base.connector.Connector`."""

    kind = "practice"
    label = "Practice network"
    publicness = "both"
    polled = False
    fields = (
        Field("base_url", default="http://127.0.0.1:8000/practice/api"),
        Field("handle"),
        Field("token", type="password"),
        Field(
            "idempotency",
            type="select",
            required=False,
            default=Idempotency.KEY.value,
            choices=tuple(kind.value for kind in Idempotency),
        ),
    )

    def __init__(self, *, transport: httpx.BaseTransport | None = None) -> None:
        """Make the connector; `transport` answers instead of the network, in tests."""
        self._transport = transport

    def idempotency(self, account: Account) -> Idempotency:
        """Return the class that the account was set to act as."""
        return Idempotency(account.settings.get("idempotency") or Idempotency.KEY)

    def limits(self, account: Account, *, public: bool) -> Limits:
        """Return how long a reply may be, and which pictures it may carry."""
        return Limits(
            max_length=PUBLIC_LENGTH if public else PRIVATE_LENGTH,
            max_files=PICTURES,
            max_file_bytes=PICTURE_BYTES,
            file_types=PICTURE_TYPES,
        )

    def length(self, text: str) -> int:
        """Return the number of code points."""
        return len(text)

    def check(self, account: Account) -> None:
        """Ask the network who we are.

        Raises:
            ConnectorError: with the exact cause.
        """
        me = self._read(account, "/me", {})
        handle = me.get("handle")
        if not isinstance(handle, str):
            raise ConnectorError("practice.not_understood", needs_attention=True, status="200")
        if handle != _handle(account):
            raise ConnectorError("practice.other_account", needs_attention=True, handle=handle[:30])

    def fetch(self, account: Account, cursor: Mapping[str, Any]) -> Fetched:
        """Read the events after the last one seen.

        Raises:
            ConnectorError: the network refused or could not be reached.
        """
        after = str(cursor.get("after", "0"))
        found = self._read(account, "/events", {"after": after, "limit": PAGE})
        events, last = found.get("events"), found.get("cursor")
        if not isinstance(events, list) or not isinstance(last, str):
            raise ConnectorError("practice.not_understood", status="200")
        now = utc_now()
        items = tuple(_raw_item(event, now) for event in events)
        return Fetched(items, {"after": last}, more=found.get("more") is True and last != after)

    def wait(self, account: Account, *, timeout_seconds: float, stop: threading.Event) -> None:
        """Wait a second: the network has no other way to tell us."""
        stop.wait(min(timeout_seconds, POLL_SECONDS))

    def parse(self, account: Account, item: RawItem) -> tuple[InboundPost, ...]:
        """Make a post of an event; kinds of events that we do not know make none.

        Raises:
            UnprocessableError: the event is not as documented.
        """
        return inbound_posts(item.content, me=_handle(account))

    def send(self, account: Account, post: OutboundPost, *, deadline_seconds: float) -> Receipt:
        """Post once; the key goes along in every class, the network minds it or not.

        Raises:
            NotSentError: it certainly did not happen.
            UnknownOutcomeError: everything else.
        """
        overwrites = self.idempotency(account) is Idempotency.OVERWRITE
        body: dict[str, Any] = {
            "text": post.text,
            "parent_id": post.parent_external_id,
            "to": "" if post.public else post.recipient.external_id,
        }
        if not post.public and not post.recipient.external_id:
            # Without a recipient the network would take it for a public post.
            raise NotSentError("practice.unknown_recipient", permanent=True)
        if post.attachments:
            body["pictures"] = [
                {"name": one.name, "content": base64.b64encode(one.content).decode()} for one in post.attachments
            ]
        try:
            with self._client(account) as client:
                answer = client.request(
                    "PUT" if overwrites else "POST",
                    f"/posts/by-key/{post.key}" if overwrites else "/posts",
                    deadline_seconds=deadline_seconds,
                    json=body,
                    headers={"Idempotency-Key": post.key},
                )
        except NEVER_LEFT as error:
            raise _not_sent(error) from None
        except ConnectorError as error:
            raise UnknownOutcomeError(error.reason.code) from None
        return receipt(answer)

    def look_up(self, account: Account, post: OutboundPost) -> Receipt | None:
        """Look through our own posts, newest first, for this text at this place.

        Raises:
            ConnectorError: could not look.
        """
        oldest = post.created_at - CLOCK_SKEW
        before = ""
        for _ in range(MOST_PAGES):
            found = self._read(account, "/posts", {"before": before, "limit": PAGE})
            try:
                own_posts = found["posts"]
                for own in own_posts:
                    if own["id"] not in post.taken and same_post(own, post):
                        return receipt_of(own)
                if not found["more"] or (own_posts and moment(own_posts[-1]["created_at"]) < oldest):
                    return None
                before = str(found["before"])
            except (ValueError, LookupError, TypeError, AttributeError, UnknownOutcomeError):
                break
        raise ConnectorError("practice.not_understood", status="200")

    def _client(self, account: Account) -> HttpClient:
        return HttpClient(
            str(account.settings.get("base_url", "")),
            allow_hosts=allow_hosts_from_env(),
            headers={
                "Authorization": f"Bearer {_token(account)}",
                "Accept": "application/json",
            },
            transport=self._transport,
        )

    def _read(self, account: Account, path: str, params: Mapping[str, str | int]) -> dict[str, Any]:
        with self._client(account) as client:
            answer = client.request("GET", path, params=params, deadline_seconds=READ_DEADLINE_SECONDS)
        return body_of(answer)


def _handle(account: Account) -> str:
    return account.handle.strip().removeprefix("@").lower()


def _token(account: Account) -> str:
    # Other characters would make the request malformed; without them the token is merely wrong, and is told so.
    return re.sub(r"[^\x21-\x7e]", "", account.secrets.get("token", "")) or "none"


def _raw_item(event: object, now: datetime) -> RawItem:
    content = json.dumps(event, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    event_id = event.get("id") if isinstance(event, dict) else None
    name = event_id if isinstance(event_id, str) else hashlib.sha256(content).hexdigest()
    return RawItem(external_key=f"event-{name}"[:200], content=content, received_at=now)


def _not_sent(error: ConnectorError) -> NotSentError:
    reason = error.reason
    failed = NotSentError(reason.code, needs_attention=error.needs_attention)
    failed.reason = reason
    return failed
