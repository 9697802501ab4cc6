"""Rows of a file as rows that wait: understood, refused with a reason, or known already."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from luister.base.connector import Account
from luister.base.connector import RawItem as Payload
from luister.base.errors import Reason, UnprocessableError
from luister.base.posts import InboundPost
from luister.delivery import parsing
from luister.imports.enums import ImportState
from luister.imports.mapping import Item, Options, Refusal, convert, pack
from luister.imports.models import Import, ImportRefusal, ImportRow
from luister.imports.queries import present
from luister.imports.reading import Broken, Row, Source
from luister.imports.reading.contract import Mail

SHOWN: Final = 2000  # characters of a refused row that are kept
CELL: Final = 32_000  # of one of its cells: what a spreadsheet takes

Key = tuple[str, str, str]  # network, brand, external id


class Intake:
    """Takes rows in, batch by batch."""

    def __init__(self, source: Source, mapping: Mapping[str, str], options: Options) -> None:
        self._source, self._mapping, self._options = source, mapping, options
        self._tried: set[Key] = set()  # a dry run has no table for what it has seen

    def take(self, batch: Import, taken: Sequence[Row | Mail | Broken]) -> None:
        """Put rows aside for storing; in a dry run, only count them."""
        refused: list[ImportRefusal] = []
        items: dict[Key, tuple[int, Item]] = {}
        for row in taken:
            batch.last_number = row.number
            for item in self._items(row, batch):
                if isinstance(item, ImportRefusal):
                    refused.append(item)
                    batch.rows_broken += isinstance(row, Broken)
                elif (key := _key(item)) in items:
                    batch.rows_present += 1
                else:
                    items[key] = (row.number, item)
        batch.rows_refused += len(refused)
        ImportRefusal.objects.bulk_create(refused)
        new = self._new(batch, items)
        batch.rows_present += len(items) - len(new)
        if batch.state == ImportState.TRYING:
            self._tried.update(new)
        else:
            ImportRow.objects.bulk_create(_waiting(batch, number, item) for number, item in new.values())

    @property
    def has_tried(self) -> bool:
        """Whether rows were read in a dry run."""
        return bool(self._tried)

    def counted(self, batch: Import) -> dict[str, int]:
        """Return what a dry run found."""
        return {
            "rows": batch.rows_read,
            "present": batch.rows_present,
            "new": len(self._tried),
            "refused": batch.rows_refused,
            "broken": batch.rows_broken,
        }

    def _new(self, batch: Import, items: Mapping[Key, tuple[int, Item]]) -> dict[Key, tuple[int, Item]]:
        keys: dict[str, list[str]] = {}
        for network, _, external_id in items:
            keys.setdefault(network, []).append(external_id)
        stored = present(batch.workspace, keys=keys)
        waiting = ImportRow.objects.filter(batch=batch, external_id__in=[external_id for *_, external_id in items])
        known = self._tried | set(waiting.values_list("network", "brand", "external_id"))
        return {
            key: (number, item)
            for key, (number, item) in items.items()
            if key not in known and (item.network, key[2], item.post.posted_at) not in stored
        }

    def _items(self, row: Row | Mail | Broken, batch: Import) -> list[Item | ImportRefusal]:
        match row:
            case Broken():
                return [self._refusal(batch, row.number, row.reason, row.text, [])]
            case Mail():
                return self._mail(row, batch)
        found = convert(row.values, mapping=self._mapping, options=self._options, source=self._source)
        if isinstance(found, Refusal):
            cells = [_cell(row.values.get(column)) for column in self._source.columns]
            return [self._refusal(batch, row.number, found.reason, self._source.delimiter.join(cells), cells)]
        return [found]

    def _mail(self, mail: Mail, batch: Import) -> list[Item | ImportRefusal]:
        account = Account(0, self._options.brand, {"address": self._options.brand}, {})
        payload = Payload(f"{batch.digest}-{mail.number}", mail.content, batch.created_at)
        try:
            posts = parsing.parse("email", account, payload)
        except UnprocessableError as error:
            begin = mail.content[:SHOWN].decode("utf-8", "replace")
            return [self._refusal(batch, mail.number, error.reason, begin, [])]
        if not posts:
            return [self._refusal(batch, mail.number, Reason("row.no_post"), "", [])]
        return [Item(self._told_ours(post), "email", self._options.brand) for post in posts]

    def _told_ours(self, post: InboundPost) -> InboundPost:
        """Take a mail from our address for ours; one that came in by that address would be a loop, or a forgery."""
        if post.author.external_id.lower() != self._options.brand.strip().lower():
            return post
        return replace(post, ours=True, addressed=False, automatic=None, notices=())

    def _refusal(self, batch: Import, number: int, reason: Reason, text: str, cells: list[str]) -> ImportRefusal:
        return ImportRefusal(
            batch=batch,
            number=number,
            code=reason.code,
            values={name: value.replace("\x00", "") for name, value in reason.values.items()},
            text=text.replace("\x00", "")[:SHOWN],
            cells=cells,
        )


def _key(item: Item) -> Key:
    return item.network, item.brand, item.post.external_id.replace("\x00", "")[:1000]


def _cell(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else str(value)
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:CELL]


def _waiting(batch: Import, number: int, item: Item) -> ImportRow:
    data = pack(item)
    return ImportRow(
        batch=batch,
        number=number,
        external_id=data["post"]["external_id"][:1000],
        network=item.network,
        brand=data["brand"],
        thread=data["post"].get("thread_external_id", "")[:1000],
        posted_at=item.post.posted_at,
        data=data,
    )
