"""What can be wrong with the machine and the data folder, each with the line that mends it."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

from luister.config import vitals
from luister.config.checks import Check, State
from luister.config.engine import SYSTEM_FOLDER

FEWEST_FILES: Final = 1_024  # open at once: each screen is one, each database connection another
SECRETS: Final = ("secret_key", "channel_key", "database.json")
LONG_ENOUGH: Final = 32
# Where systemd keeps what `systemctl enable luister-backup.timer` makes.
BACKUP_TIMER: Final = Path("/etc/systemd/system/timers.target.wants/luister-backup.timer")


def machine_checks(home: Path) -> Iterator[Check]:
    """Yield what is wrong with the data folder, the disk and this process's limits."""
    yield folder(home)
    if not home.is_dir():
        return
    yield vitals.disk(home)
    yield vitals.storage(home / "files")
    yield _secret_files(home)
    yield from _empty_keys(home)
    yield from _limits()
    yield from _backups_twice()
    yield from _left_behind()


def folder(home: Path) -> Check:
    """Say whether the data folder can be used."""
    if home.is_dir() and os.access(home, os.W_OK | os.X_OK):
        return Check("data folder", State.OK, str(home))
    what = "is a file" if home.is_file() else "cannot be written" if home.exists() else "is not there"
    text = f"LUISTER_HOME is {home}, which {what}, so that no key or attachment can be kept"
    return Check("data folder", State.FAIL, text, "Set LUISTER_HOME, or change its owner.")


def _secret_files(home: Path) -> Check:
    open_ones = [str(home / name) for name in SECRETS if _is_open(home / name)]
    if open_ones:
        text = f"Others can read {', '.join(open_ones)}"
        return Check("secrets", State.FAIL, text, f"chmod 600 {' '.join(open_ones)}", is_unsafe=True)
    return Check("secrets", State.OK, "Readable by their owner alone")


def _is_open(file: Path) -> bool:
    return file.exists() and bool(file.stat().st_mode & 0o077)


def _empty_keys(home: Path) -> Iterator[Check]:
    for name in ("secret_key", "channel_key"):
        file = home / name
        if file.exists() and len(file.read_text().strip()) < LONG_ENOUGH:
            text = f"{file} holds no key any more, so that sessions and channel secrets are open to guessing"
            yield Check("keys", State.FAIL, text, "Put it back from the backup; without one, remove it and start anew.")


def _limits() -> Iterator[Check]:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if 0 <= most < FEWEST_FILES:
        text = f"This user may have {most} files open, so that no more than about {most // 2} screens hear of news"
        yield Check("open files", State.WARN, text, "Raise it: LimitNOFILE=65536 in the unit, or ulimit -n 65536.")


def _backups_twice() -> Iterator[Check]:
    """Yield that two make a backup each day: the worker, and the timer of systemd."""
    if settings.LUISTER_BACKUP_AT and BACKUP_TIMER.is_symlink():
        text = "Both the worker (LUISTER_BACKUP_AT) and systemd (luister-backup.timer) make a backup each day"
        fix = "systemctl disable --now luister-backup.timer, or take LUISTER_BACKUP_AT out of the settings."
        yield Check("backups", State.WARN, text, fix)


def _left_behind() -> Iterator[Check]:
    """Yield the databases of root's data folders that are no more."""
    if os.geteuid() != 0 or not SYSTEM_FOLDER.exists():
        return
    for note in sorted(SYSTEM_FOLDER.glob("*/belongs-to")):
        home = Path(note.read_text().strip())
        record = home / "database.json"
        if not record.exists() or note.parent.name not in record.read_text():
            text = f"{note.parent} is the database of {home}, which is gone"
            yield Check("left behind", State.WARN, text, f"If nobody needs it: rm -r {note.parent}")
