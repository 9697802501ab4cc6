"""Background entry points of webhooks; delivering is no job (luister.webhooks.deliver)."""

from luister.base.clock import utc_now
from luister.fence.scope import of_all_workspaces, of_workspace
from luister.queue import job, periodic
from luister.webhooks.actions import upkeep
from luister.webhooks.models import Endpoint


@job("webhooks.tell_stopped")
@of_workspace(Endpoint)
def tell_stopped(endpoint_id: int) -> None:
    """Tell administrators that an endpoint switched itself off."""
    upkeep.tell_stopped(endpoint_id)


@periodic("webhooks.forget_old")
@of_all_workspaces("remove what was delivered long ago")
def forget_old() -> None:
    """Remove what was delivered long ago."""
    upkeep.forget_old(now=utc_now())
