"""Taking an import forward, one step a transaction: a step that dies leaves nothing, and is done again."""

import logging
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Any, Final

from django.db import InterfaceError, OperationalError, connection, transaction

from luister.base.errors import Reason
from luister.base.ids import lock_key
from luister.delivery.parsing import CannotStartError
from luister.imports import files
from luister.imports.actions.arranging import arrange
from luister.imports.actions.intake import Intake
from luister.imports.actions.storing import store_part
from luister.imports.enums import UNDER_WAY, ImportState
from luister.imports.models import Import, ImportRefusal
from luister.imports.queries import options_of, path_of_file, source_of
from luister.imports.reading import UnreadableError, rows
from luister.imports.reading.contract import MAX_ROWS

logger = logging.getLogger("luister.imports")

STEP: Final = 1000  # rows that are read in one step
RETRIED: Final = (OperationalError, InterfaceError, CannotStartError)  # no fault of the file's


class Runner:
    """Does the steps of one import in this process; keeps the file open between them."""

    def __init__(self, import_id: int) -> None:
        self._import_id = import_id
        self._rows: Iterator[Any] | None = None
        self._at = 0  # rows taken from the open file
        self._intake: Intake | None = None

    def __enter__(self) -> "Runner":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def may_pause(self) -> bool:
        """Whether another process can go on from here: a dry run keeps what it knows in memory."""
        return not (self._intake is not None and self._intake.has_tried)

    def step(self, *, now: datetime) -> bool:
        """Do one step, and return whether there is another to do."""
        try:
            with transaction.atomic():
                batch = self._batch()
                if batch is None:
                    return False
                _take_turn(batch)
                self._move(batch, now=now)
                batch.moved_at = now
                batch.save()
                return batch.state in UNDER_WAY
        except RETRIED:
            self._close()
            raise
        except UnreadableError as error:
            return self._fail(error.reason, now=now)
        except Exception as error:
            logger.exception("import.stumbled", extra={"object_kind": "import", "object_id": self._import_id})
            return self._fail(Reason("import.stumbled", {"error": type(error).__name__}), now=now)

    def _batch(self) -> Import | None:
        found = Import.objects.select_for_update(of=("self",)).filter(pk=self._import_id, state__in=UNDER_WAY)
        return found.select_related("workspace").first()

    def _move(self, batch: Import, *, now: datetime) -> None:
        if batch.cancel_asked:
            self._cancel(batch, now=now)
        elif batch.state == ImportState.STORING:
            if batch.parts_done < batch.parts:
                store_part(batch, number=batch.parts_done + 1, now=now)
                batch.parts_done += 1
            if batch.parts_done >= batch.parts:
                _end(batch, now=now)
        else:
            self._read(batch, now=now)

    def _cancel(self, batch: Import, *, now: datetime) -> None:
        batch.cancel_asked = False
        if batch.state == ImportState.TRYING:
            batch.state, batch.tried = ImportState.NEW, {}
        else:
            batch.state, batch.ended_at = ImportState.CANCELLED, now

    def _read(self, batch: Import, *, now: datetime) -> None:
        intake = self._opened(batch)
        taken = list(islice(self._rows or iter(()), STEP))
        self._at += len(taken)
        intake.take(batch, taken)
        batch.rows_read += len(taken)
        if batch.rows_read > MAX_ROWS:
            raise UnreadableError("file.too_many_rows", limit=f"{MAX_ROWS:,}")
        if len(taken) == STEP:
            return
        self._close()
        if batch.state == ImportState.TRYING:
            batch.tried = {**intake.counted(batch), "at": now.isoformat()}
            batch.state = ImportState.NEW
            return
        arrange(batch)
        batch.phase_at = now
        asks = batch.rows_broken and not options_of(batch).skip_broken
        batch.state = ImportState.ASKING if asks else ImportState.STORING
        if not asks and not batch.parts:
            _end(batch, now=now)

    def _opened(self, batch: Import) -> Intake:
        """Open the file and pass over what was read before; a dry run, which knows it in memory only, starts anew."""
        if self._rows is None or self._intake is None or self._at != batch.rows_read:
            self._close()
            if batch.state == ImportState.TRYING:
                batch.rows_read = batch.rows_present = batch.rows_refused = batch.rows_broken = 0
                ImportRefusal.objects.filter(batch=batch).delete()
            self._intake = Intake(source_of(batch), batch.mapping, options_of(batch))
            self._rows = rows(path_of_file(batch), source_of(batch))
            self._at = sum(1 for _ in islice(self._rows, batch.rows_read))
        return self._intake

    def _close(self) -> None:
        close = getattr(self._rows, "close", None)
        if close is not None:
            close()
        self._rows, self._at, self._intake = None, 0, None

    def _fail(self, reason: Reason, *, now: datetime) -> bool:
        self._close()
        failed = Import.objects.filter(pk=self._import_id, state__in=UNDER_WAY)
        failed.update(
            state=ImportState.FAILED,
            reason_code=reason.code,
            reason_values=dict(reason.values),
            ended_at=now,
            moved_at=now,
        )
        return False


def _take_turn(batch: Import) -> None:
    """Have the imports of a workspace do one step at a time: their files may overlap, and name the same channels."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key("imports.step", str(batch.workspace_id))])


def _end(batch: Import, *, now: datetime) -> None:
    """All is stored: the report stays, the file is not needed any more."""
    stored_as, batch.stored_as = batch.stored_as, ""
    batch.state, batch.ended_at = ImportState.DONE, now
    transaction.on_commit(lambda: files.remove(stored_as))
