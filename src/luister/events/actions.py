"""Recording what happened."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from luister.accounts.models import User, Workspace
from luister.events.models import Event


def record(
    name: str,
    *,
    workspace: Workspace,
    at: datetime,
    by: User | None = None,
    case_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> Event:
    """Append an event; `data` holds ids and codes, never what people wrote."""
    return Event.objects.create(workspace=workspace, name=name, at=at, by=by, case_id=case_id, data=data or {})


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a case that is recorded together with others."""

    name: str
    at: datetime
    case_id: int
    data: dict[str, Any] = field(default_factory=dict)
    by: User | None = None


def record_all(happened: Iterable[Happened], *, workspace: Workspace) -> None:
    """Append many events of cases at once."""
    Event.objects.bulk_create(
        [
            Event(workspace=workspace, name=one.name, at=one.at, by=one.by, case_id=one.case_id, data=one.data)
            for one in happened
        ],
        batch_size=2000,
    )
