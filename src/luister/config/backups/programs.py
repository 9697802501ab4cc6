"""PostgreSQL's own programs for dumping and restoring: the machine's, else those of the embedded database."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from luister.config import engine as engines
from luister.config.embedded import EmbeddedPostgres
from luister.config.errors import GroundError
from luister.config.home import home

DEBIAN = Path("/usr/lib/postgresql")
NEEDED = ("pg_dump", "pg_restore", "psql")


@dataclass(frozen=True, slots=True)
class Programs:
    """One set of programs, of one major version."""

    folder: Path
    major: int
    env: Mapping[str, str]  # what they need beside the address of the database

    def command(self, name: str, *options: str) -> list[str]:
        """Return the command line of one of them."""
        return [str(self.folder / name), *options]


def programs(*, at_least: int) -> Programs:
    """Return the oldest programs that fit: those of the server's own version dump what it can read back.

    Args:
        at_least: major version of the server to dump, or of the programs that made a dump.

    Raises:
        GroundError: all that are here are older.
    """
    found = sorted(_installed(), key=lambda one: one.major)
    fitting = next((one for one in found if one.major == at_least), None)
    if fitting is None:
        found = sorted([*found, _embedded()], key=lambda one: one.major)
        fitting = next((one for one in found if one.major >= at_least), None)
    if fitting is None:
        newest = found[-1].major
        message = (
            f"PostgreSQL {at_least} needs programs of its own version, and the newest here are of {newest}: "
            f"install postgresql-client-{at_least}."
        )
        raise GroundError(message)
    return fitting


def _installed() -> Iterator[Programs]:
    on_path = shutil.which("pg_dump")
    folders = [*DEBIAN.glob("*/bin"), *([Path(on_path).parent] if on_path else [])]
    for folder in folders:
        if all((folder / name).exists() for name in NEEDED) and (major := _major(folder, {})):
            yield Programs(folder, major, {"PATH": os.defpath, "LC_ALL": "C.UTF-8"})


def _embedded() -> Programs:
    engine = EmbeddedPostgres(home()).engine()
    if engine is None:
        place = home() / "programs"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = engines.unpack(place, user=None)
    folder = engine.program("pg_dump").parent
    return Programs(folder, _major(folder, engine.env()), engine.env())


def _major(folder: Path, env: Mapping[str, str]) -> int:
    """Return the major version of the programs in a folder, 0 for what does not run."""
    try:
        command = [str(folder / "pg_dump"), "--version"]
        said = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(found[1]) if found else 0
