"""Dumping a database as of one moment, loading a dump into another, and counting what is in both."""

import re
import secrets
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final

import psycopg
from django.db import connection
from psycopg import sql

from luister.config.backups.archive import BLOCK, Moved
from luister.config.backups.programs import Programs
from luister.config.embedded import EmbeddedPostgres
from luister.config.errors import GroundError, LockedError
from luister.queue.sessions import address

SCRATCH: Final = "luister_verify_"
FENCED: Final = "*_fenced"  # made anew after migrating, for a role that has another name elsewhere
_VARIABLES: Final = {
    "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}  # fmt: skip
_HEAD_LINES: Final = 60  # within which a dump's own settings stand
# These came with PostgreSQL 17, and older servers refuse them.
_NEWER_SETTINGS: Final = (b"SET transaction_timeout",)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is, and as whom we go there."""

    parts: Mapping[str, str]

    @property
    def env(self) -> dict[str, str]:
        """Return it as PostgreSQL's programs read it; a password on their command line could be read by others."""
        return {_VARIABLES[name]: value for name, value in self.parts.items()}

    def named(self, database: str) -> "Address":
        """Return another database of the same server."""
        return replace(self, parts={**self.parts, "dbname": database})

    def connect(self) -> psycopg.Connection[Any]:
        """Return a new connection.

        Raises:
            GroundError: it cannot be reached.
        """
        try:
            return psycopg.connect(**self.parts, autocommit=True, connect_timeout=10)  # type: ignore[arg-type]  # texts
        except psycopg.OperationalError as error:
            message = f"The database {self.parts.get('dbname', '')} cannot be reached ({' '.join(str(error).split())})."
            raise GroundError(message) from error


def present() -> Address:
    """Return the address of the database that Django uses."""
    parts = address()
    return Address({name: str(parts[name]) for name in _VARIABLES if parts.get(name)})


def major_version(at: psycopg.Connection[Any]) -> int:
    """Return the major version of the server."""
    return at.info.server_version // 10_000


def tables(at: psycopg.Connection[Any]) -> dict[str, int]:
    """Return all tables with their size in bytes, by name."""
    found = at.execute(
        "SELECT c.relname, pg_table_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY c.relname"
    )
    return {name: int(size) for name, size in found.fetchall()}


def counts(at: psycopg.Connection[Any]) -> dict[str, int]:
    """Return how many rows each table has."""
    found = {}
    for name in tables(at):
        row = at.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))).fetchone()
        assert row is not None
        found[name] = int(row[0])
    return found


def different(found: Mapping[str, int], told: Mapping[str, int]) -> list[str]:
    """Return in words which tables have more or fewer rows than they should."""
    pairs = [(name, told.get(name, 0), found.get(name, 0)) for name in sorted({*found, *told})]
    return [f"{name}: {there} rows instead of {expected}" for name, expected, there in pairs if expected != there]


def applied(at: psycopg.Connection[Any]) -> list[str]:
    """Return the migrations that a database has had, as app.name."""
    if "django_migrations" not in tables(at):
        return []
    found = at.execute("SELECT app, name FROM public.django_migrations ORDER BY id")
    return [f"{app}.{name}" for app, name in found.fetchall()]


@contextmanager
def snapshot(address: Address) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """Hold one moment of a database, however much is written meanwhile; yield a connection to it, and its name."""
    with address.connect() as at:
        at.execute("SET row_security = off")  # rather an error than rows that are passed over
        at.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = at.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield at, str(row[0])


def dump(address: Address, *, by: Programs, snapshot: str, table: Callable[[str], None]) -> Iterator[bytes]:
    """Yield the dump of a database as of a snapshot; `table` is told each table when its turn comes.

    Raises:
        GroundError: pg_dump gave up; the message has its reason.
    """
    options = ["--format=custom", "--compress=3", "--no-owner", "--no-privileges", "--no-comments"]
    options += [f"--exclude-schema={FENCED}"]
    command = by.command("pg_dump", *options, "--verbose", f"--snapshot={snapshot}")
    said: list[str] = []
    with subprocess.Popen(  # noqa: S603 - our own words
        command, env={**by.env, **address.env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        listening = threading.Thread(target=_follow, args=(process.stderr, said, table), daemon=True)
        listening.start()
        try:
            while block := process.stdout.read(BLOCK):
                yield block
        finally:
            if process.poll() is None and process.stdout.readable():
                process.stdout.close()
            listening.join(10)
    if process.returncode:
        message = f"The database could not be dumped ({_reason(said)})."
        raise GroundError(message)


def _follow(lines: IO[bytes], said: list[str], table: Callable[[str], None]) -> None:
    for line in lines:
        text = line.decode(errors="replace").strip()
        found = re.search(r'dumping contents of table "public\.(.+)"', text)
        if found:
            table(found[1])
        elif "error" in text or "fatal" in text.casefold():
            said.append(text)


def load(address: Address, dumped: IO[bytes], *, by: Programs, before: str, after: str, moved: Moved) -> None:
    """Load a dump into a database: all of it, with what is said before and after, or nothing.

    Args:
        before: SQL for the beginning of the transaction.
        after: SQL for its end.
        moved: told of the bytes of the dump that were read.

    Raises:
        GroundError: the dump cannot be read, or the database does not take it.
    """
    env = {**by.env, **address.env}
    reading = by.command("pg_restore", "--no-owner", "--no-privileges", "--no-comments", "--file=-")
    writing = by.command("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    with tempfile.TemporaryFile() as refused, tempfile.TemporaryFile() as unreadable:
        with (
            subprocess.Popen(writing, env=env, stdin=subprocess.PIPE, stderr=refused) as psql,  # noqa: S603
            subprocess.Popen(  # noqa: S603
                reading, env=by.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=unreadable
            ) as restore,
        ):
            assert psql.stdin is not None
            assert restore.stdin is not None
            assert restore.stdout is not None
            feeding = threading.Thread(target=_feed, args=(dumped, restore.stdin, moved), daemon=True)
            feeding.start()
            try:
                psql.stdin.write(f"BEGIN;\n{before}\n".encode())
                _pass_on(restore.stdout, psql.stdin)
                feeding.join()
                # Only a dump that was read to its end is committed; else psql ends, and all of it is undone.
                if restore.wait() == 0:
                    psql.stdin.write(f"\n{after}\nCOMMIT;\n".encode())
                psql.stdin.close()
            except BrokenPipeError:
                restore.kill()
        _complain(psql, refused, "The database does not take the backup ({})")
        _complain(restore, unreadable, "The backup's database cannot be read ({})")


def _feed(dumped: IO[bytes], into: IO[bytes], moved: Moved) -> None:
    try:
        with into:
            while block := dumped.read(BLOCK):
                into.write(block)
                moved(len(block))
    except BrokenPipeError:
        pass  # its exit code tells


def _pass_on(lines: IO[bytes], into: IO[bytes]) -> None:
    for _ in range(_HEAD_LINES):
        line = lines.readline()
        if not line.startswith(_NEWER_SETTINGS):
            into.write(line)
    while block := lines.read(BLOCK):
        into.write(block)


def _complain(process: subprocess.Popen[bytes], errors: IO[bytes], words: str) -> None:
    if process.returncode:
        errors.seek(0)
        raise GroundError(words.format(_reason(errors.read().decode(errors="replace").splitlines())) + ".")


def _reason(lines: list[str]) -> str:
    telling = [line for line in lines if "ERROR" in line or "FATAL" in line or "error:" in line]
    return (telling or lines or ["it said nothing"])[0].strip().removeprefix("psql:").rstrip(".")


def refuse_used(at: psycopg.Connection[Any], *, doing: str) -> None:
    """Refuse a database that somebody else is connected to.

    Raises:
        LockedError: somebody is.
    """
    row = at.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        " AND pid <> pg_backend_pid() AND pid <> ALL(%s)",
        [[_own_pid()]],
    ).fetchone()
    if row and row[0]:
        message = f"Others are connected to this database ({row[0]}): stop Luister (web, workers, matchers) {doing}."
        raise LockedError(message)


def _own_pid() -> int:
    """Return the server's name for the connection that Django has open, 0 for none."""
    return connection.connection.info.backend_pid if connection.connection is not None else 0


@contextmanager
def scratch_database(near: Address) -> Iterator[Address]:
    """Make an empty database that is dropped afterwards: on the same server, else on one of our own for the moment."""
    with near.connect() as server:
        try:
            _drop_forgotten(server)
            name = f"{SCRATCH}{secrets.token_hex(6)}"
            server.execute(
                sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(name))
            )
        except psycopg.errors.InsufficientPrivilege:
            name = ""
        if name:
            try:
                yield near.named(name)
            finally:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            return
    with tempfile.TemporaryDirectory(prefix="luister-verify-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder)) as own:
            yield Address(psycopg.conninfo.conninfo_to_dict(own.dsn))  # type: ignore[arg-type]  # texts


def _drop_forgotten(server: psycopg.Connection[Any]) -> None:
    """Drop the databases of checks that were killed."""
    found = server.execute(
        "SELECT datname FROM pg_database d WHERE starts_with(datname, %s)"
        " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)",
        [SCRATCH],
    ).fetchall()
    for (name,) in found:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
