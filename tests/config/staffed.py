"""A worker that is well and keeps the timetable, as the checks of an installation see it."""

from datetime import datetime

from django.db import connection

from luister.queue import queue_names
from tests.factories import NOW
from tests.factories.schedules import LeadershipFactory, WorkerReportFactory


def staffed(*, at: datetime = NOW, without: str = "") -> None:
    """Have a worker last seen at that moment that works every queue off, but for one."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", [at])
        one = cursor.fetchone()[0]
    queues = sorted(queue_names() - {without})
    WorkerReportFactory(seen_at=at, looped_at=at, workers={"all": {"id": one, "queues": queues}})
    LeadershipFactory(seen_at=at)
