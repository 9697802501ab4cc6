"""Names of columns, made fit to be mapped."""

from collections.abc import Sequence
from typing import Any

from luister.base.errors import Reason


def clean_columns(header: Sequence[Any]) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
    """Return a different name for each column, and what had to be named to get there."""
    names: list[str] = []
    notes: list[Reason] = []
    known: dict[str, int] = {}
    for number, cell in enumerate(header, 1):
        said = " ".join(str(cell if cell is not None else "").replace("\x00", "").split())[:100]
        name = said or f"#{number}"
        if not said:
            notes.append(Reason("column.unnamed", {"number": str(number), "name": name}))
        elif name.lower() in known:
            first, name = known[name.lower()], f"{name} #{number}"
            notes.append(Reason("column.twice", {"name": said, "number": str(number), "first": str(first), "as": name}))
        known.setdefault(name.lower(), number)
        names.append(name)
    return tuple(names), tuple(notes)
