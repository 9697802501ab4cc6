"""Reading what happened."""

from collections.abc import Sequence

from luister.events.models import Event


def events_of_case(*, workspace_id: int, case_id: int, limit: int = 500) -> Sequence[Event]:
    """Return the latest events of a case, oldest first."""
    found = Event.objects.filter(workspace_id=workspace_id, case_id=case_id).select_related("by")
    return list(found.order_by("-id")[:limit])[::-1]
