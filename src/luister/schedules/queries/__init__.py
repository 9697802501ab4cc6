"""How far the timetable was kept, and how the workers are doing."""

from luister.schedules.queries.staff import CurrentJob, Leader, QueueAtWork, Staff, Worker, recovered, staff
from luister.schedules.queries.times import Entry, entries, last_runs, zones

__all__ = [
    "CurrentJob",
    "Entry",
    "Leader",
    "QueueAtWork",
    "Staff",
    "Worker",
    "entries",
    "last_runs",
    "recovered",
    "staff",
    "zones",
]
