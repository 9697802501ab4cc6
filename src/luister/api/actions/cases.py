"""Changing several things of a case at once, as of the version that somebody saw."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from luister.accounts.models import Membership, Team
from luister.api.queries.versions import case_version
from luister.base.errors import LuisterError
from luister.inbox.actions import changes
from luister.inbox.models import Case


class VersionConflictError(LuisterError):
    """It is no longer as somebody saw it; `current` is its version now."""

    def __init__(self, current: str) -> None:
        super().__init__(current)
        self.current = current


class UnknownIdError(LuisterError):
    """A field names something that is not there."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@transaction.atomic
def change(case_id: int, fields: Mapping[str, Any], *, seen: str | None, by: Membership, now: datetime) -> None:
    """Change what is named of a case: state, assignee_id, team_id, is_urgent, origin, snoozed_until; all or nothing.

    Raises:
        VersionConflictError: it is no longer as it was in the version `seen`.
        UnknownIdError: no such colleague or team.
        inbox RefusedError: what cannot be done, or is not theirs.
    """
    held(case_id, seen=seen, by=by)
    if fields.get("state") is not None:
        changes.change_state(case_id, state=fields["state"], by=by, now=now)
    if fields.get("snoozed_until") is not None:
        changes.snooze(case_id, until=fields["snoozed_until"], by=by, now=now)
    if fields.get("is_urgent") is not None:
        changes.mark_urgent(case_id, is_urgent=fields["is_urgent"], by=by, now=now)
    if fields.get("origin") is not None:
        changes.mark_origin(case_id, origin=fields["origin"], by=by, now=now)
    if "assignee_id" in fields:
        _assign(case_id, fields["assignee_id"], by=by, now=now)
    if "team_id" in fields:  # last: whose team it then is may take it from who asks
        _move(case_id, fields["team_id"], by=by, now=now)


def held(case_id: int, *, seen: str | None, by: Membership) -> Case:
    """Return a case, locked, as long as it is as somebody saw it.

    Raises:
        VersionConflictError: it is not.
        inbox RefusedError: it is not theirs.
    """
    case = changes.locked(case_id, by=by)
    current = case_version(case, member=by)
    if seen is not None and seen != current:
        raise VersionConflictError(current)
    return case


def _assign(case_id: int, user_id: int | None, *, by: Membership, now: datetime) -> None:
    to = None
    if user_id is not None:
        members = Membership.objects.filter(workspace_id=by.workspace_id, user_id=user_id, is_active=True)
        member = members.select_related("user").first()
        if member is None:
            raise UnknownIdError("assignee_id")
        to = member.user
    changes.assign(case_id, to=to, by=by, now=now)


def _move(case_id: int, team_id: int | None, *, by: Membership, now: datetime) -> None:
    team = Team.objects.filter(workspace_id=by.workspace_id, pk=team_id).first() if team_id is not None else None
    if team_id is not None and team is None:
        raise UnknownIdError("team_id")
    changes.move_to_team(case_id, team=team, by=by, now=now)
