"""Whether what was learned is used, and learning anew at once."""

from datetime import datetime

from django.db import transaction

from luister.accounts.actions.audit import write_audit
from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.queue import enqueue
from luister.understanding.actions.correcting import RefusedError
from luister.understanding.models import LearnedModel


@transaction.atomic
def switch_learning(*, is_on: bool, by: Membership, now: datetime) -> None:
    """Use what was learned for the posts that are understood from now on, or the machine's own judgement alone.

    Raises:
        RefusedError: who asks may not.
    """
    _check(by)
    known, _ = LearnedModel.objects.get_or_create(workspace_id=by.workspace_id, defaults={"learned_at": now})
    if known.is_on == is_on:
        return
    LearnedModel.objects.filter(pk=known.pk).update(is_on=is_on)
    verb = "learning.switched_on" if is_on else "learning.switched_off"
    write_audit(verb, workspace=by.workspace, by=by, target=by.workspace, now=now)


def learn_now(*, by: Membership) -> None:
    """Learn anew from all corrections as soon as a worker looks.

    Raises:
        RefusedError: who asks may not.
    """
    _check(by)
    enqueue("understanding.learn", workspace_id=by.workspace_id)


def _check(member: Membership) -> None:
    if not member.may(Permission.TEACH):
        raise RefusedError("learning.not_allowed")
