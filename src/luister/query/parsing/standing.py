"""Whether a query requires anything of a post: one that does not would find posts with no words at all."""

from luister.query.tree import And, Node, Not, Or


def requires_something(node: Node) -> bool:
    """Return whether a post needs words or a field to be found."""
    if isinstance(node, Not):
        return False
    if isinstance(node, And):
        return any(requires_something(part) for part in node.parts)
    if isinstance(node, Or):
        return all(requires_something(part) for part in node.parts)
    return True
