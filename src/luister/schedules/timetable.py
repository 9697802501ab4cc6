"""Everything that runs again and again: name, job, when. A new one is a line in `TIMETABLE`.

The job is registered by its app, with `luister.queue.periodic`, or with `job` where it wants to know for which moment
it runs: then it is given `due_at` (ISO 8601, UTC), `is_late`, and `workspace_id` where it runs for each workspace.
"""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final

from django.conf import settings

from luister.base.schedules import Daily, Every, Rule

LATE_AFTER: Final = timedelta(minutes=1)  # what runs this much after its time is told that it is late


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A job that comes back.

    What was missed while nothing kept the timetable runs once, late, for the last of the moments that were missed; with
    `each` once for each of them. After its `grace` it is no use any more and is skipped. One that still waits in
    the queue is not deferred a second time, unless `each`.
    """

    name: str
    job: str
    rule: Rule
    per_workspace: bool = False  # for each workspace, in its zone; else once, in that of the installation
    grace: timedelta | None = None
    each: bool = False

    def __post_init__(self) -> None:
        if self.each and self.grace is None:
            message = f"{self.name}: what runs for each moment that was missed needs a grace."
            raise ValueError(message)


MINUTE: Final = timedelta(minutes=1)


def nightly(at: time | None) -> tuple[Schedule, ...]:
    """Return the backup of each day where an installation wants one; one that is half a day late is skipped."""
    if at is None:
        return ()
    return (Schedule(name="back-up", job="config.back_up", rule=Daily(at), grace=timedelta(hours=12)),)


TIMETABLE: Final[tuple[Schedule, ...]] = (
    Schedule(name="wake-snoozed", job="inbox.wake_snoozed", rule=Every(timedelta(seconds=5))),
    Schedule(name="index-posts", job="posts.index_existing", rule=Every(MINUTE)),
    Schedule(name="understand-posts", job="understanding.understand_existing", rule=Every(MINUTE)),
    Schedule(name="go-on-looking-back", job="listening.take_up_again", rule=Every(5 * MINUTE)),
    Schedule(name="go-on-with-rules", job="understanding.take_up_again", rule=Every(5 * MINUTE)),
    Schedule(name="forget-answers", job="api.forget_answers", rule=Every(10 * MINUTE)),
    Schedule(
        name="remove-finished-jobs",
        job="queue.remove_finished",
        rule=Every(timedelta(hours=1), offset=23 * MINUTE),
    ),
    Schedule(name="forget-old-deliveries", job="webhooks.forget_old", rule=Daily(time(3, 20))),
    Schedule(name="clean-up", job="accounts.clean_up", rule=Daily(time(3, 40))),
    *nightly(settings.LUISTER_BACKUP_AT),
)
