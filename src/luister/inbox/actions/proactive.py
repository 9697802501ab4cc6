"""Taking back that a post was made a case by hand."""

from datetime import datetime

from django.db import transaction

from luister.accounts.models import Membership
from luister.events.models import Event
from luister.inbox.actions.changes import UNDO_WITHIN, RefusedError, announce, apply, from_plain, locked
from luister.inbox.enums import CaseState
from luister.inbox.models import Case, CasePost, Draft, Note, Reply


@transaction.atomic
def put_back(event_id: int, *, by: Membership, now: datetime) -> None:
    """Take a post out of the case that it was made by hand, for who did it; a case that was new goes.

    Raises:
        RefusedError: too late, not theirs, or somebody worked on the case since.
    """
    events = Event.objects.filter(pk=event_id, name="case.taken_up", workspace_id=by.workspace_id, by_id=by.user_id)
    event = events.first()
    if event is None or event.case_id is None or now - event.at > UNDO_WITHIN:
        raise RefusedError("undo.too_late")
    case = locked(event.case_id, by=by)
    if case.version != event.data["version"]:
        raise RefusedError("undo.changed_since")
    if event.data["is_new"]:
        _remove(case)
    else:
        CasePost.objects.filter(case=case, post_id=event.data["post"], is_context=False).delete()
        was = {name: from_plain(name, value) for name, value in event.data["was"].items()}
        apply(case, name="case.undone", by=by.user, at=now, **was)


def _remove(case: Case) -> None:
    written = (rows.objects.filter(case=case).exists() for rows in (Reply, Note, Draft))
    if case.state != CaseState.OPEN or any(written):
        raise RefusedError("undo.changed_since")
    announce(case)
    case.delete()
