"""Who goes first: what people wait for, then what screens draw anew by themselves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

PATIENCE_SECONDS: Final = 0.5


class Turns:
    """Requests of one process, which share its one processor.

    Something that changes is drawn anew by all screens that show it, at the same moment and while people click. They
    have their turn one by one, whenever nobody waits; and where somebody always does, at least once in so many seconds.
    """

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience = patience_seconds
        self._waited_for = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._one = asyncio.Semaphore(1)

    @asynccontextmanager
    async def first(self) -> AsyncIterator[None]:
        """Go at once: somebody waits for this."""
        self._waited_for += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._waited_for -= 1
            if not self._waited_for:
                self._idle.set()

    @asynccontextmanager
    async def later(self) -> AsyncIterator[None]:
        """Go when it is this one's turn."""
        async with self._one:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), self._patience)
            yield
