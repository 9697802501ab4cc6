"""Where a page of a search ended, as it stands in an address."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from luister.posts.queries.roads import Key

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TEXT = re.compile(r"(-?\d{1,18})\.(\d{1,18})\.(\d{1,9})(?:\.(\d{1,9})\.(-?\d{1,18})\.(\d{1,18}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended.

    Where the most relevant come first: `score` is that of the last post, and `newest` the first of all candidates, so
    that what comes in meanwhile changes no page.
    """

    after: Key
    found: int  # on this and earlier pages
    score: int | None = None
    newest: Key | None = None

    def __str__(self) -> str:
        """Return it as `cursor_of` reads it."""
        parts: list[object] = [*_numbers(self.after), self.found]
        if self.score is not None and self.newest is not None:
            parts += [self.score, *_numbers(self.newest)]
        return ".".join(str(part) for part in parts)


def cursor_of(text: str) -> Cursor:
    """Return the cursor that was written as this.

    Raises:
        ValueError: none was.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    at, post_id, count, score, newest_at, newest_id = (None if part is None else int(part) for part in found.groups())
    assert at is not None
    assert post_id is not None
    assert count is not None
    newest = _key(newest_at, newest_id) if newest_at is not None and newest_id is not None else None
    return Cursor(_key(at, post_id), count, score, newest)


def _numbers(key: Key) -> tuple[int, int]:
    return (key.posted_at - _EPOCH) // _MICROSECOND, key.post_id


def _key(microseconds: int, post_id: int) -> Key:
    try:
        return Key(_EPOCH + microseconds * _MICROSECOND, post_id)
    except OverflowError:
        raise ValueError(microseconds) from None
