"""The connector of streams: matchers read them and store what monitors find, so that workers have nothing to do here.

Source: NATS JetStream 2.9; docs/connectors/stream.md (checked 2026-11).
"""

import threading
from collections.abc import Mapping
from typing import Any

from luister.base.connector import Account, Fetched, Field, Idempotency, Limits, OutboundPost, RawItem, Receipt
from luister.base.errors import NotSentError, UnprocessableError
from luister.base.posts import InboundPost
from luister.connectors.stream.address import StreamAddress
from luister.connectors.stream.probe import probe


class StreamConnector:
    """Implements `luister.base.connector.Connector`."""

    kind = "stream"
    label = "Stream"
    publicness = "public"
    polled = False
    fields = (
        Field("address"),
        Field("user", required=False),
        Field("password", type="password", required=False),
    )

    def idempotency(self, account: Account) -> Idempotency:
        """Return the strictest class: nothing is ever sent."""
        return Idempotency.HUMAN

    def limits(self, account: Account, *, public: bool) -> Limits:
        """Return that a stream cannot be answered."""
        return Limits(can_send=False)

    def length(self, text: str) -> int:
        """Return the number of characters."""
        return len(text)

    def check(self, account: Account) -> None:
        """Look at the stream on its server, changing nothing.

        Raises:
            ConnectorError: with the exact cause.
        """
        probe(StreamAddress.of(account))

    def fetch(self, account: Account, cursor: Mapping[str, Any]) -> Fetched:
        """Read nothing: matchers do."""
        return Fetched((), cursor)

    def wait(self, account: Account, *, timeout_seconds: float, stop: threading.Event) -> None:
        """Wait for nothing."""
        stop.wait(timeout_seconds)

    def parse(self, account: Account, item: RawItem) -> tuple[InboundPost, ...]:
        """Refuse: matchers make their posts themselves.

        Raises:
            UnprocessableError: always.
        """
        raise UnprocessableError("stream.by_matchers")

    def send(self, account: Account, post: OutboundPost, *, deadline_seconds: float) -> Receipt:
        """Refuse: nothing can be sent to a stream.

        Raises:
            NotSentError: always.
        """
        raise NotSentError("stream.no_sending", permanent=True)

    def look_up(self, account: Account, post: OutboundPost) -> Receipt | None:
        """Say that it is not there: nothing was ever sent."""
        return None
