"""Background entry points of accounts."""

from luister.accounts.actions.cleaning import clean_up as remove_expired
from luister.base.clock import utc_now
from luister.fence.scope import of_all_workspaces
from luister.queue import periodic


@periodic("accounts.clean_up")
@of_all_workspaces("remove what nobody can sign in with any more")
def clean_up() -> None:
    """Remove what nobody can sign in with any more."""
    remove_expired(now=utc_now())
