"""Luister's own mail to people: not from what was put back from a backup, until somebody confirms that it may send."""

import logging

from django.core.mail import send_mail
from django.db.models import Q

from luister.accounts.enums import Role
from luister.accounts.models import Membership, User
from luister.fence.scope import across_workspaces

logger = logging.getLogger("luister.mail")


def tell_administrator(member: Membership, subject: str, text: str) -> bool:
    """Mail an administrator what happened in their workspace; False where nothing may leave it.

    That is for somebody who has nothing to confirm: whatever the mail says is on a page too.
    """
    if member.workspace.outbound_locked_at is not None:
        logger.info("mail.held", extra={"workspace_id": member.workspace_id})
        return False
    send_mail(" ".join(subject.split()), text, None, [member.user.email])
    return True


def may_mail(user: User) -> bool:
    """Return whether a person may be mailed a way in.

    Who administers a workspace always may: somebody has to get in to confirm that it may send. Of the others only who
    belongs to one that may; in a copy of an installation they would be led to the copy.
    """
    with across_workspaces("see whether somebody may be mailed a way in"):
        places = Membership.objects.filter(user=user, is_active=True)
        lets = Q(role=Role.ADMINISTRATOR) | Q(workspace__outbound_locked_at=None)
        may = not places.exists() or places.filter(lets).exists()
    if not may:
        logger.info("mail.held", extra={"object_kind": "user", "object_id": user.pk})
    return may
