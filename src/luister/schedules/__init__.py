"""What runs again and again: one timetable, one process at a time that keeps it, and how the workers are doing."""
