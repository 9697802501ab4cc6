"""The monitors of a workspace as trees, each parsed once in a process for every version of its query."""

from collections.abc import Sequence
from dataclasses import dataclass

from luister.listening.models import Monitor
from luister.query import Node, QueryError, parse
from luister.query.tree import Is, leaves

MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Standing:
    """A monitor that listens; `version` is that of the query that `node` was read from."""

    monitor_id: int
    version: int
    node: Node
    wants_ours: bool  # it asks for what we wrote ourselves
    asks_for_labels: bool
    asks_for_topics: bool
    owner_id: int | None


_read: dict[int, tuple[int, Standing | None]] = {}  # version and tree; None: it does not parse


def standing(workspace_id: int) -> Sequence[Standing]:
    """Return the monitors that listen; those whose query does not parse are left out."""
    versions = dict(Monitor.objects.filter(workspace_id=workspace_id).order_by("pk").values_list("pk", "version"))
    new = [pk for pk, version in versions.items() if _read.get(pk, (0, None))[0] != version]
    if new:
        if len(_read) > MOST_KEPT:
            _read.clear()
        for monitor in Monitor.objects.filter(pk__in=new):
            _read[monitor.pk] = (monitor.version, read(monitor))
    found = (_read.get(pk, (0, None))[1] for pk in versions)
    return [one for one in found if one is not None]


def read(monitor: Monitor) -> Standing | None:
    """Return a monitor as it listens; None when its query does not parse, such as after an upgrade."""
    try:
        node = parse(monitor.query, standing=True)
    except QueryError:
        return None
    named = {leaf.field for leaf in leaves(node) if isinstance(leaf, Is)}
    return Standing(
        monitor_id=monitor.pk,
        version=monitor.version,
        node=node,
        wants_ours=asks_for_ours(node),
        asks_for_labels="label" in named,
        asks_for_topics="topic" in named,
        owner_id=monitor.owner_id,
    )


def asks_for_ours(node: Node) -> bool:
    """Return whether a query speaks of what we wrote ourselves; other queries find only what others said."""
    return any(isinstance(leaf, Is) and (leaf.field, leaf.value) == ("is", "outbound") for leaf in leaves(node))
