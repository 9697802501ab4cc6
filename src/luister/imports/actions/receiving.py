"""Taking a file in, recognising it, and choosing what its columns are."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction

from luister.accounts.actions import write_audit
from luister.accounts.enums import Permission
from luister.accounts.models import Membership, Workspace
from luister.imports import files
from luister.imports.enums import UNDER_WAY, ImportState
from luister.imports.errors import RefusedError
from luister.imports.mapping import Options, Target, guess
from luister.imports.mapping.guess import begins_with_day, is_twitter_support
from luister.imports.models import Import, ImportRow, RememberedMapping
from luister.imports.queries import first
from luister.imports.reading import Row, Source, inspect, rows
from luister.imports.reading.contract import Format, UnreadableError
from luister.posts.files import clean_name


def receive(
    name: str, blocks: Iterable[bytes], *, workspace: Workspace, by: Membership | None, now: datetime
) -> Import:
    """Keep a file, find out what it is, and guess its columns; nothing is imported yet.

    Raises:
        UnreadableError: it cannot be imported; nothing of it is kept.
        RefusedError: not allowed.
    """
    _require(by, workspace=workspace)
    kept = files.keep(blocks)
    try:
        source = inspect(kept.path)
        mapping, options = _guessed(kept.path, source, workspace)
        with transaction.atomic():
            batch = Import.objects.create(
                workspace=workspace,
                by=by.user if by else None,
                file_name=clean_name(name)[:200],
                stored_as=kept.stored_as,
                size_bytes=kept.size_bytes,
                digest=kept.digest,
                source=asdict(source),
                mapping=mapping,
                options=asdict(options),
                created_at=now,
            )
            write_audit("import.received", workspace=workspace, by=by, target=batch, now=now)
    except BaseException:
        files.remove(kept.stored_as)
        raise
    return batch


def _guessed(path: Any, source: Source, workspace: Workspace) -> tuple[dict[str, str], Options]:
    """Return what was chosen for the same columns before, else what their names say."""
    options = Options(time_zone=workspace.time_zone)
    if source.format == Format.MBOX:
        return {}, replace(options, network="email", is_public=False)
    remembered = RememberedMapping.objects.filter(workspace=workspace, columns_digest=columns_digest(source)).first()
    if remembered is not None:
        return remembered.mapping, Options(**remembered.options)
    mapping = guess(source.columns)
    sample = [row.values for row in first(rows(path, source)) if isinstance(row, Row)]
    options = replace(options, day_first=begins_with_day(sample, mapping))
    if is_twitter_support(source.columns):
        options = replace(options, network="x", layout="twitter_support", time_zone="UTC")
    elif "network" not in mapping.values():
        options = replace(options, network="web")
    return mapping, options


def columns_digest(source: Source) -> str:
    """Return what files with the same columns have in common, whatever their order."""
    return hashlib.sha256("\x1f".join(sorted(source.columns)).encode()).hexdigest()


@transaction.atomic
def choose(
    import_id: int,
    *,
    mapping: Mapping[str, str],
    options: Options,
    workspace: Workspace,
    by: Membership | None,
    now: datetime,
) -> Import:
    """Set what the columns are and how to import, and remember it for files with the same columns.

    Raises:
        RefusedError: not allowed, or it has begun already; a field twice, or a needed one missing.
    """
    _require(by, workspace=workspace)
    batch = Import.objects.select_for_update(of=("self",)).get(pk=import_id, workspace=workspace)
    if batch.state != ImportState.NEW:
        raise RefusedError("import.begun")
    if options.time_zone not in available_timezones():
        raise RefusedError("import.unknown_zone", value=options.time_zone[:60])
    columns = batch.source["columns"]
    chosen = {column: target for column, target in mapping.items() if target and column in columns}
    if batch.source["format"] != Format.MBOX:
        _check(chosen)
    batch.mapping, batch.options, batch.tried = chosen, asdict(options), {}
    batch.save(update_fields=["mapping", "options", "tried"])
    if columns:
        kept = asdict(replace(options, as_open=False, skip_broken=False))
        RememberedMapping.objects.update_or_create(
            workspace=workspace,
            columns_digest=hashlib.sha256("\x1f".join(sorted(columns)).encode()).hexdigest(),
            defaults={"mapping": chosen, "options": kept, "used_at": now},
        )
    return batch


def _check(mapping: Mapping[str, str]) -> None:
    targets = list(mapping.values())
    unknown = [target for target in targets if target not in set(Target)]
    if unknown:
        raise RefusedError("import.unknown_field", field=unknown[0][:60])
    twice = next((target for target in targets if targets.count(target) > 1), None)
    if twice is not None:
        first_column, second = [column for column, target in mapping.items() if target == twice][:2]
        raise RefusedError("import.field_twice", field=twice, first=first_column, second=second)
    if Target.TEXT not in targets and Target.TITLE not in targets:
        raise RefusedError("import.no_text")
    if Target.PUBLISHED_AT not in targets:
        raise RefusedError("import.no_moment")


@transaction.atomic
def remove(import_id: int, *, workspace: Workspace, by: Membership | None, now: datetime) -> bool:
    """Take an import off the list, with its file and its report; posts that were stored stay.

    Raises:
        RefusedError: not allowed, or it is under way.
    """
    _require(by, workspace=workspace)
    batch = Import.objects.select_for_update(of=("self",)).filter(pk=import_id, workspace=workspace).first()
    if batch is None:
        return False
    if batch.state in UNDER_WAY and not batch.cancel_asked:
        raise RefusedError("import.under_way")
    write_audit("import.removed", workspace=workspace, by=by, target=batch, now=now)
    stored_as = batch.stored_as
    ImportRow.objects.filter(batch=batch).delete()
    batch.delete()
    transaction.on_commit(lambda: files.remove(stored_as))
    return True


def _require(by: Membership | None, *, workspace: Workspace) -> None:
    """None is the command line, which may."""
    if by is not None and not (by.workspace_id == workspace.pk and by.may(Permission.IMPORT)):
        raise RefusedError("import.not_allowed")


__all__ = ["UnreadableError", "choose", "columns_digest", "receive", "remove"]
