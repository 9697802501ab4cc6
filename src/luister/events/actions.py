"""Recording what happened."""

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
