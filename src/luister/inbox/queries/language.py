"""What a workspace has that queries can name."""

from collections.abc import Sequence

from luister.accounts.models import Membership, Team
from luister.channels.models import Channel
from luister.inbox.models import Label
from luister.posts.models import Topic

MOST = 500  # names of one field


def names(field: str, *, member: Membership) -> Sequence[str]:
    """Return the workspace's names for a field's value, in order; none where there is no list of them."""
    workspace_id = member.workspace_id
    found = {
        "label": Label.objects.filter(workspace_id=workspace_id).order_by("name").values_list("name", flat=True),
        "topic": Topic.objects.filter(workspace_id=workspace_id).order_by("name").values_list("name", flat=True),
        "team": Team.objects.filter(workspace_id=workspace_id).order_by("name").values_list("name", flat=True),
        "channel": Channel.objects.filter(workspace_id=workspace_id).order_by("name").values_list("name", flat=True),
        "assignee": Membership.objects.filter(workspace_id=workspace_id, is_active=True)
        .order_by("user__name")
        .values_list("user__name", flat=True),
    }
    if field == "network":
        channels = Channel.objects.filter(workspace_id=workspace_id)[:MOST]
        return sorted({channel.network for channel in channels})
    return list(found[field][:MOST]) if field in found else []
