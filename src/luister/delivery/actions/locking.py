"""The lock on everything that leaves: put on by restoring a backup, taken off by an administrator who confirms.

What stood in the queue when the backup was made may have been sent since, by the installation that it was made of.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from luister.accounts.actions import write_audit
from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership, Workspace
from luister.base.errors import Reason
from luister.channels.models import Channel
from luister.delivery.actions import settling
from luister.delivery.actions.waking import wake_channel
from luister.delivery.queries import doubtful_since_restore
from luister.events.live import publish, workspace_topic


@transaction.atomic
def lock_outbound(workspace: Workspace, *, now: datetime) -> bool:
    """Let nothing leave a workspace before somebody confirms; False when it was locked."""
    if not Workspace.objects.filter(pk=workspace.pk, outbound_locked_at=None).update(outbound_locked_at=now):
        return False
    write_audit("outbound.locked", workspace=workspace, by=None, target=workspace, now=now)
    publish(workspace_topic(workspace.pk), "sending-changed")
    return True


def confirm_outbound(*, by: Membership, send_all: bool, now: datetime) -> bool:
    """Confirm that a workspace may send again; False when it did. `send_all` as for `unlock_outbound`.

    Raises:
        RefusedError: not allowed.
    """
    if not by.may(Permission.MANAGE_WORKSPACE):
        raise RefusedError(_("You may not do this."))
    return unlock_outbound(by.workspace, by=by, send_all=send_all, now=now) is not None


@transaction.atomic
def unlock_outbound(workspace: Workspace, *, by: Membership | None, send_all: bool, now: datetime) -> int | None:
    """Let a workspace send again; return of how many posts people are asked, or None when it was not locked.

    Args:
        send_all: also send what stood in the queue when the backup was made; otherwise people are asked of each.
    """
    locked = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    if locked.outbound_locked_at is None:
        return None
    doubtful = () if send_all else doubtful_since_restore(locked)
    asked = sum(settling.cannot_leave(pk, Reason("send.restored"), now=now) for pk in doubtful)
    Workspace.objects.filter(pk=locked.pk).update(outbound_locked_at=None, restored_from_at=None)
    write_audit("outbound.unlocked", workspace=locked, by=by, target=locked, now=now, detail={"asked": asked})
    for channel_id in Channel.objects.filter(workspace=locked).values_list("pk", flat=True):
        wake_channel(channel_id, now=now)
    publish(workspace_topic(locked.pk), "sending-changed")
    return asked
