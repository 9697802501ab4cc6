"""Everything that changes how far the timetable was kept and what is known of the workers."""

from luister.schedules.actions.leading import end_frozen_leader, note_leading
from luister.schedules.actions.recovering import recover_stalled
from luister.schedules.actions.reporting import Said, forget_reports, report, take_report_away
from luister.schedules.actions.running import run_due

__all__ = [
    "Said",
    "end_frozen_leader",
    "forget_reports",
    "note_leading",
    "recover_stalled",
    "report",
    "run_due",
    "take_report_away",
]
