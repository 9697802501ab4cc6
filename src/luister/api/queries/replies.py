"""Replies, as far as timelines show them."""

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.delivery.enums import SendState
from luister.inbox.models import Reply
from luister.inbox.queries.around import reply_of


def readable_reply(reply_id: int, *, member: Membership) -> Reply | None:
    """Return a reply that the member may read: for analysts once it was sent, a private one for who may see it."""
    reply = reply_of(reply_id, member=member)
    if reply is None or not (reply.outgoing.is_public or member.may_see_private):
        return None
    if reply.outgoing.state != SendState.SENT and not member.may(Permission.WORK_CASES):
        return None
    return reply
