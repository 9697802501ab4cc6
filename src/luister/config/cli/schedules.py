"""`luister schedules`: what runs again and again, when it ran last, and when it runs next by the clocks of its place.

Django is imported inside the command: its settings read the environment, which is complete only then.
"""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from luister.base.clock import utc_now
from luister.base.schedules import EVERY_DAY, WEEKDAYS, Every, Monthly, Rule
from luister.config.cli import tables
from luister.config.cli.keep import json_option
from luister.config.hand import database_at_hand

if TYPE_CHECKING:
    from luister.schedules.queries import Entry, Leader

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@click.command()
@json_option
def schedules(*, as_json: bool) -> None:
    """Show what runs again and again: its rule, its last run, and its next times by the clocks of its place."""
    with database_at_hand():
        from luister.schedules import queries  # noqa: PLC0415 - needs Django set up

        now = utc_now()
        found, leader = queries.entries(now=now), queries.staff(now=now).leader
    if as_json:
        led = leader and {"host": leader.host, "pid": leader.pid, "seen_at": leader.seen_at.isoformat()}
        click.echo(json.dumps({"ok": True, "schedules": [_plain(entry) for entry in found], "leader": led}))
        return
    rows = []
    for entry in found:
        coming = ", ".join(_local(due) for due in entry.next_at[: 1 if isinstance(entry.schedule.rule, Every) else 3])
        last = (
            f"{_local(entry.last_ran_at, like=entry.next_at[0])}{' late' * entry.was_late}"
            if entry.last_ran_at
            else "–"
        )
        rule = words(entry.schedule.rule)
        rows.append((entry.schedule.name, entry.workspace or "all", rule, entry.zone, coming, last))
    tables.show(("name", "workspace", "rule", "zone", "next", "last run"), rows)
    click.echo(_leader(leader))


def words(rule: Rule) -> str:
    """Return a rule as people say it."""
    if isinstance(rule, Every):
        after = f", {_span(rule.offset)} after" if rule.offset else ""
        return f"every {_span(rule.interval)}{after}"
    at = f"{rule.at:%H:%M}"
    if isinstance(rule, Monthly):
        return f"on day {rule.day} of the month at {at}"
    if rule.days == EVERY_DAY:
        return f"every day at {at}"
    return f"on {'weekdays' if rule.days == WEEKDAYS else ', '.join(DAYS[day] for day in sorted(rule.days))} at {at}"


def _span(length: timedelta) -> str:
    for seconds, name in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        count, left = divmod(length, timedelta(seconds=seconds))
        if count and not left:
            return name if count == 1 else f"{count} {name}s"
    return f"{length.total_seconds():g} seconds"


def _local(at: datetime, *, like: datetime | None = None) -> str:
    return f"{at.astimezone(like.tzinfo) if like else at:%a %d-%m %H:%M:%S}"


def _plain(entry: "Entry") -> dict[str, object]:
    return {
        "name": entry.schedule.name,
        "workspace": entry.workspace,
        "job": entry.schedule.job,
        "rule": words(entry.schedule.rule),
        "zone": entry.zone,
        "next_at": [due.isoformat() for due in entry.next_at],
        "last_due_at": entry.last_due_at and entry.last_due_at.isoformat(),
        "last_ran_at": entry.last_ran_at and entry.last_ran_at.isoformat(),
        "was_late": entry.was_late,
        "last_job_id": entry.last_job_id,
        "skipped_at": entry.skipped_at and entry.skipped_at.isoformat(),
    }


def _leader(leader: "Leader | None") -> str:
    if leader is None:
        return "Nobody keeps the timetable yet: run “luister start” or “luister worker”."
    kept = f"by process {leader.pid} on {leader.host}"
    if leader.is_well:
        return f"The timetable is kept {kept}."
    return f"Nobody keeps the timetable; it was last kept {kept}. Run “luister start” or “luister worker”."
