"""Reading imports: the list, one with its figures, its first rows and what was refused."""

import csv
import email
import email.policy
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext

from luister.accounts.models import Membership, Workspace
from luister.base.errors import Reason
from luister.channels.models import Channel
from luister.delivery.queries import UPLOAD
from luister.imports.access import visible_imports
from luister.imports.enums import RESUMABLE, UNDER_WAY, ImportState
from luister.imports.mapping import Options, Refusal, Target, convert
from luister.imports.models import Import, ImportRefusal
from luister.imports.reading import Broken, Row, rows
from luister.imports.reading.contract import Format, Mail, Source
from luister.imports.sentences import said, sentence
from luister.posts.files import path_of
from luister.posts.models import Post

SAMPLE: Final = 20
CELL: Final = 300  # characters that a preview shows
HEADER_BYTES: Final = 16_384
_RUNS: Final = frozenset("=+-@\t\r\n\x00|＝＋－＠")  # how cells begin that a spreadsheet may run
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def imports(member: Membership, *, limit: int = 50) -> Sequence[Import]:
    """Return the latest imports, newest first."""
    return list(visible_imports(member).select_related("by").order_by("-id")[:limit])


def find_import(member: Membership, *, import_id: int) -> Import | None:
    """Return one import, or None."""
    return visible_imports(member).select_related("workspace", "by").filter(pk=import_id).first()


def source_of(batch: Import) -> Source:
    """Return what the file was found to be."""
    stored = dict(batch.source)
    stored["format"] = Format(stored["format"])
    stored["columns"] = tuple(stored["columns"])
    stored["notes"] = tuple(Reason(**note) for note in stored["notes"])
    return Source(**stored)


def options_of(batch: Import) -> Options:
    """Return what was chosen; what an older version stored and this one does not know is left out."""
    known = {one.name for one in fields(Options)}
    return Options(**{name: value for name, value in batch.options.items() if name in known})


def path_of_file(batch: Import) -> Path:
    """Return where the file is."""
    return path_of(batch.stored_as)


def unfinished(batch: Import) -> Import | None:
    """Return the import of this very file with these very choices that was left half-way."""
    found = Import.objects.filter(workspace=batch.workspace, digest=batch.digest, mapping=batch.mapping)
    states = [*RESUMABLE, *UNDER_WAY - {ImportState.TRYING}, ImportState.ASKING]
    left = found.filter(state__in=states).exclude(pk=batch.pk).exclude(stored_as="").order_by("-id")
    chosen = {name: value for name, value in batch.options.items() if name != "skip_broken"}
    return next((one for one in left if {n: v for n, v in one.options.items() if n != "skip_broken"} == chosen), None)


def present(workspace: Workspace, *, keys: Mapping[str, Sequence[str]]) -> set[tuple[str, str, datetime]]:
    """Return which posts the workspace has already, of external ids by network: network, id and moment.

    The moment belongs to it: two lists that number their rows from 1 are not the same posts.
    """
    found: set[tuple[str, str, datetime]] = set()
    for network, external_ids in keys.items():
        posts = Post.objects.filter(
            workspace=workspace, channel__network=network, external_id__in=[one[:1000] for one in external_ids]
        )
        found |= {(network, external_id, at) for external_id, at in posts.values_list("external_id", "posted_at")}
    return found


def upload_channels(workspace: Workspace) -> Sequence[Channel]:
    """Return the channels that files were imported into."""
    return list(Channel.objects.filter(workspace=workspace, kind=UPLOAD).order_by("name", "id"))


def refusals(batch: Import, *, limit: int = 100) -> Sequence[ImportRefusal]:
    """Return what was refused, first rows first."""
    return list(ImportRefusal.objects.filter(batch=batch).order_by("number", "id")[:limit])


def every_refusal(batch: Import) -> Iterator[ImportRefusal]:
    """Yield all that was refused."""
    yield from ImportRefusal.objects.filter(batch=batch).order_by("number", "id").iterator(chunk_size=1000)


def is_under_way(batch: Import) -> bool:
    """Whether something is being done for it."""
    return batch.state in UNDER_WAY


def can_go_on(batch: Import) -> bool:
    """Whether it was left half-way and its file is still there."""
    return batch.state in RESUMABLE and bool(batch.stored_as)


def reason_of(refusal: ImportRefusal) -> Reason:
    """Return why a row was refused."""
    return Reason(refusal.code, refusal.values)


def reason_of_end(batch: Import) -> Reason:
    """Return why an import failed."""
    return Reason(batch.reason_code, batch.reason_values)


def refused_csv(batch: Import) -> Iterator[str]:
    """Yield the refused rows as lines of a table: number, reason in the reader's language, and the row's own cells.

    A cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    columns, delimiter = batch.source["columns"], batch.source.get("delimiter") or ";"
    yield "\ufeff" + _csv_line([gettext("Row"), gettext("Reason"), *columns], delimiter)
    for refusal in every_refusal(batch):
        cells = refusal.cells or [refusal.text]
        yield _csv_line([str(refusal.number), sentence(reason_of(refusal)), *cells], delimiter)


def _csv_line(cells: Sequence[str], delimiter: str) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter).writerow([_harmless(cell) for cell in cells])
    return line.getvalue()


def _harmless(cell: str) -> str:
    runs = cell.lstrip(" ")[:1] in _RUNS or cell[:1] in _RUNS
    return f"'{cell}" if cell and runs and not _NUMBER.fullmatch(cell) else cell


def seconds_left(batch: Import, *, now: datetime) -> int | None:
    """Return how long the present phase will take yet, by how it went so far; None where that is too early to say."""
    done, total = progress(batch)
    if batch.phase_at is None or not done or not total or batch.state not in UNDER_WAY:
        return None
    spent = (now - batch.phase_at).total_seconds()
    return round(spent / done * (total - done)) if spent > 2 else None


def progress(batch: Import) -> tuple[int, int]:
    """Return how much of the present phase is done, and of about how much: rows read, then parts stored."""
    if batch.state == ImportState.STORING:
        return batch.parts_done, batch.parts
    about = max(int(batch.source.get("rows_about") or 0), batch.rows_read)
    return batch.rows_read, about


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as it stands in the file, and what it becomes; `problem` says why it would be refused."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""
    at: datetime | None = None
    author: str = ""
    is_ours: bool = False
    is_broken: bool = False  # its only cell is the row as it stands


def preview(batch: Import) -> Sequence[PreviewRow]:
    """Return the first rows, read as was chosen."""
    source, options = source_of(batch), options_of(batch)
    return [_previewed(row, source, batch.mapping, options) for row in first(rows(path_of_file(batch), source))]


def lacking(batch: Import) -> Reason | None:
    """Return what no column is chosen for yet, and without which no row can be stored."""
    targets = set(batch.mapping.values())
    if not source_of(batch).columns:
        return None
    if not targets & {Target.TEXT, Target.TITLE}:
        return Reason("import.no_text")
    return None if Target.PUBLISHED_AT in targets else Reason("import.no_moment")


def _previewed(row: Row | Mail | Broken, source: Source, mapping: Mapping[str, str], options: Options) -> PreviewRow:
    if isinstance(row, Broken):
        return PreviewRow(row.number, (row.text,), problem=sentence(row.reason), is_broken=True)
    if isinstance(row, Mail):
        headers = email.message_from_bytes(row.content[:HEADER_BYTES], policy=email.policy.default)
        return PreviewRow(row.number, tuple(_header(headers, name) for name in ("Date", "From", "To", "Subject")))
    cells = tuple(_shown(row.values.get(column)) for column in source.columns)
    found = convert(row.values, mapping=mapping, options=options, source=source)
    if isinstance(found, Refusal):
        return PreviewRow(row.number, cells, problem=sentence(found.reason))
    author = found.post.author
    who = found.brand if found.post.ours else author.name or author.handle
    return PreviewRow(row.number, cells, at=found.post.posted_at, author=who, is_ours=found.post.ours)


def _header(headers: Any, name: str) -> str:
    try:
        return _shown(headers.get(name))
    except Exception:  # noqa: BLE001 - a preview of hostile headers; the real parser reads them in a child process
        return ""


def _shown(value: Any) -> str:
    text = "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text[:CELL]


def first(every: Iterator[Any]) -> list[Any]:
    """Return the rows of a preview."""
    return list(islice(every, SAMPLE))


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an import, as figures and as text for a terminal."""

    is_ok: bool
    figures: Mapping[str, Any]
    text: str


def report(batch: Import) -> Report:
    """Return what became of an import or of its dry run."""
    reason = Reason(batch.reason_code, batch.reason_values) if batch.reason_code else None
    if batch.tried:
        figures: dict[str, Any] = {"dry_run": True, **batch.tried}
        is_ok = True
    else:
        figures = {
            "state": batch.state,
            "rows": batch.rows_read,
            "stored": batch.rows_stored,
            "present": batch.rows_present,
            "refused": batch.rows_refused,
            "broken": batch.rows_broken,
            "threads": batch.threads,
            "cases": batch.cases,
            "parts": batch.parts,
            "parts_done": batch.parts_done,
        }
        is_ok = batch.state == ImportState.DONE
    refused = [
        {"row": one.number, "reason": sentence(Reason(one.code, one.values)), "text": one.text[:200]}
        for one in refusals(batch, limit=SAMPLE)
    ]
    figures |= {"import": batch.pk, "refusals": refused}
    if reason is not None:
        figures["error"] = sentence(reason)
    return Report(is_ok, figures, said(figures))
