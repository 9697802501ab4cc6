"""The support bundle: a zip for who helps, made of what is safe by what it is, not of what was found to be harmless.

Nothing is copied and then cleaned. Each part is written from values that can hold no secret and no customer's word:
counts, states, codes, versions, names of settings, and of logs only the fields that `logs` writes.
"""

import io
import json
import os
import platform
import re
import zipfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection

from luister.config import environment, logs, measures
from luister.config.checks import Check, State
from luister.config.migrating import pending

LINES: Final = 5_000  # of each log, the newest
# Settings whose values say nothing that is anybody's.
PLAIN: Final = frozenset({*environment.YES_OR_NO, *environment.NUMBERS, *environment.CHOICES})
SERVER: Final = (
    "server_version", "server_encoding", "max_connections", "shared_buffers", "work_mem", "TimeZone", "lc_collate",
    "default_transaction_isolation", "statement_timeout", "lock_timeout", "autovacuum",
)  # fmt: skip
_CODE: Final = re.compile(r"[a-z0-9_.:/<>+-]{1,120}", re.IGNORECASE)
_PLACE: Final = re.compile(r"[a-z0-9_./-]{1,120}:\d+ [a-z0-9_<>]{1,60}", re.IGNORECASE)
_CHECK: Final = re.compile(r"[A-Za-z_*]+( \d+ (in|out))?|data folder|channel secrets|open files|left behind")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", re.IGNORECASE)
_FRAME: Final = re.compile(
    r'  File "(?P<file>[^"]*?)(?:site-packages|src)/(?P<inner>[^"]*)", line (?P<line>\d+), in \w+'
)
_ERROR: Final = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Interrupt))(?::|$)")


def write(target: Path, *, home: Path, now: datetime, examine: Callable[[], Iterator[Check]]) -> list[str]:
    """Write the bundle and return the names of its parts; a part that cannot be made says so instead."""
    parts = _parts(home, now=now, examine=examine)
    made: dict[str, bytes] = {}
    for name, make in parts.items():
        try:
            made[name] = make().encode()
        except Exception as error:  # noqa: BLE001 - half a bundle helps more than none
            made[name] = f"This part could not be made ({type(error).__name__}).\n".encode()
    listed = "".join(f"{len(content):>9} bytes  {name}\n" for name, content in sorted(made.items()))
    made["contents.txt"] = f"Luister {version('luister')}, {now.isoformat(timespec='seconds')}\n\n{listed}".encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in sorted(made.items()):
            bundle.writestr(name, content)
    target.touch(mode=0o600)
    target.write_bytes(packed.getvalue())
    return sorted(made)


def _parts(home: Path, *, now: datetime, examine: Callable[[], Iterator[Check]]) -> Mapping[str, Callable[[], str]]:
    found: dict[str, Callable[[], str]] = {
        "versions.json": lambda: _json(_versions()),
        "settings.json": lambda: _json(_settings(os.environ)),
        "checks.json": lambda: _json([_check(check) for check in [*environment.checks(os.environ), *examine()]]),
        "database.json": lambda: _json(_database()),
        "channels.json": lambda: _json(_rows(_CHANNELS)),
        "jobs.json": lambda: _json(_rows(_JOBS)),
        "outbox.json": lambda: _json(_rows(_OUTBOX)),
        "bin.json": lambda: _json(_rows(_BIN)),
        "metrics.txt": lambda: measures.of_installation(now=now).decode(),
    }
    for path in sorted((home / "logs").glob("*.log*")):
        found[f"logs/{path.name}"] = partial(_log, path)
    return found


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, default=str) + "\n"


def _versions() -> dict[str, Any]:
    packages = {one.metadata["Name"]: one.version for one in distributions()}
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    return {"luister": version("luister"), **machine, "packages": dict(sorted(packages.items()))}


def _settings(given: Mapping[str, str]) -> dict[str, str]:
    """Return which settings are set; the value only of those that hold a number, a choice, or yes or no."""
    names = [name for name in sorted(given) if name.startswith(("LUISTER_", "OTEL_")) or name in _OTHER]
    return {name: given[name] if name in PLAIN and _CODE.fullmatch(given[name]) else "set" for name in names}


_OTHER: Final = frozenset({"PORT", "DATABASE_URL", "EMAIL_URL", "TZ"})


def _check(check: Check) -> dict[str, str]:
    """Return a check without its sentence, which may hold a name."""
    name = check.name if _CHECK.fullmatch(check.name) else check.name.split(" ")[0]
    since = check.since.isoformat() if check.since else ""
    return {"name": name, "state": str(State(check.state)), "since": since}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(SERVER)])
        server = dict(cursor.fetchall())
        cursor.execute(
            "SELECT relname, reltuples::bigint, pg_total_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 3 DESC"
        )
        tables = [{"table": name, "rows": rows, "bytes": size} for name, rows, size in cursor.fetchall()]
    pool = settings.DATABASES["default"]["OPTIONS"].get("pool")
    return {"server": server, "pool": pool, "pending_migrations": pending(), "tables": tables}


_CHANNELS: Final = """
    SELECT id, workspace_id, kind, state, reason_code, state_since, last_read_at FROM channels_channel ORDER BY id
"""
_JOBS: Final = """
    SELECT queue_name, task_name, status, count(*) AS count, max(attempts) AS attempts, min(scheduled_at) AS scheduled
      FROM procrastinate_jobs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_OUTBOX: Final = """
    SELECT id, workspace_id, channel_id, state, reason_code, attempts, failures, due_at, attempted_at, asked_at
      FROM delivery_outgoing WHERE state IN ('queued', 'sending', 'unknown', 'failed') ORDER BY id DESC LIMIT 500
"""
_BIN: Final = """
    SELECT channel_id, reason_code, count(*) AS count, min(received_at) AS oldest
      FROM delivery_raw_item WHERE state = 'unprocessable' GROUP BY 1, 2 ORDER BY 1, 2
"""


def _rows(query: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _log(path: Path) -> str:
    return "".join(_harmless(path))


def _harmless(path: Path) -> Iterator[str]:
    """Yield what is known to be harmless of a log: our own lines field by field; of tracebacks the places and types."""
    with path.open(encoding="utf-8", errors="replace") as file:
        newest = deque(file, maxlen=LINES)
    left_out = 0
    for line in newest:
        kept = _log_line(line)
        if kept:
            yield kept
        else:
            left_out += 1
    yield f"({left_out} lines left out: they are not Luister's own, and may hold anything)\n"


def _log_line(line: str) -> str:
    if line.startswith("{"):
        return _own_line(line)
    frame = _FRAME.match(line)
    if frame:
        return f"  {frame['inner']}:{frame['line']}\n"
    error = _ERROR.match(line)
    return f"{error[1]}\n" if error else ""


def _own_line(line: str) -> str:
    try:
        found = json.loads(line)
    except ValueError:
        return ""
    if not isinstance(found, dict) or not _NAME.fullmatch(str(found.get("event", ""))):
        return ""
    known = {"ts", "level", "event", "logger", "request_id", "version", *logs.FIELDS}
    kept = {
        name: value
        for name, value in found.items()
        if name in known and (isinstance(value, logs.NUMBERS) or _CODE.fullmatch(str(value)))
    }
    places = [place for place in found.get("places", ()) if _PLACE.fullmatch(str(place))]
    return json.dumps(kept | ({"places": places} if places else {})) + "\n"
