"""What is new in a folder: a cursor of UIDs that survives a rebuilt folder, and mail in bounded batches.

UIDs grow, and are void when UIDVALIDITY changes; then the folder is read again from a week before the last mail, and
the keys of the mails themselves make duplicates vanish.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from imap_tools.errors import MailboxFetchError
from imap_tools.utils import check_command_status

from luister.base.connector import Fetched, RawItem
from luister.connectors.email.imap import Mailbox, open_folder
from luister.connectors.email.parse import content_digest
from luister.connectors.email.settings import MAX_MAIL_BYTES

BATCH_MAILS = 50
BATCH_BYTES = 30 * 1024 * 1024
OVERLAP = 20  # servers on several machines may show a higher UID before a lower one
RESYNC = timedelta(days=7)
MAX_HEADER_BYTES = 256 * 1024

_UID = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]{1,60})"')


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder has been read. `seen` are the UIDs read among the last OVERLAP; below `floor` nothing is."""

    uidvalidity: int = 0
    uid: int = 0
    floor: int = 1
    seen: tuple[int, ...] = ()
    last_at: datetime | None = None

    @classmethod
    def of(cls, cursor: Mapping[str, Any]) -> "Position":
        """Read a stored cursor; one that makes no sense counts as none."""
        try:
            last_at = cursor.get("last_at")
            return cls(
                uidvalidity=int(cursor.get("uidvalidity", 0)),
                uid=int(cursor.get("uid", 0)),
                floor=int(cursor.get("floor", 1)),
                seen=tuple(int(uid) for uid in cursor.get("seen", ())),
                last_at=datetime.fromisoformat(last_at) if last_at else None,
            )
        except (TypeError, ValueError):
            return cls()

    def cursor(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "uidvalidity": self.uidvalidity,
            "uid": self.uid,
            "floor": self.floor,
            "seen": list(self.seen),
            "last_at": self.last_at.isoformat() if self.last_at else None,
        }


class _Listed(NamedTuple):
    uid: int
    size: int
    received_at: datetime


def read_new(mailbox: Mailbox, folder: str, cursor: Mapping[str, Any], *, first_days: int, now: datetime) -> Fetched:
    """Return the mails that are new since a cursor, oldest first, at most a batch of them.

    Raises:
        ConnectorError: the folder cannot be opened.
    """
    uidvalidity, uidnext = open_folder(mailbox, folder)
    position = Position.of(cursor)
    if position.uidvalidity != uidvalidity or not position.uidvalidity:
        since = position.last_at - RESYNC if position.last_at else now - timedelta(days=first_days)
        uids = _uids(mailbox, f"SINCE {_imap_date(since)}")
        floor = uids[0] if uids else uidnext or (max(_uids(mailbox, "ALL"), default=0) + 1)
        position = Position(uidvalidity, floor - 1, floor, (), position.last_at)
    else:
        first = max(position.floor, position.uid - OVERLAP + 1)
        # "*" always names at least the last mail, however low its UID is.
        uids = [uid for uid in _uids(mailbox, f"UID {first}:*") if uid >= first and uid not in position.seen]
    batch = _within_budget(_listed(mailbox, uids[:BATCH_MAILS], now=now))
    items = [item for listed in batch if (item := _read(mailbox, listed)) is not None]
    if not batch:
        return Fetched((), position.cursor())
    return Fetched(tuple(items), _after(position, batch).cursor(), more=batch[-1].uid != uids[-1])


def _after(position: Position, batch: Sequence[_Listed]) -> Position:
    uid = max(position.uid, *(listed.uid for listed in batch))
    read = {*position.seen, *(listed.uid for listed in batch)}
    newest = max(listed.received_at for listed in batch)
    return Position(
        uidvalidity=position.uidvalidity,
        uid=uid,
        floor=position.floor,
        seen=tuple(sorted(known for known in read if known > uid - OVERLAP)),
        last_at=max(newest, position.last_at) if position.last_at else newest,
    )


def _uids(mailbox: Mailbox, criteria: str) -> list[int]:
    return sorted(int(uid) for uid in mailbox.uids(criteria, charset=None))


def _imap_date(moment: datetime) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{moment.day:02d}-{months[moment.month - 1]}-{moment.year}"


def _listed(mailbox: Mailbox, uids: Sequence[int], *, now: datetime) -> list[_Listed]:
    """Return size and arrival of mails, oldest first; those that were deleted in between are left out."""
    if not uids:
        return []
    answer = mailbox.client.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE INTERNALDATE)")
    check_command_status(answer, MailboxFetchError)
    found = []
    for line in answer[1]:
        text = line if isinstance(line, bytes) else b"".join(line or ())
        uid, size = _UID.search(text), _SIZE.search(text)
        if uid and size:
            found.append(_Listed(int(uid[1]), int(size[1]), _received_at(text, now=now)))
    return sorted({listed for listed in found if listed.uid in uids})


def _within_budget(listed: Sequence[_Listed]) -> list[_Listed]:
    batch: list[_Listed] = []
    total = 0
    for mail in listed:
        total += min(mail.size, MAX_MAIL_BYTES) if mail.size <= MAX_MAIL_BYTES else MAX_HEADER_BYTES
        if batch and total > BATCH_BYTES:
            break
        batch.append(mail)
    return batch


def _read(mailbox: Mailbox, listed: _Listed) -> RawItem | None:
    oversized = listed.size > MAX_MAIL_BYTES
    what = f"BODY.PEEK[HEADER]<0.{MAX_HEADER_BYTES}>" if oversized else "BODY.PEEK[]"
    answer = mailbox.client.uid("FETCH", str(listed.uid), f"({what})")
    check_command_status(answer, MailboxFetchError)
    content = next((part[1] for part in answer[1] if isinstance(part, tuple)), None)
    if content is None:
        return None  # deleted in between
    return RawItem(
        external_key=content_digest(content),
        content=content,
        received_at=listed.received_at,
        oversized_bytes=listed.size if oversized else None,
    )


def _received_at(text: bytes, *, now: datetime) -> datetime:
    match = _DATE.search(text)
    try:
        return parsedate_to_datetime(match[1].decode().strip().replace("-", " ", 2)).astimezone(UTC) if match else now
    except (ValueError, TypeError):
        return now
