"""Reading connected accounts, always within the reader's workspace."""

from collections.abc import Sequence

from luister.accounts.models import Membership
from luister.channels.enums import ChannelState
from luister.channels.models import Channel


def channels(member: Membership) -> Sequence[Channel]:
    """Return the channels of the reader's workspace with their teams, by name."""
    found = Channel.objects.filter(workspace_id=member.workspace_id).exclude(state=ChannelState.REMOVED)
    return list(found.select_related("team").order_by("name", "id"))


def find_channel(member: Membership, *, channel_id: int) -> Channel | None:
    """Return a channel of the reader's workspace, or None."""
    found = Channel.objects.filter(workspace_id=member.workspace_id, pk=channel_id).exclude(state=ChannelState.REMOVED)
    return found.select_related("workspace", "team").first()
