"""The monitors of a workspace in a matcher that a process keeps, so that a post is asked only where it may be found."""

from collections.abc import Sequence
from threading import Lock

from luister.listening.queries.standing import Standing
from luister.query import Document, Matcher, Moment


class Held:
    """A matcher of standing queries by monitor; one thread at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._matcher: Matcher[int] = Matcher()
        self._versions: dict[int, int] = {}

    def find(
        self, documents: Sequence[Document], queries: Sequence[Standing], *, moment: Moment
    ) -> list[list[Standing]]:
        """Return for each post which of these queries find it, bringing the matcher up to date first."""
        by_id = {query.monitor_id: query for query in queries}
        with self._lock:
            self._follow(by_id)
            found = [self._matcher.find(document, moment=moment) for document in documents]
        return [[by_id[monitor_id] for monitor_id in ids] for ids in found]

    def _follow(self, queries: dict[int, Standing]) -> None:
        for monitor_id in self._versions.keys() - queries.keys():
            self._matcher.remove(monitor_id)
            del self._versions[monitor_id]
        for monitor_id, query in queries.items():
            if self._versions.get(monitor_id) != query.version:
                self._matcher.put(monitor_id, query.node)
                self._versions[monitor_id] = query.version


_held: dict[int, Held] = {}


def held(workspace_id: int) -> Held:
    """Return the matcher of a workspace."""
    return _held.setdefault(workspace_id, Held())
