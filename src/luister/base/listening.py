"""Connectors that only listen: nothing can be sent through them, whatever brings their posts."""

import threading
from collections.abc import Mapping
from typing import Any

from luister.base.connector import Account, Fetched, Idempotency, Limits, OutboundPost, RawItem, Receipt
from luister.base.errors import NotSentError, UnprocessableError
from luister.base.posts import InboundPost


class ListeningConnector:
    """The part of `luister.base.connector.Connector` that these have in common.

    A worker reads nothing from them either, unless they say how: `fetch` and `parse`.
    """

    polled = False
    no_sending: str  # the code of why nothing can be sent
    no_reading: str  # the code of why a worker has nothing to read; not needed where it has

    def idempotency(self, account: Account) -> Idempotency:
        """Return the strictest class: nothing is ever sent."""
        return Idempotency.HUMAN

    def limits(self, account: Account, *, public: bool) -> Limits:
        """Return that nothing can be answered from here."""
        return Limits(can_send=False)

    def length(self, text: str) -> int:
        """Return the number of characters."""
        return len(text)

    def fetch(self, account: Account, cursor: Mapping[str, Any]) -> Fetched:
        """Read nothing: nothing comes by itself."""
        return Fetched((), cursor)

    def wait(self, account: Account, *, timeout_seconds: float, stop: threading.Event) -> None:
        """Wait: nothing tells us that something is new."""
        stop.wait(timeout_seconds)

    def parse(self, account: Account, item: RawItem) -> tuple[InboundPost, ...]:
        """Refuse: whoever brings these posts makes them.

        Raises:
            UnprocessableError: always.
        """
        raise UnprocessableError(self.no_reading)

    def send(self, account: Account, post: OutboundPost, *, deadline_seconds: float) -> Receipt:
        """Refuse.

        Raises:
            NotSentError: always.
        """
        raise NotSentError(self.no_sending, permanent=True)

    def look_up(self, account: Account, post: OutboundPost) -> Receipt | None:
        """Say that it is not there: nothing was ever sent."""
        return None
