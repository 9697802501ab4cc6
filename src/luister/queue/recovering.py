"""What is left of jobs: those of workers that died are put back, those that ended long ago are removed."""

import logging
from collections import Counter
from typing import Final

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection

from luister.queue.door import manager, periodic

logger = logging.getLogger("luister.queue")

MOST_DEATHS: Final = 8  # a job under which workers keep dying is given up
KEEP_HOURS: Final = 24  # finished jobs are kept this long


def recover_stalled() -> Counter[str]:
    """Put the jobs of workers that died back into the queue, and return how many of each queue.

    This is no job itself: it works while every job is stuck. Two processes that do it at once share the work. A job
    that sends is put back too, and finds its post in the state that its worker left it in: only the resolver moves
    a post that was being sent.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RECOVER, {"seconds": stalled_after_seconds(), "most": MOST_DEATHS})
        recovered = Counter(queue for (queue, _) in cursor.fetchall())
    if recovered:
        logger.warning("jobs.recovered", extra={"count": recovered.total()})
    return recovered


# A job with a queueing lock (of an earlier release) may have a successor already, which the library's index keeps from
# standing beside it in the queue: it is ended, its successor does the work.
_RECOVER: Final = """
    WITH stalled AS (
        SELECT job.id, job.queue_name, job.queueing_lock IS NULL AND job.attempts < %(most)s AS again
          FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
         WHERE job.status = 'doing'
           AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(seconds)s))
           FOR UPDATE OF job SKIP LOCKED
    )
    SELECT queue_name, CASE WHEN again THEN procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL)
                            ELSE procrastinate_finish_job_v1(id, 'failed', false) END
      FROM stalled
"""


def stalled_after_seconds() -> float:
    """Return how long a worker may be silent before its jobs are taken from it."""
    return 4 * float(settings.LUISTER_HEARTBEAT_SECONDS)


@periodic("queue.remove_finished")
def remove_finished() -> None:
    """Remove the jobs that ended more than a day ago."""
    async_to_sync(manager().delete_old_jobs)(
        nb_hours=KEEP_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
