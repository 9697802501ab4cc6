"""Signs of life of the database, of all connections of a process together.

A network that is cut says nothing, nor does a server that hangs, or a pooler that waits for one: a page would wait for
as long as TCP does, or for ever. When nothing was heard for a while, the database is asked whether it is there.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, Final

import psycopg

PATIENCE_SECONDS: Final = 2.0  # without a word from the database
ANSWER_SECONDS: Final = 2  # it may then take to answer; psycopg waits no less
TRY_SECONDS: Final = 1.0  # while it is away, one page so often goes and looks; the others are told at once
NEVER: Final = float("-inf")


class Signs:
    """When the database was last heard, and when it was last found to be away, by `time.monotonic`."""

    def __init__(self, on_loss: Callable[[], None] = lambda: None) -> None:
        self.patience_seconds = PATIENCE_SECONDS
        self._on_loss = on_loss
        self._heard_at = self._lost_at = self._asked_at = self._tried_at = NEVER
        self._asking = threading.Lock()

    @property
    def is_away(self) -> bool:
        """Whether it was found to be away, and not heard since."""
        return self._lost_at > self._heard_at

    def hear(self) -> None:
        """Note that the database said something."""
        self._heard_at = time.monotonic()

    def lose(self) -> None:
        """Note that it cannot be reached."""
        self._lost_at = time.monotonic()
        self._on_loss()

    def lose_if_silent(self) -> None:
        """Note that no connection to it can be made, which may be for want of one more: unless it talks on others."""
        if self._is_silent(NEVER):
            self.lose()

    def is_heard(self, *, since: float) -> bool:
        """Return whether it said anything since then."""
        return self._heard_at >= since

    def may_try(self) -> bool:
        """Return whether to look for it now: always, but while it is away only now and then."""
        now = time.monotonic()
        if self.is_away and now - self._tried_at < TRY_SECONDS:
            return False
        self._tried_at = now
        return True

    def is_there(self, address: Callable[[], dict[str, Any]], *, since: float) -> bool:
        """Return whether it is there, for a statement that waits since then; it is asked after a silence.

        Args:
            address: gives what to connect with, past any pooler: that may be busy, or wait as well.
            since: by `time.monotonic`.
        """
        if not self._is_silent(since):
            return True
        with self._asking:
            if self._asked_at < since or self._is_silent(self._asked_at):  # else another has just asked
                self._ask(address())
                self._asked_at = time.monotonic()
        return not self.is_away

    def _is_silent(self, since: float) -> bool:
        return time.monotonic() - max(since, self._heard_at) >= self.patience_seconds

    def _ask(self, address: dict[str, Any]) -> None:
        try:
            psycopg.connect(**address | {"connect_timeout": ANSWER_SECONDS}).close()
        except psycopg.OperationalError as error:
            # To be refused by it is an answer: it has too many connections, or is being started.
            (self.hear if "FATAL" in str(error) else self.lose)()
        else:
            self.hear()
