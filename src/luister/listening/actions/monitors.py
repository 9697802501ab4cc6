"""Making, changing, muting and deleting monitors."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from luister.accounts.actions.audit import write_audit
from luister.accounts.enums import Permission
from luister.accounts.models import Membership, Team
from luister.base.errors import SentenceError
from luister.events import live
from luister.inbox.models import CasePost
from luister.listening.access import may_change, may_share
from luister.listening.actions.looking_back import begin
from luister.listening.enums import MentionState, Sharing
from luister.listening.models import Mention, Monitor
from luister.query import parse


class RefusedError(SentenceError):
    """A change of a monitor that the rights of who asks do not allow."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a monitor is to be; `days` is how far it looks back, None for everything."""

    name: str
    query: str
    sharing: Sharing = Sharing.OWN
    team: Team | None = None
    days: int | None = 30


@transaction.atomic
def make(wish: Wish, *, by: Membership, now: datetime) -> Monitor:
    """Have a new monitor listen, and look back.

    Raises:
        QueryError: the query says nothing that can be listened for.
        RefusedError: who asks may not listen, or not share.
    """
    if not by.may(Permission.SEE_LISTENING):
        raise RefusedError("monitor.not_found")
    parse(wish.query, standing=True)
    _check_sharing(wish, by=by)
    monitor = Monitor.objects.create(
        workspace_id=by.workspace_id,
        name=wish.name,
        query=wish.query,
        owner=by.user,
        sharing=wish.sharing,
        team=wish.team if wish.sharing == Sharing.TEAM else None,
        created_at=now,
        changed_at=now,
    )
    write_audit("monitor.made", workspace=by.workspace, by=by, target=monitor, now=now, detail={"name": monitor.name})
    begin(monitor, since=_since(wish.days, now), now=now)
    return monitor


@transaction.atomic
def change(monitor_id: int, wish: Wish, *, by: Membership, now: datetime) -> Monitor:
    """Change a monitor; where its query changes it looks back again, and lets go of what nobody has handled.

    Raises:
        QueryError: the query says nothing that can be listened for.
        RefusedError: it is not theirs to change, or not to share.
    """
    monitor = locked(monitor_id, by=by)
    parse(wish.query, standing=True)
    if wish.sharing != monitor.sharing or wish.team != monitor.team:
        _check_sharing(wish, by=by)
    is_other_query = wish.query != monitor.query
    monitor.name, monitor.query, monitor.sharing, monitor.changed_at = wish.name, wish.query, wish.sharing, now
    monitor.team = wish.team if wish.sharing == Sharing.TEAM else None
    monitor.version += is_other_query
    monitor.save(update_fields=["name", "query", "sharing", "changed_at", "team", "version"])
    write_audit("monitor.changed", workspace=by.workspace, by=by, target=monitor, now=now, detail={"name": wish.name})
    if is_other_query:
        in_case = Exists(CasePost.objects.filter(post_id=OuterRef("post_id"), is_context=False))
        Mention.objects.filter(~in_case, monitor=monitor, state=MentionState.NEW).delete()
        begin(monitor, since=_since(wish.days, now), now=now)
    _announce(monitor)
    return monitor


@transaction.atomic
def mute(monitor_id: int, *, is_muted: bool, by: Membership, now: datetime) -> Monitor:
    """Have a monitor find in silence, or call again.

    Raises:
        RefusedError: it is not theirs to change.
    """
    monitor = locked(monitor_id, by=by)
    monitor.is_muted, monitor.changed_at = is_muted, now
    monitor.save(update_fields=["is_muted", "changed_at"])
    _announce(monitor)
    return monitor


@transaction.atomic
def delete(monitor_id: int, *, by: Membership, now: datetime) -> str:
    """Take a monitor and its mentions away and return its name; posts and cases stay.

    Raises:
        RefusedError: it is not theirs to delete.
    """
    monitor = locked(monitor_id, by=by)
    write_audit(
        "monitor.deleted", workspace=by.workspace, by=by, target=monitor, now=now, detail={"name": str(monitor)}
    )
    _announce(monitor)
    monitor.delete()
    return monitor.name


def locked(monitor_id: int, *, by: Membership) -> Monitor:
    """Return a monitor, locked against what is being found and against other changes.

    Raises:
        RefusedError: it does not exist, or is not theirs to change.
    """
    monitors = Monitor.objects.select_for_update(of=("self",)).select_related("workspace", "team")
    monitor = monitors.filter(pk=monitor_id, workspace_id=by.workspace_id).first()
    if monitor is None or not may_change(monitor, member=by):
        raise RefusedError("monitor.not_found")
    return monitor


def _check_sharing(wish: Wish, *, by: Membership) -> None:
    if wish.sharing != Sharing.OWN and not may_share(by):
        raise RefusedError("monitor.not_shared")
    if wish.sharing == Sharing.TEAM and (wish.team is None or wish.team.workspace_id != by.workspace_id):
        raise RefusedError("monitor.no_team")


def _since(days: int | None, now: datetime) -> datetime | None:
    return None if days is None else now - timedelta(days=days)


def _announce(monitor: Monitor) -> None:
    live.publish(live.listening_topic(monitor.workspace_id), "monitor-changed", monitor=monitor.pk)
