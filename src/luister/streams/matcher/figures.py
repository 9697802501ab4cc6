"""How a matcher is doing: counted here, served to Prometheus, and handed to its reports."""

import time
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from luister.streams.matcher.work import Outcome


class Figures:
    """What a matcher has done since it started, and since its last report."""

    def __init__(self, *, stream: str) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, help_text: str) -> Counter:
            return Counter(f"luister_matcher_{name}", help_text, ["stream"], registry=self.registry).labels(stream)

        def gauge(name: str, help_text: str) -> Gauge:
            return Gauge(f"luister_matcher_{name}", help_text, ["stream"], registry=self.registry).labels(stream)

        self._posts = counter("posts", "Posts that were matched.")
        self._matched = counter("matched_posts", "Posts that a query found.")
        self._matches = counter("matches", "Pairs of a post and a query that found it.")
        self._again = counter("redeliveries", "Messages that had been delivered before.")
        self._dead = Counter(
            "luister_matcher_dead_letters", "Messages nobody can match.", ["stream", "reason"], registry=self.registry
        )
        self._seconds = Histogram(
            "luister_matcher_batch_seconds", "What a batch took.", ["stream"], registry=self.registry
        ).labels(stream)
        self._lag = gauge("lag_posts", "Posts in the stream that were not delivered yet.")
        self._in_hand = gauge("in_hand_posts", "Posts that were delivered and are not finished.")
        self._queries = gauge("queries", "Queries that are held.")
        self._rate = gauge("posts_per_second", "Posts matched, since the last report.")
        self._match_rate = gauge("matches_per_second", "Pairs of a post and a query, since the last report.")
        self._stream = stream
        self._now = {"posts": 0, "matched": 0, "matches": 0, "redeliveries": 0, "dead_letters": 0}
        self._then = dict(self._now)
        self._dead_by_code: dict[str, int] = {}
        self._batches: list[float] = []
        self._reported_at = time.monotonic()

    def serve(self, host: str, port: int) -> None:
        """Answer Prometheus on an address.

        Raises:
            OSError: the address cannot be listened on.
        """
        start_http_server(port, host, registry=self.registry)

    def delivered(self, *, again: int) -> None:
        """Count messages that had been delivered before."""
        self._now["redeliveries"] += again
        self._again.inc(again)

    def batch(self, outcome: Outcome, *, seconds: float) -> None:
        """Count what became of a batch."""
        self._now["posts"] += outcome.posts
        self._now["matched"] += outcome.matched
        self._now["matches"] += outcome.matches
        self._posts.inc(outcome.posts)
        self._matched.inc(outcome.matched)
        self._matches.inc(outcome.matches)
        self._seconds.observe(seconds)
        self._batches.append(seconds)

    def dead(self, code: str) -> None:
        """Count a dead letter."""
        self._now["dead_letters"] += 1
        self._dead_by_code[code] = self._dead_by_code.get(code, 0) + 1
        self._dead.labels(self._stream, code).inc()

    @property
    def summary(self) -> str:
        """What was done since the start, as a sentence."""
        return f"Posts matched: {self._now['posts']:,}; found by a query: {self._now['matched']:,}."

    def report(self, *, queries: int, lag: int | None, in_hand: int | None) -> Mapping[str, Any]:
        """Return what a report says, and begin counting for the next one."""
        now = time.monotonic()
        seconds = max(now - self._reported_at, 1e-3)
        grown = {name: (value - self._then[name]) / seconds for name, value in self._now.items()}
        self._queries.set(queries)
        self._rate.set(grown["posts"])
        self._match_rate.set(grown["matches"])
        if lag is not None and in_hand is not None:
            self._lag.set(lag)
            self._in_hand.set(in_hand)
        said = {
            "lag": lag,
            "in_hand": in_hand,
            "rate": grown["posts"],
            "matched_rate": grown["matched"],
            **{name: self._now[name] for name in ("posts", "matched", "redeliveries", "dead_letters")},
            "dead_by_code": dict(self._dead_by_code),
            "queries": queries,
            "batch_seconds": sum(self._batches) / len(self._batches) if self._batches else 0.0,
        }
        self._reported_at, self._then, self._batches = now, dict(self._now), []
        return said
