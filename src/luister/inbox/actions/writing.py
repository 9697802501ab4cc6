"""Drafts, notes, and who is looking and typing."""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.events import live
from luister.events.actions import record
from luister.inbox.access import visible_cases
from luister.inbox.actions.changes import RefusedError, announce, locked, notify
from luister.inbox.actions.notices import read_notices
from luister.inbox.enums import Activity, Mode
from luister.inbox.models import Case, Draft, Note, Presence, Seen

_MENTION = re.compile(r"@([^\W\d_][\w'-]*)")


@transaction.atomic
def save_draft(
    case_id: int, *, mode: Mode, text: str, is_public: bool | None, by: Membership, now: datetime
) -> Draft | None:
    """Keep what someone is writing; an empty text removes the draft."""
    case = locked(case_id, by=by)
    if not text.strip():
        Draft.objects.filter(case=case, user=by.user, mode=mode).delete()
        return None
    draft, _ = Draft.objects.update_or_create(
        case=case, user=by.user, mode=mode, defaults={"text": text, "is_public": is_public, "saved_at": now}
    )
    return draft


@transaction.atomic
def add_note(case_id: int, *, text: str, client_id: UUID, by: Membership, now: datetime) -> Note:
    """Leave a note for colleagues; `@name` notifies that colleague.

    The same `client_id` again returns the first note.

    Raises:
        RefusedError: no text, or a colleague who is named may not see this case.
    """
    case = locked(case_id, by=by)
    earlier = Note.objects.filter(workspace_id=case.workspace_id, client_id=client_id).first()
    if earlier is not None:
        return earlier
    if not text.strip():
        raise RefusedError("note.empty")
    colleagues = _mentioned(case, text)
    note = Note.objects.create(
        workspace_id=case.workspace_id,
        case=case,
        author=by.user,
        client_id=client_id,
        text=text.strip(),
        created_at=now,
    )
    note.mentioned.set([member.user for member in colleagues])
    for member in colleagues:
        if member.user_id != by.user_id:
            notify(case, user=member.user, kind="mention", by=by.user, now=now)
    Draft.objects.filter(case=case, user=by.user, mode=Mode.NOTE).delete()
    record("note.added", workspace=case.workspace, at=now, by=by.user, case_id=case.pk, data={"note": note.pk})
    announce(case)
    return note


def _mentioned(case: Case, text: str) -> list[Membership]:
    """Return the colleagues that a note names.

    Raises:
        RefusedError: one of them may not see the case.
    """
    words = {word.lower() for word in _MENTION.findall(text)}
    if not words:
        return []
    members = Membership.objects.filter(workspace_id=case.workspace_id, is_active=True).select_related("user")
    named = [member for member in members.order_by("id") if words & _names(member)]
    for member in named:
        if not visible_cases(member).filter(pk=case.pk).exists():
            raise RefusedError("note.mention_without_access", name=str(member.user))
    return named


def _names(member: Membership) -> set[str]:
    user = member.user
    return {name.lower() for name in (*user.name.split()[:1], user.signature) if name}


@transaction.atomic
def show_presence(case_id: int, *, activity: Activity, by: Membership, now: datetime) -> None:
    """Say what someone does on a case right now; colleagues see it at once when it differs."""
    if not visible_cases(by).filter(pk=case_id).exists():
        raise RefusedError("case.not_found")
    before = Presence.objects.filter(case_id=case_id, user=by.user).first()
    Presence.objects.update_or_create(case_id=case_id, user=by.user, defaults={"activity": activity, "seen_at": now})
    if before is None or before.activity != activity or (now - before.seen_at).total_seconds() > 25:
        live.publish(live.case_topic(case_id), "presence-changed", case=case_id)


def leave(case_id: int, *, by: Membership) -> None:
    """Say that someone left a case."""
    gone, _ = Presence.objects.filter(case_id=case_id, user=by.user).delete()
    if gone:
        live.publish(live.case_topic(case_id), "presence-changed", case=case_id)


def mark_seen(case: Case, *, by: Membership, now: datetime) -> None:
    """Remember up to where someone has read a case, and that they know what they were told of it.

    Analysts read too: it changes nothing for others.
    """
    if not by.may(Permission.SEE_CASES):
        return
    Seen.objects.bulk_create(
        [Seen(case=case, user=by.user, version=case.version)],
        update_conflicts=True,
        unique_fields=["case", "user"],
        update_fields=["version"],
    )
    read_notices(by=by, now=now, case=case)
