"""Taking jobs from workers that died, and counting them."""

from collections import Counter
from datetime import datetime

from django.db import connection, transaction

from luister import queue


def recover_stalled(*, now: datetime) -> Counter[str]:
    """Put the jobs of workers that died back into the queue, and return how many of each queue."""
    with transaction.atomic():
        recovered = queue.recover_stalled()
        if recovered:
            with connection.cursor() as cursor:
                # In one order, so that two processes do not wait for each other.
                cursor.executemany(_COUNT, [(name, recovered[name], now) for name in sorted(recovered)])
    return recovered


_COUNT = """
    INSERT INTO schedules_recovered (queue, count, last_at) VALUES (%s, %s, %s)
    ON CONFLICT (queue) DO UPDATE SET count = schedules_recovered.count + excluded.count, last_at = excluded.last_at
"""
