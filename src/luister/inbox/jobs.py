"""Background entry points of the inbox."""

from luister.base.clock import utc_now
from luister.delivery.models import Outgoing
from luister.fence.scope import of_all_workspaces, of_workspace
from luister.inbox.actions import changes, replies
from luister.queue import job, periodic


@job("inbox.reply_settled")
@of_workspace(Outgoing)
def reply_settled(outgoing_id: int) -> None:
    """Take in what became of a reply."""
    replies.reply_settled(outgoing_id, now=utc_now())


@periodic("inbox.wake_snoozed")
@of_all_workspaces("open the cases whose date has come")
def wake_snoozed() -> None:
    """Open the cases whose date has come."""
    changes.wake_snoozed(now=utc_now())
