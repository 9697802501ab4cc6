"""What is remembered of a feed between two readings: which items it held, and what they said."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from luister.connectors.feed.documents import Item

MOST_CHANGES: Final = 20  # of one item; a page that changes all day is no history
SAME_ITEM: Final = timedelta(hours=12)  # a new id with an old link and title is a new item when it is much younger

# By an item's id: digest of what it says, alias, when it is from (seconds; None is unknown), number of changes, and
# the id under which it came first.
Known = Mapping[str, Sequence[Any]]
New = tuple[str, Item]  # the key of the payload, and the item


def compare(items: Sequence[Item], *, known: Known, now: datetime) -> tuple[list[New], dict[str, list[Any]]]:
    """Return what is new or changed, oldest first, and what is to be remembered."""
    vanished = {entry[1]: entry for item_id, entry in known.items() if entry[1]} if known else {}
    for item in items:
        entry = known.get(item.id)
        if entry is not None:  # an item that is still there under its own id is nobody else
            vanished.pop(entry[1], None)
    new: list[New] = []
    state: dict[str, list[Any]] = {}
    for item in items:
        before = known.get(item.id) or _renamed(item, vanished)
        state[item.id] = entry = _entry(item, before, is_first_reading=not known, now=now)
        if (before is None or before[0] != entry[0]) and entry[3] <= MOST_CHANGES:
            new.append((f"{entry[4]} {entry[3]}:{entry[0][:16]}", item))
    return list(_oldest_first(new)), state


def moments(known: Known) -> list[datetime]:
    """Return when the items are from."""
    return [datetime.fromtimestamp(entry[2], tz=UTC) for entry in known.values() if entry[2] is not None]


def _renamed(item: Item, vanished: dict[str, Sequence[Any]]) -> Sequence[Any] | None:
    """Return the item that had this link and title under another id, if it is no longer there."""
    entry = vanished.get(item.alias) if item.alias else None
    if entry is None:
        return None
    if item.at is not None and entry[2] is not None and abs(item.at.timestamp() - entry[2]) > SAME_ITEM.total_seconds():
        return None
    return vanished.pop(item.alias)


def _entry(item: Item, before: Sequence[Any] | None, *, is_first_reading: bool, now: datetime) -> list[Any]:
    at = int(item.at.timestamp()) if item.at is not None else None
    if before is None:
        seen = None if is_first_reading else int(now.timestamp())
        return [item.digest, item.alias, seen if at is None else at, 0, item.id]
    changes = before[3] + (before[0] != item.digest)
    return [item.digest, item.alias, before[2] if at is None else at, changes, before[4]]


def _oldest_first(new: Sequence[New]) -> Iterator[New]:
    if all(item.at is not None for _, item in new):
        yield from sorted(new, key=lambda one: one[1].at.timestamp() if one[1].at else 0.0)
    else:
        yield from reversed(new)
