"""Starting, trying, cancelling and going on."""

from datetime import datetime

from django.db import transaction

from luister.accounts.actions import write_audit
from luister.accounts.enums import Permission
from luister.accounts.models import Membership, Workspace
from luister.imports.enums import RESUMABLE, UNDER_WAY, ImportState
from luister.imports.errors import RefusedError
from luister.imports.models import Import, ImportRefusal, ImportRow
from luister.queue import enqueue


@transaction.atomic
def try_out(import_id: int, *, workspace: Workspace, by: Membership | None, now: datetime, here: bool = False) -> None:
    """Read every row and store nothing, to learn what an import would do.

    With `here`, who calls does the work; else a worker does.

    Raises:
        RefusedError: not allowed, or it has begun already.
    """
    batch = _locked(import_id, workspace=workspace, by=by)
    if batch.state != ImportState.NEW:
        raise RefusedError("import.begun")
    _begin(batch, ImportState.TRYING, now=now, here=here)


@transaction.atomic
def start(import_id: int, *, workspace: Workspace, by: Membership | None, now: datetime, here: bool = False) -> None:
    """Import.

    Raises:
        RefusedError: not allowed, or it has begun already.
    """
    batch = _locked(import_id, workspace=workspace, by=by)
    if batch.state != ImportState.NEW:
        raise RefusedError("import.begun")
    batch.started_at = now
    _begin(batch, ImportState.READING, now=now, here=here)
    write_audit("import.started", workspace=workspace, by=by, target=batch, now=now)


def _begin(batch: Import, state: ImportState, *, now: datetime, here: bool) -> None:
    ImportRefusal.objects.filter(batch=batch).delete()
    ImportRow.objects.filter(batch=batch).delete()
    for name in ("rows_read", "last_number", "rows_stored", "rows_present", "rows_refused", "rows_broken"):
        setattr(batch, name, 0)
    batch.state, batch.phase_at, batch.moved_at, batch.cancel_asked = state, now, now, False
    batch.reason_code, batch.reason_values, batch.tried = "", {}, {}
    batch.save()
    _work(batch, here=here)


@transaction.atomic
def cancel(import_id: int, *, workspace: Workspace, by: Membership | None, now: datetime) -> None:
    """Stop after the part that is being stored: each part is stored whole or not at all.

    Raises:
        RefusedError: not allowed, or nothing is under way.
    """
    batch = _locked(import_id, workspace=workspace, by=by)
    if batch.state == ImportState.ASKING:
        batch.state, batch.ended_at = ImportState.CANCELLED, now
    elif batch.state in UNDER_WAY:
        batch.cancel_asked = True
    else:
        raise RefusedError("import.not_under_way")
    batch.save(update_fields=["state", "cancel_asked", "ended_at"])
    write_audit("import.cancelled", workspace=workspace, by=by, target=batch, now=now)


@transaction.atomic
def go_on(
    import_id: int,
    *,
    workspace: Workspace,
    by: Membership | None,
    now: datetime,
    here: bool = False,
    without_broken: bool = False,
) -> None:
    """Take up an import where it was left: cancelled, failed, forgotten by a worker that died, or asking.

    Raises:
        RefusedError: not allowed, nothing to go on with, or broken rows and no word that they may be left out.
    """
    batch = _locked(import_id, workspace=workspace, by=by)
    if batch.state not in RESUMABLE | UNDER_WAY | {ImportState.ASKING} or not batch.stored_as:
        raise RefusedError("import.not_under_way")
    if without_broken:
        batch.options = {**batch.options, "skip_broken": True}
    if batch.state == ImportState.ASKING and not batch.options.get("skip_broken"):
        raise RefusedError("import.asks")
    if batch.state == ImportState.ASKING or batch.parts:
        batch.state = ImportState.STORING
    elif batch.state != ImportState.TRYING:
        batch.state = ImportState.READING
    batch.cancel_asked, batch.reason_code, batch.reason_values, batch.ended_at = False, "", {}, None
    batch.moved_at = batch.phase_at = now
    batch.save()
    write_audit("import.went_on", workspace=workspace, by=by, target=batch, now=now)
    _work(batch, here=here)


def _locked(import_id: int, *, workspace: Workspace, by: Membership | None) -> Import:
    if by is not None and not (by.workspace_id == workspace.pk and by.may(Permission.IMPORT)):
        raise RefusedError("import.not_allowed")
    found = Import.objects.select_for_update(of=("self",)).filter(pk=import_id, workspace=workspace).first()
    if found is None:
        raise RefusedError("import.not_found")
    return found


def _work(batch: Import, *, here: bool) -> None:
    if not here:
        enqueue("imports.run", import_id=batch.pk)
