"""A key-value bucket, read by what changed in it: a restart of the server is nothing special."""

from collections.abc import Mapping
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy, DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

BLOCK: Final = 500  # changes read at once
READ_SECONDS: Final = 5.0
REMOVED: Final = ("DEL", "PURGE")
NAME_TAKEN: Final = 10058


class Bucket:
    """What a bucket holds, by key; keys are words with dots between them."""

    def __init__(self, js: JetStreamContext, name: str, *, under: str, forgets_seconds: float = 0.0) -> None:
        """Read and write keys below `under`; with `forgets_seconds` entries go by themselves."""
        self.js = js  # of the present connection
        self._stream = f"KV_{name}"
        self._all = f"$KV.{name}.>"
        self._prefix = f"$KV.{name}.{under}."
        self._forgets_seconds = forgets_seconds
        self._read_to = 0
        self.entries: dict[str, bytes] = {}

    async def start(self) -> None:
        """Make the bucket where it is missing."""
        try:
            await self.js.stream_info(self._stream)
        except NotFoundError:
            config = StreamConfig(
                name=self._stream,
                subjects=[self._all],
                max_msgs_per_subject=1,
                max_age=self._forgets_seconds,
                discard=DiscardPolicy.NEW,
                storage=StorageType.FILE,
                allow_rollup_hdrs=True,
                deny_delete=True,
            )
            try:
                await self.js.add_stream(config)
            except NatsError as error:
                if getattr(error, "err_code", None) != NAME_TAKEN:
                    raise

    async def catch_up(self) -> Mapping[str, bytes | None]:
        """Take over what changed since the last time, and return it; None is what was removed."""
        last = (await self.js.stream_info(self._stream)).state.last_seq
        changed: dict[str, bytes | None] = {}
        if last < self._read_to:  # another bucket by the same name
            changed = dict.fromkeys(self.entries)
            self.entries, self._read_to = {}, 0
        if last > self._read_to:
            changed |= await self._read(last)
            self._read_to = last
            for key, value in changed.items():
                if value is None:
                    self.entries.pop(key, None)
                else:
                    self.entries[key] = value
        return changed

    async def get(self, key: str) -> bytes | None:
        """Return one entry as it is now."""
        try:
            message = await self.js.get_last_msg(self._stream, f"{self._prefix}{key}")
        except NotFoundError:
            return None
        is_removed = (message.headers or {}).get("KV-Operation", "") in REMOVED
        return None if is_removed else message.data

    async def put(self, key: str, value: bytes) -> None:
        """Write an entry; read it with the next `catch_up`."""
        await self.js.publish(f"{self._prefix}{key}", value)

    async def remove(self, key: str) -> None:
        """Take an entry away."""
        await self.js.publish(f"{self._prefix}{key}", b"", headers={"KV-Operation": "PURGE", "Nats-Rollup": "sub"})

    async def _read(self, last: int) -> Mapping[str, bytes | None]:
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self._read_to + 1,
            inactive_threshold=30,
        )
        found: dict[str, bytes | None] = {}
        reading = await self.js.pull_subscribe(f"{self._prefix}>", stream=self._stream, config=config)
        try:
            left = (await reading.consumer_info()).num_pending or 0
            while left > 0:
                for message in await reading.fetch(min(left, BLOCK), timeout=READ_SECONDS):
                    operation = (message.headers or {}).get("KV-Operation", "")
                    key = message.subject.removeprefix(self._prefix)
                    found[key] = None if operation in REMOVED else message.data
                    left -= 1
                    if message.metadata.sequence.stream >= last:
                        left = min(left, 0)
        finally:
            await reading.unsubscribe()
        return found
