"""Background entry points of the API."""

from luister.api.actions import keeping, telling
from luister.base.clock import utc_now
from luister.queue import job, periodic


@job("api.tell_of_leak")
def tell_of_leak(token_id: int) -> None:
    """Mail the administrators that a token stood in an address."""
    telling.tell_of_leak(token_id)


@periodic("api.forget_answers")
def forget_answers() -> None:
    """Remove answers that were kept long enough."""
    keeping.forget(now=utc_now())
