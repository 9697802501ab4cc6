"""Approving: a reply of someone who needs that goes out once a colleague has looked at it."""

from datetime import datetime

from django.db import transaction

from luister.accounts.enums import Permission, Role
from luister.accounts.models import Membership, User
from luister.base.ids import new_uuid
from luister.delivery import actions as delivery
from luister.inbox.actions import files
from luister.inbox.actions.changes import RefusedError, notify
from luister.inbox.actions.replies import leaves_at, locked_reply, take_effect, tell
from luister.inbox.actions.writing import add_note
from luister.inbox.enums import CaseState, Mode
from luister.inbox.models import Draft, Reply


def may_approve(reply: Reply, *, by: Membership) -> bool:
    """Whether a colleague may judge a reply: not its writer, no partner, nobody whose own replies need approval."""
    if not reply.outgoing.is_public and not by.may_see_private:
        return False
    is_colleague = by.may(Permission.WORK_CASES) and by.role != Role.PARTNER and not by.needs_approval
    return is_colleague and reply.author_id != by.user_id


@transaction.atomic
def approve(reply_id: int, *, by: Membership, now: datetime) -> Reply:
    """Let a proposed reply go out, after the undo time, with what its writer wanted to become of the case.

    Raises:
        RefusedError: it was approved or sent back already, the case was closed, or it is not theirs to judge.
    """
    reply = _to_judge(reply_id, by=by)
    case = reply.case
    if case.state == CaseState.CLOSED:
        raise RefusedError("case.closed")
    if not delivery.approve_post(reply.outgoing_id, by=by.user, send_after=leaves_at(case, now=now), now=now):
        raise RefusedError("reply.already_judged")
    take_effect(case, reply, by=by, now=now)
    tell("reply.approved", reply, by=by, now=now)
    tell("reply.queued", reply, by=by, now=now)
    return reply


@transaction.atomic
def send_back(reply_id: int, *, by: Membership, now: datetime, why_note: str = "") -> Reply:
    """Give a proposed reply back to its writer, as their draft, with a note of why.

    Raises:
        RefusedError: it was approved or sent back already, or it is not theirs to judge.
    """
    reply = _to_judge(reply_id, by=by)
    if not delivery.withdraw(reply.outgoing_id, by=by.user, now=now):
        raise RefusedError("reply.already_judged")
    if reply.author is not None:
        _return(reply, to=reply.author, now=now)
        notify(reply.case, user=reply.author, kind="sent_back", by=by.user, now=now)
    if why_note.strip():
        add_note(reply.case_id, text=why_note, client_id=new_uuid(), by=by, now=now)
    tell("reply.sent_back", reply, by=by, now=now)
    return reply


def _to_judge(reply_id: int, *, by: Membership) -> Reply:
    reply = locked_reply(reply_id, by=by, own_only=False)
    if not may_approve(reply, by=by):
        raise RefusedError("reply.not_yours_to_approve")
    return reply


def _return(reply: Reply, *, to: User, now: datetime) -> None:
    """Put the text and files back into the writer's draft, before what they have written there since."""
    begun = Draft.objects.filter(case=reply.case, user=to, mode=Mode.REPLY).first()
    text = f"{reply.text}\n\n{begun.text}" if begun and begun.text.strip() else reply.text
    fields = {"text": text, "is_public": reply.outgoing.is_public, "saved_at": now}
    Draft.objects.update_or_create(case=reply.case, user=to, mode=Mode.REPLY, defaults=fields)
    files.bring_back(reply.case, reply.outgoing, to=to, now=now)
