"""Sources: what is read without being ours, and how it is doing."""

from collections.abc import Sequence

from luister.accounts.models import Membership
from luister.channels.models import Channel
from luister.delivery.queries import SOURCE_KINDS


def sources(member: Membership) -> Sequence[Channel]:
    """Return the sources of the reader's workspace, by name."""
    found = Channel.objects.filter(workspace_id=member.workspace_id, kind__in=SOURCE_KINDS)
    return list(found.order_by("name", "id"))
