"""Reading what one should know."""

from datetime import datetime

from luister.accounts.models import Membership
from luister.inbox.models import Case, Notification


def read_notices(*, by: Membership, now: datetime, case: Case | None = None) -> None:
    """Remember that a member has read their notices: all, or those of one case."""
    unread = Notification.objects.filter(user_id=by.user_id, workspace_id=by.workspace_id, read_at__isnull=True)
    if case is not None:
        unread = unread.filter(case=case)
    unread.update(read_at=now)
