"""Background entry points of accounts."""

from luister.accounts.actions.cleaning import clean_up as remove_expired
from luister.base.clock import utc_now
from luister.queue import periodic


@periodic("accounts.clean_up")
def clean_up() -> None:
    """Remove what nobody can sign in with any more."""
    remove_expired(now=utc_now())
