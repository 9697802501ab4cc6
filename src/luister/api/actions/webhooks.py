"""Changing and deleting a webhook, as of the version that somebody saw."""

from datetime import datetime

from django.db import transaction

from luister.accounts.models import Membership
from luister.api.actions.cases import VersionConflictError
from luister.api.queries.versions import webhook_version
from luister.webhooks.actions import endpoints
from luister.webhooks.actions.endpoints import Wish


@transaction.atomic
def change(webhook_id: int, wish: Wish, *, seen: str | None, by: Membership, now: datetime) -> None:
    """Change where a webhook leads and what it is told.

    Raises:
        VersionConflictError: it is no longer as it was in the version `seen`.
        accounts RefusedError: as `webhooks.actions.endpoints.change_endpoint`.
    """
    _held(webhook_id, seen=seen, by=by)
    endpoints.change_endpoint(webhook_id, wish, by=by, now=now)


@transaction.atomic
def delete(webhook_id: int, *, seen: str | None, by: Membership, now: datetime) -> None:
    """Remove a webhook with what was kept of its deliveries.

    Raises:
        VersionConflictError, accounts RefusedError: as `change`.
    """
    _held(webhook_id, seen=seen, by=by)
    endpoints.delete_endpoint(webhook_id, by=by, now=now)


def _held(webhook_id: int, *, seen: str | None, by: Membership) -> None:
    current = webhook_version(endpoints.locked(webhook_id, by=by))
    if seen is not None and seen != current:
        raise VersionConflictError(current)
