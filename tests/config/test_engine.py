"""Where PostgreSQL lives and as whom it runs; what this machine refuses is said in a sentence."""

import os
import subprocess
from pathlib import Path

import pytest

from luister.config import engine as engines
from luister.config.errors import GroundError

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def test_ordinary_user_runs_the_database_as_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines.os, "geteuid", lambda: 1000)

    assert engines.database_user() is None
    assert engines.run_as(None) == {}


def test_place_of_an_ordinary_user_is_always_inside(tmp_path: Path) -> None:
    place = engines.choose_place(tmp_path, user=None, identity="0123")

    assert place == tmp_path / "postgres"
    assert place.stat().st_mode & 0o777 == 0o700


def test_system_user_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "useradd: cannot lock /etc/passwd; try again later.\n")

    monkeypatch.setattr(engines.os, "geteuid", lambda: 0)
    monkeypatch.setattr(engines, "SYSTEM_USER", "no-such-user")
    monkeypatch.setattr(engines.subprocess, "run", refuse)

    with pytest.raises(GroundError) as caught:
        engines.database_user()

    assert str(caught.value) == (
        "PostgreSQL does not run as root, and the system user “no-such-user” for it could not be made "
        "(useradd: cannot lock /etc/passwd; try again later.): make that user, set DATABASE_URL, "
        "or start Luister as an ordinary user."
    )


@needs_root
def test_files_of_a_user_whom_this_machine_does_not_know(tmp_path: Path) -> None:
    os.chown(tmp_path, 54_321, 54_321)

    with pytest.raises(GroundError, match="belong to user 54321, whom this machine does not know"):
        engines.database_user(tmp_path)


def test_becoming_another_user_that_is_not_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(engines.subprocess, "run", refuse)

    with pytest.raises(GroundError, match="becoming the user “daemon” is not allowed here"):
        engines.reachable(tmp_path, user="daemon")


def test_wheel_that_does_not_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "Error: No space left on device\n")

    monkeypatch.setattr(engines.subprocess, "run", refuse)

    with pytest.raises(GroundError, match=r"cannot be unpacked \(Error: No space left on device\): is the disk full\?"):
        engines.unpack(tmp_path, user=None)

    assert list(tmp_path.iterdir()) == []
