"""Writing down who changed a setting or a right."""

from datetime import datetime
from typing import Any

from django.db.models import Model

from luister.accounts.models import AuditEntry, Membership, User, Workspace


def write_audit(
    verb: str,
    *,
    workspace: Workspace | None,
    by: Membership | User | None,
    target: Model,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append an audit entry, in the transaction of the change it tells of.

    `by` is None for the command line and the system itself; `detail` holds values before and after, never
    secrets and never what customers wrote.
    """
    return AuditEntry.objects.create(
        workspace=workspace,
        user=by.user if isinstance(by, Membership) else by,
        verb=verb,
        object_kind=type(target).__name__.lower(),
        object_id=str(target.pk),
        detail=detail or {},
        at=now,
    )
