"""Background entry points of the API."""

from luister.api.actions import keeping, telling
from luister.api.models import Token
from luister.base.clock import utc_now
from luister.fence.scope import of_all_workspaces, of_workspace
from luister.queue import job, periodic


@job("api.tell_of_leak")
@of_workspace(Token)
def tell_of_leak(token_id: int) -> None:
    """Mail the administrators that a token stood in an address."""
    telling.tell_of_leak(token_id)


@periodic("api.forget_answers")
@of_all_workspaces("remove answers that were kept long enough")
def forget_answers() -> None:
    """Remove answers that were kept long enough."""
    keeping.forget(now=utc_now())
