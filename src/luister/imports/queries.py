"""Reading imports: the list, one with its figures, its first rows and what was refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from luister.accounts.models import Membership, Workspace
from luister.base.errors import Reason
from luister.channels.models import Channel
from luister.delivery.queries import UPLOAD
from luister.imports.access import visible_imports
from luister.imports.enums import RESUMABLE, UNDER_WAY, ImportState
from luister.imports.mapping import Options
from luister.imports.models import Import, ImportRefusal
from luister.imports.reading.contract import Format, Source
from luister.imports.sentences import said, sentence
from luister.posts.files import path_of
from luister.posts.models import Post

SAMPLE: Final = 20


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


def present(workspace: Workspace, *, keys: dict[str, list[str]]) -> set[tuple[str, str]]:
    """Return which posts the workspace has already, of external ids by network."""
    found: set[tuple[str, str]] = set()
    for network, external_ids in keys.items():
        posts = Post.objects.filter(
            workspace=workspace, channel__network=network, external_id__in=[one[:1000] for one in external_ids]
        )
        found |= {(network, external_id) for external_id in posts.values_list("external_id", flat=True)}
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


def first(rows: Iterator[Any]) -> list[Any]:
    """Return the rows of a preview."""
    return list(islice(rows, SAMPLE))


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
