"""Changing and deleting a monitor, as of the version that somebody saw."""

from datetime import datetime

from django.db import transaction

from luister.accounts.models import Membership, Team
from luister.api.actions.cases import UnknownIdError, VersionConflictError
from luister.api.queries.versions import monitor_version
from luister.listening.actions import monitors
from luister.listening.actions.monitors import Wish
from luister.listening.models import Monitor


def team_of(team_id: int | None, *, by: Membership) -> Team | None:
    """Return the team of a monitor that is shared.

    Raises:
        UnknownIdError: there is none.
    """
    if team_id is None:
        return None
    team = Team.objects.filter(workspace_id=by.workspace_id, pk=team_id).first()
    if team is None:
        raise UnknownIdError("team_id")
    return team


@transaction.atomic
def make(wish: Wish, *, is_muted: bool, by: Membership, now: datetime) -> Monitor:
    """Have a new monitor listen, in silence where it is muted.

    Raises:
        QueryError, listening RefusedError: as `listening.actions.monitors.make`.
    """
    monitor = monitors.make(wish, by=by, now=now)
    return monitors.mute(monitor.pk, is_muted=True, by=by, now=now) if is_muted else monitor


@transaction.atomic
def change(monitor_id: int, wish: Wish, *, is_muted: bool, seen: str | None, by: Membership, now: datetime) -> Monitor:
    """Change a monitor.

    Raises:
        VersionConflictError: it is no longer as it was in the version `seen`.
        QueryError, listening RefusedError: as `listening.actions.monitors.change`.
    """
    _held(monitor_id, seen=seen, by=by)
    monitor = monitors.change(monitor_id, wish, by=by, now=now)
    if monitor.is_muted != is_muted:
        monitor = monitors.mute(monitor_id, is_muted=is_muted, by=by, now=now)
    return monitor


@transaction.atomic
def delete(monitor_id: int, *, seen: str | None, by: Membership, now: datetime) -> None:
    """Take a monitor and its mentions away.

    Raises:
        VersionConflictError, listening RefusedError: as `change`.
    """
    _held(monitor_id, seen=seen, by=by)
    monitors.delete(monitor_id, by=by, now=now)


def _held(monitor_id: int, *, seen: str | None, by: Membership) -> None:
    current = monitor_version(monitors.locked(monitor_id, by=by))
    if seen is not None and seen != current:
        raise VersionConflictError(current)
