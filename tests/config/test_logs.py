"""A log line says what happened and to what, and never what anybody wrote."""

import json
import logging
import re
import sys
from pathlib import Path

import pytest

from luister.base.context import request_id
from luister.config import logs

CANARY = "kanarie-fluit-zacht"


def record(event: str = "channel.not_read", *args: object, logger: str = "luister.delivery", **extra: object):
    made = logging.getLogger(logger).makeRecord(logger, logging.WARNING, __file__, 1, event, args, None, extra=extra)
    made.created = 1_800_000_000.5
    return made


def failing(words: str) -> logging.LogRecord:
    made = record("post.not_understood")
    try:
        int(words)
    except ValueError:
        made.exc_info = sys.exc_info()
    return made


def test_line_is_one_object_with_what_happened_and_ids():
    token = request_id.set("8c1f6f4e2b9d")
    try:
        line = logs.JsonLines().format(record(channel_id=5, code="listen.refused", duration_ms=1.5))
    finally:
        request_id.reset(token)

    assert "\n" not in line
    found = json.loads(line)
    assert found.pop("version")
    assert found == {
        "ts": "2027-01-15T08:00:00.500+00:00", "level": "warning", "event": "channel.not_read",
        "logger": "luister.delivery", "request_id": "8c1f6f4e2b9d", "channel_id": 5, "code": "listen.refused",
        "duration_ms": 1.5,
    }  # fmt: skip


@pytest.mark.parametrize("formatter", [logs.JsonLines, logs.Readable])
@pytest.mark.parametrize(
    "made",
    [
        record("Job send(text=%s) failed", CANARY, logger="procrastinate.worker"),
        record(f"Internal Server Error: /enter/{CANARY}", logger="django.request"),
        record(text=CANARY, subject=CANARY, recipient=CANARY, query=CANARY),
        failing(CANARY),
    ],
    ids=["arguments of a job", "address of a page", "fields that are no ids", "words in an error"],
)
def test_what_people_wrote_is_in_no_line(made, formatter, monkeypatch):
    monkeypatch.delenv("LUISTER_DEBUG", raising=False)

    assert CANARY not in formatter().format(made)


def test_error_is_known_by_its_type_and_places():
    found = json.loads(logs.JsonLines().format(failing("x")))

    assert found["error"] == "ValueError"
    assert found["places"][-1].endswith(" failing")


def test_nobody_can_write_a_line_of_their_own():
    line = logs.JsonLines().format(record(code='x\n{"event": "forged"}\u2028'))
    readable = logs.Readable().format(record(code="x\n12:00:00.000 ERROR forged"))

    assert len(line.splitlines()) == len(readable.splitlines()) == 1


def test_library_line_says_where_it_came_from():
    made = record("Could not connect to %s", "secret-host", logger="uvicorn.error")
    made.funcName = "startup"

    assert json.loads(logs.JsonLines().format(made))["event"] == "uvicorn.error.startup"


def test_style_follows_the_terminal_unless_it_was_chosen(monkeypatch):
    def chosen(style: str) -> type:
        return logs.settings(level="INFO", style=style)["formatters"]["line"]["()"]

    for on_terminal, expected in ((True, logs.Readable), (False, logs.JsonLines)):
        monkeypatch.setattr(sys.stderr, "isatty", lambda answer=on_terminal: answer)
        assert (chosen("auto"), chosen("text"), chosen("json")) == (expected, logs.Readable, logs.JsonLines)


def test_every_line_of_ours_names_an_event():
    """Sentences would carry what they are about; what a line is about stands in its fields."""
    source = Path(logs.__file__).parents[1]
    verbs = r"logger\.(?:debug|info|warning|error|exception|critical)"
    call = re.compile(verbs + r"\(\s*(f?\"[^\"]*\")(,(?!\s*(?:extra|exc_info)=)|)")
    calls = [(path.name, *found.groups()) for path in source.rglob("*.py") for found in call.finditer(path.read_text())]

    assert len(calls) > 20
    assert [one for one in calls if not re.fullmatch(r'"[a-z_]+(\.[a-z_]+)+"', one[1]) or one[2]] == []
