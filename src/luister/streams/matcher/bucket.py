"""Monitors on their way to matchers that have no database: a bucket beside the stream that they pass on to."""

import asyncio
import json
from collections.abc import Mapping
from typing import Final

from nats.js import JetStreamContext

from luister.query import QueryError, parse
from luister.streams.matcher.held import Held, Query
from luister.streams.wire.bucket import Bucket

BUCKET: Final = "luister-monitors"
AT_ONCE: Final = 200  # changes under way


class Spreader:
    """Keeps the bucket of a stream as the monitors are; every matcher that has a database does."""

    def __init__(self, js: JetStreamContext, *, stream: str) -> None:
        self._bucket = Bucket(js, BUCKET, under=stream)
        self._is_there = False

    async def spread(self, wanted: Mapping[str, bytes]) -> None:
        """Write what differs."""
        if not self._is_there:
            await self._bucket.start()
            self._is_there = True
        await self._bucket.catch_up()
        known = self._bucket.entries
        changes = [self._bucket.put(name, value) for name, value in wanted.items() if known.get(name) != value]
        changes += [self._bucket.remove(name) for name in set(known) - set(wanted)]
        for start in range(0, len(changes), AT_ONCE):
            await asyncio.gather(*changes[start : start + AT_ONCE])


class BucketSource:
    """Queries out of the bucket of the stream to which matches go."""

    is_as_stored = True

    def __init__(self, *, stream: str) -> None:
        self._stream = stream
        self._bucket: Bucket | None = None
        self._changed: dict[str, Query | None] = {}

    async def look(self, js: JetStreamContext) -> None:
        """Hear what changed; `refresh` takes it over."""
        if self._bucket is None:
            bucket = Bucket(js, BUCKET, under=self._stream)
            await bucket.start()
            self._bucket = bucket
        self._bucket.js = js
        changed = await self._bucket.catch_up()
        self._changed |= {name: _query(value) for name, value in changed.items()}

    def refresh(self, held: Held) -> bool:
        """Have the queries held that the bucket has now."""
        changed, self._changed = self._changed, {}
        held.change(changed)
        return bool(changed)

    def is_listening(self) -> bool:
        """Return whether there are any monitors."""
        return self._bucket is not None and bool(self._bucket.entries)

    def why_idle(self) -> str:
        """Return that there are no monitors, and who brings them."""
        brings = "a matcher that reads that one and reaches the database brings them"
        return f"There are no monitors yet beside the stream {self._stream}: {brings}. Waiting."


def packed(text: str, query: Query) -> bytes:
    """Return a query as the bucket has it."""
    said = {"query": text, "version": query.version, "zone": query.zone, "ours": query.wants_ours}
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def _query(value: bytes | None) -> Query | None:
    """Return a query as it is held; one of a later version of Luister may say what this one cannot read."""
    if value is None:
        return None
    said = json.loads(value)
    try:
        node = parse(said["query"], standing=True)
    except QueryError:
        return None
    return Query(node, version=said["version"], zone=said["zone"], wants_ours=said["ours"])
