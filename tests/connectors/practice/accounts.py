"""Accounts and posts for the tests of the practice connector."""

from dataclasses import replace
from datetime import UTC, datetime

from luister.base.connector import Account, Idempotency, OutboundPost
from luister.base.posts import Author
from luister.practice.server import HANDLE, TOKEN

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def account(base_url: str, *, idempotency: Idempotency = Idempotency.KEY, token: str = TOKEN) -> Account:
    settings = {"base_url": base_url, "handle": HANDLE, "idempotency": idempotency.value}
    return Account(channel_id=1, handle=HANDLE, settings=settings, secrets={"token": token})


def outbound(text: str = "Hello!", **values: object) -> OutboundPost:
    post = OutboundPost(key="k1", text=text, public=True, recipient=Author(""), created_at=NOW)
    return replace(post, **values)  # type: ignore[arg-type] - fields by name
