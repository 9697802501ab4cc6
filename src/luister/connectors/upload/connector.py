"""The connector of channels that files are imported into."""

import threading
from collections.abc import Mapping
from typing import Any

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
from luister.base.errors import NotSentError, UnprocessableError
from luister.base.posts import InboundPost


class UploadConnector:
    """Keeps to the contract, and does nothing: what is in these channels, an import put there."""

    kind = "upload"
    label = "File"
    fields: tuple[Field, ...] = ()
    publicness = "both"
    polled = False

    def idempotency(self, account: Account) -> Idempotency:
        """Return the strictest class; nothing is ever sent."""
        return Idempotency.HUMAN

    def limits(self, account: Account, *, public: bool) -> Limits:
        """Nothing can be answered from here."""
        return Limits(can_send=False)

    def length(self, text: str) -> int:
        """Count characters."""
        return len(text)

    def check(self, account: Account) -> None:
        """There is nothing that could fail."""

    def fetch(self, account: Account, cursor: Mapping[str, Any]) -> Fetched:
        """Nothing comes by itself."""
        return Fetched((), cursor)

    def wait(self, account: Account, *, timeout_seconds: float, stop: threading.Event) -> None:
        """Wait for nothing."""
        stop.wait(timeout_seconds)

    def parse(self, account: Account, item: RawItem) -> tuple[InboundPost, ...]:
        """Refuse: imports make their posts themselves.

        Raises:
            UnprocessableError: always.
        """
        raise UnprocessableError("upload.cannot_send")

    def send(self, account: Account, post: OutboundPost, *, deadline_seconds: float) -> Receipt:
        """Refuse.

        Raises:
            NotSentError: always.
        """
        raise NotSentError("upload.cannot_send", permanent=True)

    def look_up(self, account: Account, post: OutboundPost) -> Receipt | None:
        """It is certainly not there: nothing is ever sent."""
        return None
