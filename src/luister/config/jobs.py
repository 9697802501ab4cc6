"""Background entry points of what concerns the whole installation."""

from luister.base.clock import utc_now
from luister.config.backups import nightly
from luister.fence.scope import of_all_workspaces
from luister.queue import PERIODIC, job


@job("config.back_up", queue=PERIODIC, retry=False)
@of_all_workspaces("back everything up")
def back_up(due_at: str, *, is_late: bool) -> None:
    """Make the backup of this day; what was missed is made up for."""
    nightly.back_up(now=utc_now())
