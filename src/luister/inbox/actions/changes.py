"""Changing a case: the one place that writes its fields, records the event and tells open screens."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from luister.accounts.enums import Permission, Role
from luister.accounts.models import Membership, Team, User
from luister.base.errors import SentenceError
from luister.events import live
from luister.events.actions import record
from luister.events.models import Event
from luister.inbox.access import visible_cases
from luister.inbox.enums import CaseState, Origin
from luister.inbox.models import Case, CaseLabel, Handover, Label, Notification

UNDO_WITHIN = timedelta(minutes=10)


class RefusedError(SentenceError):
    """An action that the state of the case, or the rights of who asks, do not allow."""


def locked(case_id: int, *, by: Membership) -> Case:
    """Return the case, locked for the rest of the transaction.

    Raises:
        RefusedError: not visible to who asks, or not theirs to work on.
    """
    case = visible_cases(by).select_related(None).filter(pk=case_id).select_for_update().first()
    if case is None or not by.may(Permission.WORK_CASES):
        raise RefusedError("case.not_found")
    return case


def apply(case: Case, *, name: str, by: User | None, at: datetime, **fields: Any) -> Event | None:
    """Write fields of a case, with an event that holds what was there before; None when nothing changes."""
    before = {field: getattr(case, field) for field in fields}
    if before == fields:
        return None
    for field, value in fields.items():
        setattr(case, field, value)
    if "state" in fields and before["state"] != case.state:
        case.state_since = at
        fields["state_since"] = at
    case.save(update_fields=list(fields))
    event = record(
        name,
        workspace=case.workspace,
        at=at,
        by=by,
        case_id=case.pk,
        data={"before": plain(before), "after": plain({field: getattr(case, field) for field in before})},
    )
    announce(case)
    return event


def announce(case: Case) -> None:
    """Tell open screens that a case changed."""
    live.publish(live.case_topic(case.pk), "case-changed", case=case.pk)
    live.publish(live.workspace_topic(case.workspace_id), "cases-changed", case=case.pk)


@transaction.atomic
def assign(case_id: int, *, to: User | None, by: Membership, now: datetime) -> Event | None:
    """Give the case to a colleague, or to nobody.

    Raises:
        RefusedError: the colleague could not see the case.
    """
    case = locked(case_id, by=by)
    if to is not None:
        colleague = Membership.objects.filter(workspace_id=case.workspace_id, user=to, is_active=True).first()
        if colleague is None or not _may_work_on(case, colleague):
            raise RefusedError("case.assignee_cannot_work", name=str(to))
    event = apply(case, name="case.assigned", by=by.user, at=now, assignee_id=to.pk if to else None)
    if event is not None and to is not None and to.pk != by.user_id:
        notify(case, user=to, kind="assigned", by=by.user, now=now)
    return event


def _may_work_on(case: Case, member: Membership) -> bool:
    """Whether work may be given to someone: to a partner only where they see the case, by a hand-over."""
    if member.role == Role.PARTNER and not Handover.objects.filter(case=case, member=member).exists():
        return False
    return member.may(Permission.WORK_CASES)


@transaction.atomic
def move_to_team(case_id: int, *, team: Team | None, by: Membership, now: datetime) -> Event | None:
    """Give the case to a team, or to none."""
    case = locked(case_id, by=by)
    if team is not None and team.workspace_id != case.workspace_id:
        raise RefusedError("case.not_found")
    return apply(case, name="case.moved", by=by.user, at=now, team_id=team.pk if team else None)


@transaction.atomic
def change_state(case_id: int, *, state: CaseState, by: Membership, now: datetime) -> Event | None:
    """Open, complete or close the case, or have it wait for someone else."""
    case = locked(case_id, by=by)
    waiting = {} if state == CaseState.OPEN else {"waiting_since": None}
    return apply(case, name="case.state_changed", by=by.user, at=now, state=state, snoozed_until=None, **waiting)


@transaction.atomic
def snooze(case_id: int, *, until: datetime, by: Membership, now: datetime) -> Event | None:
    """Have the case wait until a moment; it comes back then, or when the customer writes.

    Raises:
        RefusedError: the moment has passed, or the case is closed.
    """
    case = locked(case_id, by=by)
    if until <= now:
        raise RefusedError("case.snooze_past")
    if case.state == CaseState.CLOSED:
        raise RefusedError("case.closed")
    return apply(case, name="case.snoozed", by=by.user, at=now, state=CaseState.WAITING, snoozed_until=until)


def wake_snoozed(*, now: datetime, limit: int = 500) -> int:
    """Open the cases whose date has come and return how many."""
    with transaction.atomic():
        due = Case.objects.filter(snoozed_until__lte=now).select_for_update(skip_locked=True).order_by("snoozed_until")
        cases = list(due.select_related("workspace")[:limit])
        for case in cases:
            apply(case, name="case.woken", by=None, at=now, state=CaseState.OPEN, snoozed_until=None)
    return len(cases)


@transaction.atomic
def mark_urgent(case_id: int, *, is_urgent: bool, by: Membership, now: datetime) -> Event | None:
    """Put the case before others, or not any more."""
    return apply(locked(case_id, by=by), name="case.urgency_changed", by=by.user, at=now, is_urgent=is_urgent)


@transaction.atomic
def mark_origin(case_id: int, *, origin: Origin, by: Membership, now: datetime) -> Event | None:
    """Mark the case as begun by the customer or by us."""
    return apply(locked(case_id, by=by), name="case.origin_changed", by=by.user, at=now, origin=origin)


@transaction.atomic
def add_label(case_id: int, *, name: str, by: Membership, now: datetime) -> Label:
    """Put a label on the case; a new word makes a new label.

    Raises:
        RefusedError: no word.
    """
    case = locked(case_id, by=by)
    word = " ".join(name.split())[:60]
    if not word:
        raise RefusedError("label.empty")
    label = Label.objects.filter(workspace_id=case.workspace_id, name__iexact=word).first()
    if label is None:
        label = Label.objects.create(workspace_id=case.workspace_id, name=word)
    _, is_new = CaseLabel.objects.get_or_create(case=case, label=label)
    if is_new:
        record("case.labelled", workspace=case.workspace, at=now, by=by.user, case_id=case.pk, data={"label": label.pk})
        announce(case)
    return label


@transaction.atomic
def remove_label(case_id: int, *, label_id: int, by: Membership, now: datetime) -> None:
    """Take a label off the case."""
    case = locked(case_id, by=by)
    gone, _ = CaseLabel.objects.filter(case=case, label_id=label_id).delete()
    if gone:
        record(
            "case.unlabelled", workspace=case.workspace, at=now, by=by.user, case_id=case.pk, data={"label": label_id}
        )
        announce(case)


@transaction.atomic
def hand_over(case_id: int, *, to: Membership, by: Membership, now: datetime) -> None:
    """Let a partner see and work on the case.

    Raises:
        RefusedError: they are no partner of this workspace, or a partner asks: they hand nothing on.
    """
    case = _theirs_to_hand(case_id, by=by)
    if to.workspace_id != case.workspace_id or not to.is_active or to.role != Role.PARTNER:
        raise RefusedError("handover.not_a_partner")
    _, is_new = Handover.objects.get_or_create(case=case, member=to, defaults={"by": by.user, "at": now})
    if is_new:
        record(
            "case.handed_over", workspace=case.workspace, at=now, by=by.user, case_id=case.pk, data={"to": to.user_id}
        )
        notify(case, user=to.user, kind="assigned", by=by.user, now=now)
        announce(case)


@transaction.atomic
def take_back(case_id: int, *, member: Membership, by: Membership, now: datetime) -> None:
    """End a partner's sight of the case; what was assigned to them is then nobody's.

    Raises:
        RefusedError: a partner asks.
    """
    case = _theirs_to_hand(case_id, by=by)
    gone, _ = Handover.objects.filter(case=case, member=member).delete()
    if gone:
        record(
            "case.taken_back",
            workspace=case.workspace,
            at=now,
            by=by.user,
            case_id=case.pk,
            data={"from": member.user_id},
        )
        if case.assignee_id == member.user_id:
            apply(case, name="case.assigned", by=by.user, at=now, assignee_id=None)
        announce(case)


def _theirs_to_hand(case_id: int, *, by: Membership) -> Case:
    case = locked(case_id, by=by)
    if by.role == Role.PARTNER:
        raise RefusedError("handover.not_yours")
    return case


@transaction.atomic
def undo(event_id: int, *, by: Membership, now: datetime) -> Case:
    """Put back what an event changed, for who did it, within ten minutes.

    Raises:
        RefusedError: too late, not theirs, or someone changed it again since.
    """
    event = Event.objects.filter(pk=event_id, workspace_id=by.workspace_id, by_id=by.user_id).first()
    if event is None or event.case_id is None or "before" not in event.data or now - event.at > UNDO_WITHIN:
        raise RefusedError("undo.too_late")
    case = locked(event.case_id, by=by)
    present = plain({field: getattr(case, field) for field in event.data["after"]})
    if present != event.data["after"]:
        raise RefusedError("undo.changed_since")
    fields = {field: from_plain(field, value) for field, value in event.data["before"].items()}
    apply(case, name="case.undone", by=by.user, at=now, **fields)
    return case


def notify(case: Case, *, user: User, kind: str, by: User | None, now: datetime) -> None:
    """Leave a notification for a user and tell their open screens."""
    Notification.objects.create(workspace_id=case.workspace_id, user=user, case=case, kind=kind, by=by, at=now)
    live.publish(live.user_topic(user.pk), "notice", case=case.pk, kind=kind)


def plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields of a case as an event keeps them."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields.items()}


def from_plain(name: str, value: Any) -> Any:
    """Return a field of a case from what an event kept of it."""
    is_moment = value is not None and name in {"snoozed_until", "waiting_since", "last_post_at"}
    return datetime.fromisoformat(value) if is_moment else value
