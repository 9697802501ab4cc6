"""The command line: help everywhere, exit codes, JSON, and one sentence for what goes wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from luister.config.cli import root
from luister.config.errors import GroundError, LockedError


def luister(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "LUISTER", "DJANGO"))}
    command = [sys.executable, "-m", "luister.config.cli", *arguments]
    env = {**kept, "LUISTER_HOME": str(home), **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def commands() -> list[list[str]]:
    found: list[list[str]] = [[]]
    for path in found:
        command = root.cli
        for name in path:
            command = command.commands[name]  # type: ignore[assignment]
        found += [[*path, name] for name in getattr(command, "commands", {})]
    return found


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_help_everywhere(path: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run([*path, "--help"]) == 0

    assert capsys.readouterr().out.startswith(f"Usage: {' '.join(['luister', *path])} ")


def test_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run(["start", "--port", "zeven"]) == 2
    assert root._run(["dans"]) == 2

    assert "No such command" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (GroundError("The disk is full."), 1, "Error: The disk is full.\n"),
        (LockedError("Somebody is at it."), 3, "Error: Somebody is at it.\n"),
        (KeyboardInterrupt(), 1, "Error: Stopped.\n"),
    ],
)
def test_errors_are_one_sentence(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(root.cli.commands["worker"], "callback", fail)

    assert root._run(["worker"]) == code
    assert capsys.readouterr().err.strip("\n") == said.strip("\n")


def test_unforeseen_error_keeps_its_traceback_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LUISTER_HOME", str(tmp_path))
    monkeypatch.setattr(root.cli.commands["worker"], "callback", lambda: {}["kwijt"])

    assert root._run(["worker"]) == 1

    log = tmp_path / "logs" / "luister.log"
    assert capsys.readouterr().err == f"Error: KeyError: 'kwijt' (details in {log}).\n"
    assert "Traceback" in log.read_text()


def test_doctor_before_the_first_start(tmp_path: Path) -> None:
    done = luister("doctor", "--json", home=tmp_path / "home")

    check = {"name": "database", "state": "fail", "text": f"There is none in {tmp_path / 'home'} yet"}
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["ok"], found["checks"][-1]) == (False, check | {"fix": "Run “luister start”."})
    assert not (tmp_path / "home").exists()


def test_database_that_cannot_be_reached(tmp_path: Path) -> None:
    done = luister("doctor", home=tmp_path, DATABASE_URL="postgres://x:y@127.0.0.1:1/z")

    assert done.returncode == 1
    assert "fail  database" in done.stdout
    assert "Start it, or correct host and port in DATABASE_URL." in done.stdout

    done = luister("migrate", "--json", home=tmp_path, DATABASE_URL="postgres://x:y@127.0.0.1:1/z")

    assert done.returncode == 1
    assert json.loads(done.stdout)["ok"] is False
    assert len(done.stderr.splitlines()) == 1
    assert "127.0.0.1" in done.stderr


@pytest.mark.sql
def test_database_that_cannot_store_every_letter(tmp_path: Path, transactional_db: None, database_url: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS plain_letters")
        cursor.execute("CREATE DATABASE plain_letters ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    address = f"{database_url.rpartition('/')[0]}/plain_letters"

    done = luister("migrate", home=tmp_path, DATABASE_URL=address)

    assert done.returncode == 1
    assert "stores SQL_ASCII" in done.stderr
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE plain_letters")


@pytest.mark.db
def test_migrate_starts_the_database_for_as_long_as_it_takes(home: Path) -> None:
    planned = luister("migrate", "--dry-run", "--json", home=home)
    refused = [
        luister(*words, home=home)
        for words in (["match", "--from", "nats://127.0.0.1:1/POSTS", "--to", "database"], ["worker"])
    ]
    first = luister("migrate", "--json", home=home)
    second = luister("migrate", home=home)
    doctor = luister("doctor", "--json", home=home)

    assert [done.stderr for done in (planned, first, second, doctor)] == [""] * 4
    names = json.loads(planned.stdout)["migrations"]
    for done in refused:
        assert (done.returncode, "run “luister migrate”" in done.stderr) == (1, True)
    assert "inbox.0001_first_tables" in names
    assert json.loads(first.stdout) == {"ok": True, "applied": True, "migrations": names}
    assert second.stdout == "Nothing to do: the tables are up to date.\n"
    states = {check["name"]: check["state"] for check in json.loads(doctor.stdout)["checks"]}
    assert (doctor.returncode, states["tables"], states["worker"]) == (1, "ok", "fail")
