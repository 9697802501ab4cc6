"""Moving to a database of one's own: all of it as of one moment, counted on both sides; the old one stays as it was."""

from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg
from django.db import connection

from luister.config.backups import database
from luister.config.backups.database import Address, different
from luister.config.backups.programs import programs
from luister.config.errors import GroundError, LockedError
from luister.config.migrating import OLDEST_POSTGRES, Progress

SCHEMES: Final = ("postgres", "postgresql")
WRONG: Final = "That is no address of a PostgreSQL: write it as postgres://user:password@host:5432/name."
_RIGHTS: Final = """
    SELECT has_database_privilege(current_user, current_database(), 'CREATE, TEMPORARY'),
           has_schema_privilege(current_user, 'public', 'CREATE')
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """What is now in the new database."""

    tables: int
    rows: int
    from_version: int
    to_version: int


def parsed(url: str) -> Address:
    """Return the address that a URL names, as DATABASE_URL is written.

    Raises:
        GroundError: it names none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise GroundError(WRONG) from error
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in SCHEMES or not name:
        raise GroundError(WRONG)
    known = {"sslmode", "sslrootcert", "sslcert", "sslkey", "host"}
    options = {key: value for key, value in parse_qsl(parts.query) if key in known}
    found = {"host": parts.hostname, "port": port, "user": parts.username, "password": parts.password}
    given = {key: unquote(str(value)) for key, value in found.items() if value is not None}
    return Address({**given, **options, "dbname": name})


def move(target: Address, *, progress: Progress) -> Moved:
    """Copy the database that Django uses into another, empty one.

    Raises:
        LockedError: Luister is still at work on the old one, or the new one is not empty.
        GroundError: the new one cannot be reached, is too old, stores too little, or lets us do too little.
    """
    source = database.present()
    connection.close()
    with target.connect() as there:
        _check(there)
        to_version = database.major_version(there)
    with database.snapshot(source) as (at, name), TemporaryFile() as dumped:
        database.refuse_used(at, doing="first, or what comes in meanwhile stays behind")
        from_version, counted, sizes = database.major_version(at), database.counts(at), database.tables(at)
        tools, bar = programs(at_least=from_version), _Bar(progress, sizes)
        for block in database.dump(source, by=tools, snapshot=name, table=bar.table):
            dumped.write(block)
        bar.dumped(dumped.tell())
        dumped.seek(0)
        database.load(target, dumped, by=tools, before="", after="", moved=bar.moved)
    with target.connect() as there:
        there.execute("ANALYZE")
        wrong = different(database.counts(there), counted)
    if wrong:
        message = f"Not all rows arrived ({wrong[0]}): go on with the old database, and empty the new one."
        raise GroundError(message)
    return Moved(len(counted), sum(counted.values()), from_version, to_version)


def _check(there: psycopg.Connection[Any]) -> None:
    version, encoding = database.major_version(there), there.info.parameter_status("server_encoding")
    if version < OLDEST_POSTGRES:
        message = f"The new database is PostgreSQL {version}: Luister needs {OLDEST_POSTGRES} or newer."
        raise GroundError(message)
    if encoding != "UTF8":
        message = (
            f"The new database stores {encoding}: make it with “createdb -E UTF8 -T template0 {there.info.dbname}”."
        )
        raise GroundError(message)
    row = there.execute(_RIGHTS).fetchone()
    if row is None or not all(row):
        user, name = there.info.user, there.info.dbname
        message = f"“{user}” may not make tables in the new database: “ALTER DATABASE {name} OWNER TO {user}” lets it."
        raise GroundError(message)
    found = database.tables(there)
    if found:
        message = f"The new database is not empty ({len(found)} tables, first {next(iter(found))}): make another."
        raise LockedError(message)


class _Bar:
    """How far a move is: half of it is dumping, half loading."""

    def __init__(self, show: Progress, sizes: dict[str, int]) -> None:
        self._show, self._sizes, self._half = show, sizes, max(1, sum(sizes.values()))
        self._done, self._at, self._dump, self._loaded = 0, "", 1, 0

    def table(self, name: str) -> None:
        """Another table has its turn: the one before is done."""
        self._done += self._sizes.get(self._at, 0)
        self._at = name
        self._show(self._done, 2 * self._half)

    def dumped(self, size: int) -> None:
        """The whole dump is there, of so many bytes."""
        self._dump = max(1, size)

    def moved(self, count: int) -> None:
        """So many bytes of the dump were loaded."""
        self._loaded += count
        self._show(self._half + self._half * self._loaded // self._dump, 2 * self._half)
