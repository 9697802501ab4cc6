"""`luister jobs`: what the workers have to do, and moving it by hand.

Django is imported inside the commands: its settings read the environment, which is complete only then.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from luister.base.clock import utc_now
from luister.config.cli import tables
from luister.config.cli.keep import json_option
from luister.config.errors import GroundError
from luister.config.hand import database_at_hand

if TYPE_CHECKING:
    from luister.queue.looking import JobSeen

STATES = ("todo", "doing", "succeeded", "failed", "cancelled", "aborted")
ENDED = ("succeeded", "failed", "cancelled", "aborted")
queue_option = click.option("--queue", help="Only of this queue: default, intake, periodic or sending.")
name_option = click.option("--name", help="Only of this name, such as delivery.send.")
job_argument = click.argument("job_id", metavar="ID", type=click.IntRange(1))


@click.group()
def jobs() -> None:
    """Look at the jobs of the workers and move them by hand; of what a job was given only ids are shown."""


@jobs.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Only in this state; may be repeated."
)
@queue_option
@name_option
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@json_option
def list_jobs(*, states: tuple[str, ...], queue: str | None, name: str | None, limit: int, as_json: bool) -> None:
    """List jobs, the newest first, and how many there are of each queue."""
    with database_at_hand():
        from luister.queue import looking  # noqa: PLC0415 - needs Django set up

        found = looking.jobs(looking.Wanted(states=states, queue=queue, name=name), limit=limit)
        counts = looking.counts()
    if as_json:
        totals = [{"queue": of, "state": state, "count": count} for of, state, count in counts]
        click.echo(json.dumps({"ok": True, "jobs": [_plain(job) for job in found], "counts": totals}))
        return
    _show(found)
    click.echo("; ".join(f"{of}: {count} {state}" for of, state, count in counts) or "There are no jobs.")


@jobs.command()
@job_argument
@json_option
def show(*, job_id: int, as_json: bool) -> None:
    """Show one job and what happened to it."""
    with database_at_hand():
        from luister.queue import looking  # noqa: PLC0415 - needs Django set up

        found = looking.jobs(looking.Wanted(job_id=job_id), limit=1)
        events = looking.events(job_id)
    if not found:
        raise GroundError(_no_such(job_id))
    if as_json:
        happened = [{"what": event.what, "at": event.at.isoformat()} for event in events]
        click.echo(json.dumps({"ok": True, "job": _plain(found[0]), "events": happened}))
        return
    _show(found)
    for event in events:
        click.echo(f"{_short(event.at)}  {event.what.replace('_', ' ')}")


@jobs.command()
@job_argument
@json_option
def retry(*, job_id: int, as_json: bool) -> None:
    """Let a job run again at once: one that failed, or waits for its next try.

    A job that sends a reply may be run as often as you like: the outbox decides what is sent.
    """
    with database_at_hand():
        from luister.queue import looking  # noqa: PLC0415 - needs Django set up

        _move(looking.retry, job_id, can="only one that failed or waits can be run again")
    _say(f"Job {job_id} runs as soon as a worker is free.", as_json=as_json, job=job_id)


@jobs.command()
@job_argument
@json_option
def cancel(*, job_id: int, as_json: bool) -> None:
    """Keep a job that waits from being done.

    This takes no reply back: the outbox makes a new job for what it has to send.
    """
    with database_at_hand():
        from luister.queue import looking  # noqa: PLC0415 - needs Django set up

        _move(looking.cancel, job_id, can="only one that waits can be cancelled")
    _say(f"Job {job_id} will not be done.", as_json=as_json, job=job_id)


@jobs.command()
@click.option("--state", "states", multiple=True, type=click.Choice(ENDED), help="Only in this state; may be repeated.")
@click.option("--older-than", type=click.FloatRange(0), default=24.0, show_default=True, help="Hours since it ended.")
@queue_option
@name_option
@json_option
def purge(*, states: tuple[str, ...], older_than: float, queue: str | None, name: str | None, as_json: bool) -> None:
    """Remove jobs that have ended; those that ended a day ago are removed anyway."""
    with database_at_hand():
        from luister.queue import looking  # noqa: PLC0415 - needs Django set up

        before = utc_now() - timedelta(hours=older_than)
        count = looking.purge(looking.Wanted(states=states, queue=queue, name=name, ended_before=before))
    _say(f"Removed {count} jobs.", as_json=as_json, count=count)


@jobs.command()
@click.option("--recover", is_flag=True, help="Put them back into the queue now; workers do that within seconds.")
@json_option
def stalled(*, recover: bool, as_json: bool) -> None:
    """List jobs whose worker stopped answering, and how many were recovered so far."""
    with database_at_hand():
        from luister.queue import looking  # noqa: PLC0415 - needs Django set up
        from luister.schedules import actions, queries  # noqa: PLC0415 - needs Django set up

        found = looking.jobs(looking.Wanted(stalled=True), limit=1_000)
        now_recovered = actions.recover_stalled(now=utc_now()).total() if recover else 0
        ever = queries.recovered()
    if as_json:
        told = {"jobs": [_plain(job) for job in found], "recovered_now": now_recovered, "recovered_ever": ever}
        click.echo(json.dumps({"ok": True, **told}))
        return
    if found:
        _show(found)
    else:
        click.echo("None: every job that is being done has a worker that answers.")
    if recover:
        click.echo(f"Put back {now_recovered}.")
    click.echo(
        "Recovered so far: " + ("; ".join(f"{of}: {count}" for of, count in sorted(ever.items())) or "none") + "."
    )


def _move(how: Callable[[int], None], job_id: int, *, can: str) -> None:
    from luister.queue.looking import NotNowError  # noqa: PLC0415 - needs Django set up

    try:
        how(job_id)
    except NotNowError as error:
        message = _no_such(job_id) if error.state is None else f"Job {job_id} is {error.state}: {can}."
        raise GroundError(message) from error


def _no_such(job_id: int) -> str:
    return f"There is no job {job_id}: it may have been removed a day after it ended. See “luister jobs list”."


def _say(sentence: str, *, as_json: bool, **facts: int) -> None:
    click.echo(json.dumps({"ok": True, **facts}) if as_json else sentence)


def _plain(job: "JobSeen") -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(job).items()}


def _show(found: "Sequence[JobSeen]") -> None:
    rows = []
    for job in found:
        given = " ".join(f"{name}={json.dumps(value)}" for name, value in job.ids.items())
        state = f"{job.state} by {job.worker_id}" if job.state == "doing" and job.worker_id else job.state
        times = [_short(job.scheduled_at), _short(job.changed_at)]
        rows.append((str(job.id), job.name, job.queue, state, str(job.attempts), *times, given))
    tables.show(("id", "job", "queue", "state", "tries", "not before", "last change", "given"), rows)


def _short(at: datetime | None) -> str:
    return f"{at.astimezone():%d-%m-%Y %H:%M:%S %Z}" if at else ""
