"""Mail channels, raw mails and posts for the tests."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from luister.base.connector import Account, OutboundPost, RawItem
from luister.base.posts import Author, InboundPost
from luister.connectors.email import CONNECTOR

FIXTURES = Path(__file__).parent / "fixtures"
ADDRESS = "service@luister.example"
NOW = datetime(2026, 11, 3, 10, 12, tzinfo=UTC)


def account(secrets: dict[str, str] | None = None, **settings: Any) -> Account:
    """Return our mail channel."""
    return Account(1, ADDRESS, {"address": ADDRESS, **settings}, secrets or {})


def raw(content: bytes | str, *, received_at: datetime = NOW, oversized_bytes: int | None = None) -> RawItem:
    """Return a mail as the server gave it."""
    data = content.encode() if isinstance(content, str) else content
    return RawItem("key", data, received_at, oversized_bytes)


def parse(content: bytes | str, *, received_at: datetime = NOW, **settings: Any) -> InboundPost:
    """Return the post of a mail."""
    (post,) = CONNECTOR.parse(account(**settings), raw(content, received_at=received_at))
    return post


def fixture(name: str) -> bytes:
    """Return a mail of the fixtures folder."""
    return (FIXTURES / f"{name}.eml").read_bytes()


def codes(post: InboundPost) -> list[str]:
    """Return the codes of a post's notices."""
    return [notice.code for notice in post.notices]


def mail(body: str = "Hallo", **headers: str) -> str:
    """Return a plain mail; a header's underscores stand for hyphens, and "" leaves a header out."""
    fields = {
        "From": "Jan Jansen <jan@customer.example>",
        "To": ADDRESS,
        "Subject": "Vraag",
        "Date": "Tue, 03 Nov 2026 10:00:00 +0000",
        "Message-ID": "<1@customer.example>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value) + f"\n{body}\n"


def outbound(key: str = "0f9d8c7b-1111-4222-8333-444455556666", **changes: Any) -> OutboundPost:
    """Return a reply to Jan."""
    values: dict[str, Any] = {
        "key": key,
        "text": "Beste Jan,\n\nUw koffer is terecht.\n\n^Pim",
        "public": False,
        "recipient": Author("jan@customer.example", "Jan Jansen", "jan@customer.example"),
        "created_at": NOW,
        "subject": "Re: Vraag",
        **changes,
    }
    return OutboundPost(**values)
