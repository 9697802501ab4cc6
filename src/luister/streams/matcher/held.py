"""The queries that a matcher holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from luister.query import Document, Matcher, Moment, Node
from luister.query.tree import Since, leaves

Infer = Callable[[Document], Document]


@dataclass(frozen=True, slots=True)
class Query:
    """A query that stands; a monitor's finds what we wrote only where it asks for that."""

    node: Node
    version: int = 1
    zone: str = "UTC"
    wants_ours: bool = True


class Held:
    """Queries by name.

    Those that name a moment by the clock have a matcher for each time zone; nearly all do not, and share one, so that a
    post is read once for all of them.
    """

    def __init__(self, *, infer: Infer) -> None:
        self._infer = infer
        self._matchers: dict[str, Matcher[str]] = {}  # by time zone
        self.queries: dict[str, Query] = {}

    def __len__(self) -> int:
        return len(self.queries)

    def change(self, wanted: Mapping[str, Query | None]) -> None:
        """Put, replace and, where nothing is wanted, remove queries."""
        for name, query in wanted.items():
            known = self.queries.get(name)
            if known is not None and (query is None or _clock(query) != _clock(known)):
                self._matchers[_clock(known)].remove(name)
            if query is None:
                self.queries.pop(name, None)
                continue
            clock = _clock(query)
            if clock not in self._matchers:
                self._matchers[clock] = Matcher(infer=self._infer)
            self._matchers[clock].put(name, query.node)
            self.queries[name] = query

    def become(self, wanted: Mapping[str, Query]) -> bool:
        """Hold exactly these queries; return whether that changed anything."""
        changed: dict[str, Query | None] = {
            name: query for name, query in wanted.items() if self.queries.get(name) != query
        }
        changed |= {name: None for name in self.queries if name not in wanted}
        self.change(changed)
        return bool(changed)

    def find(self, document: Document, *, now: datetime) -> list[str]:
        """Return the names of the queries that find a post."""
        found: list[str] = []
        for zone, matcher in self._matchers.items():
            found += matcher.find(document, moment=Moment(now, ZoneInfo(zone)))
        if document.inbound is False:
            return [name for name in found if self.queries[name].wants_ours]
        return found


def _clock(query: Query) -> str:
    """Return the time zone by whose clock a query has to be read; of most any would do."""
    moments = (leaf.moment for leaf in leaves(query.node) if isinstance(leaf, Since))
    is_local = any(isinstance(moment, datetime) and moment.tzinfo is None for moment in moments)
    return query.zone if is_local else "UTC"


def as_stored(document: Document) -> Document:
    """Return a post as it is once it is stored: without labels, which only cases have, and a public post of others."""
    return replace(
        document,
        labels=(),
        public=True if document.public is None else document.public,
        inbound=True if document.inbound is None else document.inbound,
        edited=False,
    )
