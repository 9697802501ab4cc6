"""Log lines: JSON for programs, one line a record; the same fields, readable, for who sits at a terminal.

A line holds the name of what happened and ids, never what people wrote, their names, addresses or tokens. That is so by
construction: of a record only the fields named here are written; of a library's record, whose text may hold anything,
only where it came from; of an error only its type and the places it went through.
"""

import json
import logging
import os
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from luister.base import tracing
from luister.base.context import request_id

OURS: Final = "luister"
FIELDS: Final = (
    "code",
    "error",
    "method",
    "route",
    "status",
    "duration_ms",
    "workspace_id",
    "actor_id",
    "channel_id",
    "object_kind",
    "object_id",
    "queue",
    "task",
    "job_id",
    "schedule",
    "due_at",
    "outcome",
    "count",
)
NUMBERS: Final = (int, float, bool)
LONGEST: Final = 120  # characters of a value; what is longer is no id
MOST_PLACES: Final = 12  # of a stack, the innermost
PLAIN: Final = "\x1b[0m"
COLORS: Final = {"WARNING": "\x1b[33m", "ERROR": "\x1b[31m", "CRITICAL": "\x1b[31m"}
_HERE: Final = str(Path(__file__).parents[1])
_VERSION: Final = version("luister")


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """Return what may be written of a record."""
    found: dict[str, Any] = {
        "ts": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": _event(record),
        "logger": record.name,
    }
    if asked := record.__dict__.get("request_id") or request_id.get():
        found["request_id"] = _plain(asked)
    if traced := tracing.trace_id():
        found["trace_id"] = traced
    found |= {name: _plain(value) for name in FIELDS if (value := record.__dict__.get(name)) not in (None, "")}
    if record.exc_info and record.exc_info[0] is not None:
        found["error"] = record.exc_info[0].__name__
        found["places"] = list(_places(record.exc_info[2]))
    return found | {"version": _VERSION}


def _event(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] == OURS:
        return str(record.msg)[:LONGEST]
    # A library's text may hold anything, jobs' arguments for one; where it was written names it as well.
    action = record.__dict__.get("action")
    return f"{record.name}.{action if isinstance(action, str) else record.funcName}"


def _plain(value: object) -> str | int | float:
    return value if isinstance(value, NUMBERS) else str(value)[:LONGEST]


def _places(where: TracebackType | None) -> Iterator[str]:
    for frame in traceback.extract_tb(where)[-MOST_PLACES:]:
        yield f"{frame.filename.removeprefix(_HERE).lstrip('/')}:{frame.lineno} {frame.name}"


class JsonLines(logging.Formatter):
    """One JSON object a line; newlines in values are encoded, so that nobody can write a line of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return json.dumps(facts(record), ensure_ascii=True, default=str)


class Readable(logging.Formatter):
    """The same facts for a person; with LUISTER_DEBUG also the whole text and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and with LUISTER_DEBUG the lines after it."""
        found = facts(record)
        moment, level, event = found.pop("ts")[11:23], found.pop("level").upper(), found.pop("event")
        for name in ("logger", "version"):
            found.pop(name)
        places = found.pop("places", [])
        pairs = " ".join(f"{name}={json.dumps(value)}" for name, value in found.items())
        line = f"{moment} {COLORS.get(level, PLAIN)}{level.ljust(7)}{PLAIN} {event} {pairs}".rstrip()
        line += "".join(f"\n    {place}" for place in places)
        return f"{line}\n{super().format(record)}" if os.environ.get("LUISTER_DEBUG") else line


def settings(*, level: str, style: str) -> dict[str, Any]:
    """Return Django's LOGGING; `style` is json, text, or auto: text where somebody sits at a terminal."""
    readable = style == "text" or (style == "auto" and sys.stderr.isatty())
    formatter = Readable if readable else JsonLines
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            # Django prints its development server's lines and mails administrators otherwise.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "procrastinate": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
        },
    }
