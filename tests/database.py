"""The tests' PostgreSQL, of which every worker's database is a copy that was migrated once."""

import atexit
import hashlib
import shutil
import tempfile
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connection

from luister.config.embedded import EmbeddedPostgres
from luister.config.errors import GroundError
from luister.fence import policies

ROOT = Path(__file__).parents[1]
TEMPLATE = "luister_tests_"


def start_database() -> str:
    """Start the tests' database for as long as this process lives, and return its address.

    Its folder is kept between runs, which makes a start fast and --reuse-db possible; where another run uses it
    (or it belongs to another user), a new one is made.
    """
    database = EmbeddedPostgres(ROOT / "var" / "tests", fast=True)
    try:
        dsn = database.start()
    except GroundError:
        folder = tempfile.mkdtemp(prefix="luister-tests-database-")
        Path(folder).chmod(0o711)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        database = EmbeddedPostgres(Path(folder), fast=True)
        dsn = database.start()
    atexit.register(database.stop)
    return dsn


def migrated_template(dsn: str) -> str:
    """Return the name of a database to copy, which is migrated where no run with these migrations did it before."""
    name = TEMPLATE + _fingerprint()
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [len(TEMPLATE)])  # one worker makes it, the others wait
        found = {row[0] for row in server.execute("SELECT datname FROM pg_database").fetchall()}
        if name not in found:
            for old in (other for other in found if other.startswith(TEMPLATE)):
                server.execute(f'DROP DATABASE "{old}"')
            server.execute(f'CREATE DATABASE "{name}_new"')
            _migrate(f"{name}_new")
            server.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
    return name


def _fingerprint() -> str:
    """Tell apart what migrations make, our own and those of libraries in their locked versions, and the fence."""
    files = [*sorted(ROOT.glob("src/luister/*/migrations/*.py")), *sorted(ROOT.glob("src/luister/fence/*.py"))]
    files.append(ROOT / "requirements" / "base.lock")
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def _migrate(name: str) -> None:
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
        policies.put_up()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
