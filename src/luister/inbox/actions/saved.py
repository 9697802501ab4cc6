"""Saved views: keeping, changing, ordering and deleting them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from luister.accounts.models import Membership, Team
from luister.inbox.access import may_change_view, may_share_with_all, saved_views
from luister.inbox.actions.changes import RefusedError
from luister.inbox.enums import Audience
from luister.inbox.models import SavedView
from luister.query import parse

KEPT = timedelta(days=1)  # what was deleted, although that can be undone for minutes only


@dataclass(frozen=True, slots=True)
class Draft:
    """What a saved view is to be."""

    name: str
    query: str
    audience: Audience = Audience.ME
    team_id: int | None = None


def save_view(draft: Draft, *, view: str, by: Membership) -> SavedView:
    """Keep a query under a name, behind the views that are there.

    Raises:
        QueryError: it is no query.
        RefusedError: who asks may not share it so.
    """
    parse(draft.query)
    team = _shared_with(draft, by=by)
    last = SavedView.objects.filter(workspace_id=by.workspace_id).aggregate(last=Max("position"))["last"]
    return SavedView.objects.create(
        workspace_id=by.workspace_id, name=draft.name, query=draft.query, view=view, audience=draft.audience,
        owner_id=by.user_id, team=team, position=(last or 0) + 1,
    )  # fmt: skip


@transaction.atomic
def change_view(saved_id: int, draft: Draft, *, by: Membership) -> SavedView:
    """Give a saved view another name, query or audience.

    Raises:
        QueryError: it is no query.
        RefusedError: it is not theirs to change, or to share so.
    """
    parse(draft.query)
    saved = _changeable(saved_id, by=by)
    saved.team = _shared_with(draft, by=by)
    saved.name, saved.query, saved.audience = draft.name, draft.query, draft.audience
    if saved.owner_id is None:
        saved.owner_id = by.user_id
    saved.save()
    return saved


@transaction.atomic
def move_view(saved_id: int, *, step: int, by: Membership) -> None:
    """Put a saved view before (-1) or behind (1) its neighbour among those that the member may change.

    Raises:
        RefusedError: it is not theirs to change.
    """
    moved = _changeable(saved_id, by=by)
    every = list(saved_views(by).filter(deleted_at=None).select_for_update(of=("self",)).order_by("position", "id"))
    order = [saved for saved in every if may_change_view(saved, member=by)]
    at = order.index(moved)
    if not 0 <= at + step < len(order):
        return
    other = order[at + step]
    # Positions can be equal where two people saved at once: number them anew, the two exchanged.
    first, second = every.index(moved), every.index(other)
    every[first], every[second] = every[second], every[first]
    for position, saved in enumerate(every, 1):
        saved.position = position
    SavedView.objects.bulk_update(every, ["position"])


@transaction.atomic
def delete_view(saved_id: int, *, by: Membership, at: datetime) -> SavedView:
    """Take a saved view away; for a while that can be undone.

    Raises:
        RefusedError: it is not theirs to delete.
    """
    saved = _changeable(saved_id, by=by)
    SavedView.objects.filter(workspace_id=by.workspace_id, deleted_at__lt=at - KEPT).delete()
    saved.deleted_at = at
    saved.save(update_fields=["deleted_at"])
    return saved


@transaction.atomic
def restore_view(saved_id: int, *, by: Membership) -> SavedView:
    """Bring a deleted view back where it was.

    Raises:
        RefusedError: it is not theirs, or no longer there.
    """
    saved = _changeable(saved_id, by=by, is_deleted=True)
    saved.deleted_at = None
    saved.save(update_fields=["deleted_at"])
    return saved


def _changeable(saved_id: int, *, by: Membership, is_deleted: bool = False) -> SavedView:
    found = saved_views(by).filter(pk=saved_id, deleted_at__isnull=not is_deleted)
    saved = found.select_for_update(of=("self",)).first()
    if saved is None or not may_change_view(saved, member=by):
        raise RefusedError("view.not_yours")
    return saved


def _shared_with(draft: Draft, *, by: Membership) -> Team | None:
    if draft.audience == Audience.ALL and not may_share_with_all(by):
        raise RefusedError("view.only_leads_share")
    if draft.audience != Audience.TEAM:
        return None
    teams = Team.objects.filter(workspace_id=by.workspace_id) if may_share_with_all(by) else by.teams.all()
    team = teams.filter(pk=draft.team_id or 0).first()
    if team is None:
        raise RefusedError("view.no_such_team")
    return team
