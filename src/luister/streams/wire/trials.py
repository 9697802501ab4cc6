"""Finding out which message kills matchers: those that came back too often are tried alone, and it is written down."""

from typing import Final

from nats.js import JetStreamContext

from luister.streams.wire.bucket import Bucket
from luister.streams.wire.reading import Delivery

BUCKET: Final = "luister-trials"
FORGETS_SECONDS: Final = 24 * 3600
SUSPECT: Final = 4  # deliveries, from which on a message is tried alone
MOST_TRIALS: Final = 2  # that nobody survived


class Trials:
    """How often each message of a group was tried alone; matchers on all machines know the same."""

    def __init__(self, js: JetStreamContext, *, under: str) -> None:
        self._bucket = Bucket(js, BUCKET, under=under, forgets_seconds=FORGETS_SECONDS)
        self._is_there = False

    async def may_try(self, delivery: Delivery) -> bool:
        """Write down that a message is tried alone; False where that went wrong too often."""
        if not self._is_there:
            await self._bucket.start()
            self._is_there = True
        key = str(delivery.number)
        tried = int(await self._bucket.get(key) or b"0")
        if tried >= MOST_TRIALS:
            return False
        await self._bucket.put(key, str(tried + 1).encode())
        return True

    async def survived(self, delivery: Delivery) -> None:
        """Forget a trial that went well."""
        await self._bucket.remove(str(delivery.number))
