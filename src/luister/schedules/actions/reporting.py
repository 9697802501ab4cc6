"""What a worker says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from luister.schedules.models import WorkerReport

FORGOTTEN_AFTER: Final = timedelta(hours=1)  # reports of workers that died


@dataclass(frozen=True, slots=True)
class Said:
    """What a worker says of itself."""

    host: str
    pid: int
    started_at: datetime
    workers: Mapping[str, Any]  # the job library's workers in it: name → {"id": 5, "queues": ["sending"]}
    looped_at: datetime | None  # when what works its jobs off last came round
    clock_skew: timedelta  # how far its clock is ahead of the database's


def report(said: Said, *, now: datetime) -> None:
    """Keep what a worker says of itself, by the database's time."""
    kept = {
        "started_at": said.started_at,
        "seen_at": now,
        "looped_at": said.looped_at,
        "workers": dict(said.workers),
        "clock_skew_seconds": said.clock_skew.total_seconds(),
    }
    WorkerReport.objects.update_or_create(host=said.host, pid=said.pid, defaults=kept)


def take_report_away(*, host: str, pid: int) -> None:
    """Forget a worker that ends."""
    WorkerReport.objects.filter(host=host, pid=pid).delete()


def forget_reports(*, now: datetime) -> None:
    """Forget workers that died a while ago."""
    WorkerReport.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
