"""What a matcher does with a batch, in the thread that matches: read the lines, find, and have it stored."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from luister.query import Document, sentence
from luister.query.lines import LineError, read_post
from luister.streams.matcher.held import Held, as_stored
from luister.streams.wire.publishing import message_id
from luister.streams.wire.reading import Delivery

MOST_BYTES: Final = 2**20  # of a line; what NATS itself takes unless told otherwise


@dataclass(frozen=True, slots=True)
class Match:
    """A post that queries found."""

    delivery: Delivery
    document: Document
    queries: Sequence[str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that cannot be matched, or not be stored."""

    delivery: Delivery
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to be published of a match."""

    delivery: Delivery
    payload: bytes
    ident: str


@dataclass(slots=True)
class Outcome:
    """What became of a batch."""

    posts: int = 0
    matched: int = 0
    matches: int = 0  # pairs of a post and a query
    refused: list[Refused] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)


class Source(Protocol):
    """Where the queries come from."""

    is_as_stored: bool  # posts are matched as they are once they are stored

    def refresh(self, held: Held) -> bool:
        """Have the queries held that stand now; whether any changed."""

    def is_listening(self) -> bool:
        """Whether anybody wants to know: if not, nothing is read."""

    def why_idle(self) -> str:
        """Return as a sentence why nobody wants to know, and what to do."""


class Sink(Protocol):
    """Where what was found goes."""

    def put(self, matches: Sequence[Match], *, outcome: Outcome) -> None:
        """Store matches safely, or leave in the outcome what is to be published of them."""


class StoppedError(Exception):
    """The matcher was asked to end before what it found was stored: nothing is acknowledged."""


class Work:
    """The part of a matcher that runs in its own thread."""

    def __init__(self, source: Source, sink: Sink, *, held: Held, clock: Callable[[], datetime]) -> None:
        self.source = source
        self.held = held
        self._sink = sink
        self.now = clock
        self.alive_at = time.monotonic()

    def refresh(self) -> bool:
        """Have the queries held that stand now; return whether any changed."""
        self.alive_at = time.monotonic()
        return self.source.refresh(self.held)

    def batch(self, deliveries: Sequence[Delivery]) -> Outcome:
        """Match a batch and have what was found stored."""
        outcome = Outcome()
        now = self.now()
        matches = []
        for delivery in deliveries:
            self.alive_at = time.monotonic()
            document = self._read(delivery, outcome)
            if document is None:
                continue
            outcome.posts += 1
            try:
                queries = self.held.find(document, now=now)
            except Exception as error:  # noqa: BLE001 - strangers write the posts: none may end a matcher
                reason = f"The post could not be matched ({type(error).__name__}: {str(error)[:200]})."
                outcome.refused.append(Refused(delivery, "line.not_matched", reason))
                continue
            if queries:
                matches.append(Match(delivery, document, queries))
        if matches:
            self._sink.put(matches, outcome=outcome)
        outcome.matched = len(matches)
        outcome.matches = sum(len(match.queries) for match in matches)
        return outcome

    def _read(self, delivery: Delivery, outcome: Outcome) -> Document | None:
        size = len(delivery.payload)
        if size > MOST_BYTES:
            reason = f"The line has {size} bytes; more than {MOST_BYTES} are not matched."
            outcome.refused.append(Refused(delivery, "line.too_big", reason))
            return None
        try:
            document = read_post(delivery.payload)
        except LineError as error:
            outcome.refused.append(Refused(delivery, error.reason.code, str(sentence(error.reason))))
            return None
        if not document.id.strip("\x00 "):
            outcome.refused.append(Refused(delivery, "line.no_id", "“id” is empty."))
            return None
        return as_stored(document) if self.source.is_as_stored else document


class FileSource:
    """Queries that are given once."""

    is_as_stored = False

    def refresh(self, held: Held) -> bool:
        """Change nothing."""
        return False

    def is_listening(self) -> bool:
        """Return that who gave queries wants to know."""
        return True

    def why_idle(self) -> str:
        """Return nothing: it never is."""
        return ""


class Printing:
    """Writes what was found, as `luister match` does."""

    def __init__(self, write: Callable[[str], None], flush: Callable[[], None]) -> None:
        self._write = write
        self._flush = flush

    def put(self, matches: Sequence[Match], *, outcome: Outcome) -> None:
        """Write a line for each post."""
        for match in matches:
            self._write(json.dumps({"id": match.document.id, "queries": list(match.queries)}))
        self._flush()


class PassingOn:
    """Has the lines of posts that were found published to another stream, with the queries that found them."""

    def put(self, matches: Sequence[Match], *, outcome: Outcome) -> None:
        """Leave each line with its queries in the outcome."""
        for match in matches:
            ident = message_id(match.document.id, network=match.document.network)
            outcome.outgoing.append(
                Outgoing(match.delivery, _with_queries(match.delivery.payload, match.queries), ident)
            )


def _with_queries(line: bytes, queries: Sequence[str]) -> bytes:
    names = json.dumps(list(queries)).encode()
    line = line.strip().removeprefix(b"\xef\xbb\xbf")
    if b'"queries"' not in line:
        return line[:-1] + b', "queries": ' + names + b"}"
    return json.dumps({**json.loads(line), "queries": list(queries)}, ensure_ascii=False).encode()
