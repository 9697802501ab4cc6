"""Which posts of a file belong together, whose brand they were said to, and in which parts they are stored. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

PART: Final = 500  # rows; a longer thread is a part of its own
_MENTION: Final = re.compile(r"(?<![\w@])@(\w{1,100})")


@dataclass(slots=True)
class Piece:
    """What is needed of a row to put it into its thread."""

    row_id: int
    external_id: str
    network: str
    brand: str
    thread: str
    references: tuple[str, ...]
    posted_at: datetime
    number: int
    text: str = ""
    with_whom: str = ""  # of private messages: the customer
    part: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """A thread that is stored already, and the brand whose channel it is in."""

    thread: str
    brand: str


@dataclass(slots=True)
class Thread:
    """Rows that belong together."""

    network: str
    name: str
    brand: str = ""
    pieces: list[Piece] = field(default_factory=list)


Known = Mapping[tuple[str, str], Sequence[Stored]]  # by network and external id, of a post or a thread


def find_threads(pieces: Sequence[Piece], *, stored: Known) -> list[Thread]:
    """Put rows into threads: the file's own, else those of the posts that they answer, else private talks.

    Args:
        stored: network and external id of posts that rows answer, or of threads, and where those are stored.
    """
    ordered = sorted(pieces, key=lambda piece: (piece.posted_at, piece.number))
    by_id: dict[tuple[str, str], list[Piece]] = {}
    for piece in ordered:
        by_id.setdefault((piece.network, piece.external_id), []).append(piece)
    roots = _roots(ordered, by_id)
    threads: dict[tuple[str, str], Thread] = {}
    names: dict[int, str] = {}
    for piece in ordered:  # a name that anyone of the group brings is the name of all
        name = piece.thread or _stored_thread(piece, stored)
        if name:
            names.setdefault(roots[piece.row_id], name)
    for piece in ordered:
        root = roots[piece.row_id]
        name = piece.thread or names.setdefault(
            root, f"with {piece.with_whom}" if piece.with_whom else piece.external_id
        )
        threads.setdefault((piece.network, name), Thread(piece.network, name)).pieces.append(piece)
    return list(threads.values())


def find_brands(threads: Sequence[Thread], *, stored: Known, known: Iterable[str], default: str) -> None:
    """Give each thread its brand: of its stored posts, of its rows, the one that it speaks to, or the default."""
    spelled = {brand.lower(): brand for brand in known}
    for thread in threads:
        for piece in thread.pieces:
            if piece.brand:
                spelled.setdefault(piece.brand.lower(), piece.brand)
    for thread in threads:
        own = [piece.brand for piece in thread.pieces if piece.brand]
        found = _of_brand(stored.get((thread.network, thread.name), ()), own)
        brand = found.brand if found else next(iter(own), "") or _spoken_to(thread, spelled) or default
        thread.brand = spelled.get(brand.lower(), brand)


def divide(threads: Sequence[Thread]) -> int:
    """Number the parts, whole threads each, in the order in which threads began; return how many there are."""
    part, size = 1, 0
    for thread in threads:
        if size and size + len(thread.pieces) > PART:
            part, size = part + 1, 0
        size += len(thread.pieces)
        for piece in thread.pieces:
            piece.part = part
    return part if threads else 0


def mentioned(text: str) -> list[str]:
    """Return the handles that a text names, in their order."""
    return _MENTION.findall(text)


def _roots(pieces: Sequence[Piece], by_id: Mapping[tuple[str, str], Sequence[Piece]]) -> dict[int, int]:
    """Return for each row the one that stands for its group: rows without a thread of their own, by their answers."""
    parent = {piece.row_id: piece.row_id for piece in pieces}
    talks: dict[tuple[str, str], int] = {}
    missing: dict[tuple[str, str], int] = {}

    def root(row_id: int) -> int:
        while parent[row_id] != row_id:
            parent[row_id] = parent[parent[row_id]]
            row_id = parent[row_id]
        return row_id

    for piece in pieces:
        if piece.thread:
            continue
        named = [_same_brand(by_id.get((piece.network, one), ()), piece) for one in piece.references]
        joins = [other.row_id for other in named if other is not None]
        # Two answers to a post that is not in the file are one thread all the same.
        joins += [
            missing.setdefault((piece.network, one), piece.row_id)
            for one in piece.references[:1]
            if (piece.network, one) not in by_id
        ]
        if piece.with_whom and not piece.references:
            joins.append(talks.setdefault((piece.network, piece.with_whom), piece.row_id))
        for other in joins:
            parent[root(piece.row_id)] = root(other)
    return {piece.row_id: root(piece.row_id) for piece in pieces}


def _same_brand(found: Sequence[Piece], piece: Piece) -> Piece | None:
    """Return the row that is meant by a number: lists of two brands may both count from 1."""
    return next((one for one in found if not one.brand or not piece.brand or one.brand == piece.brand), None)


def _of_brand(found: Sequence[Stored], own: Sequence[str]) -> Stored | None:
    """Return what is stored for one of these brands, or for any where none is named."""
    brands = {brand.lower() for brand in own}
    return next((one for one in found if not brands or one.brand.lower() in brands), None)


def _stored_thread(piece: Piece, stored: Known) -> str:
    own = [piece.brand] if piece.brand else []
    found = (_of_brand(stored.get((piece.network, reference), ()), own) for reference in piece.references)
    return next((one.thread for one in found if one), "")


def _spoken_to(thread: Thread, spelled: Mapping[str, str]) -> str:
    """Return the brand that the thread's texts name most, the first named where that is even."""
    counts = Counter(
        name.lower() for piece in thread.pieces for name in mentioned(piece.text) if name.lower() in spelled
    )
    return counts.most_common(1)[0][0] if counts else ""
