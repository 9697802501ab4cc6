"""The rules of topics as trees, each parsed once in a process for every version of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from luister.posts.models import Topic
from luister.query import Node, QueryError, parse
from luister.query.tree import CaseIs, Is, leaves

MOST_KEPT: Final = 20_000
OF_CASES: Final = frozenset({"topic", "label"})  # what a post has only once its rules were looked at


@dataclass(frozen=True, slots=True)
class Rule:
    """A topic of a workspace; `node` is None where it has no rule, or one that does not parse any longer."""

    topic_id: int
    version: int
    node: Node | None


_read: dict[int, tuple[int, Node | None]] = {}


def rules_of(workspace_id: int) -> Sequence[Rule]:
    """Return the topics of a workspace with their rules."""
    versions = dict(Topic.objects.filter(workspace_id=workspace_id).order_by("pk").values_list("pk", "version"))
    new = [pk for pk, version in versions.items() if _read.get(pk, (0, None))[0] != version]
    if new:
        if len(_read) > MOST_KEPT:
            _read.clear()
        for topic in Topic.objects.filter(pk__in=new):
            _read[topic.pk] = (topic.version, node_of(topic.query))
    return [Rule(pk, version, _read.get(pk, (0, None))[1]) for pk, version in versions.items()]


def node_of(query: str) -> Node | None:
    """Return a rule as a tree; None where there is none, or it cannot be one."""
    if not query:
        return None
    try:
        node = parse(query, standing=True)
    except QueryError:
        return None
    return None if forbidden_in(node) else node


def forbidden_in(node: Node) -> str:
    """Return the name of a field that no rule may ask for and this one does; "" for none."""
    for leaf in leaves(node):
        if isinstance(leaf, CaseIs) or (isinstance(leaf, Is) and leaf.field in OF_CASES):
            return str(leaf.field)
    return ""
