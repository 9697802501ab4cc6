"""What can be wrong with the database itself, each with the line that mends it."""

import os
from collections.abc import Callable, Iterator
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import Error, OperationalError, connection
from django.db.migrations.loader import MigrationLoader

from luister.base.ids import lock_key
from luister.config.checks import Check, State
from luister.config.errors import GroundError
from luister.config.migrating import check_database
from luister.queue.sessions import address

WORKER_CONNECTIONS: Final = 30  # eight sends with two each, other jobs, listeners and the queue's own
CONNECT_SECONDS: Final = 5

# What PostgreSQL or the driver says when nobody can get in → effect and fix. Servers may speak other languages: then
# the last one is what is left.
CLOSED: Final = (
    ("password authentication failed", "refuses this user or password", "Correct them in DATABASE_URL."),
    ("no pg_hba.conf entry", "lets this machine or user in nowhere", "Add a line for it to pg_hba.conf."),
    (
        "does not exist",
        "has no such database or user",
        "Make it: createuser luister; createdb -O luister -E UTF8 -T template0 luister; or correct DATABASE_URL.",
    ),
    ("Connection refused", "does not answer", "Start it, or correct host and port in DATABASE_URL."),
    ("resolve host", "is on a host that cannot be found", "Correct the host in DATABASE_URL."),
    ("Name or service", "is on a host that cannot be found", "Correct the host in DATABASE_URL."),
    ("timeout", "does not answer", "Let this machine reach it through the firewall, or correct DATABASE_URL."),
    ("SSL", "does not speak TLS as it was asked to", "Correct sslmode in DATABASE_URL, or let the server use TLS."),
    ("too many", "has no connection left", "Raise max_connections, or run fewer processes."),
)
Connect = Callable[[], psycopg.Connection[Any]]


def database_checks() -> Iterator[Check]:
    """Yield whether the database can be used; after a failure nothing more of it can be looked at."""
    try:
        check_database()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version'), current_setting('transaction_read_only')")
            version, read_only = cursor.fetchone()
    except OperationalError as error:
        yield closed(" ".join(str(error).split()))
        return
    except Error as error:
        yield Check("database", State.FAIL, " ".join(str(error).split()), "Check DATABASE_URL and that it runs.")
        return
    except GroundError as error:
        yield Check("database", State.FAIL, str(error), "Let DATABASE_URL name another one.")
        return
    if read_only == "on":
        text = "DATABASE_URL names a database that can only be read, a standby for instance, so that nothing is stored"
        yield Check("database", State.FAIL, text, "Name the primary.")
        return
    yield Check("database", State.OK, f"PostgreSQL {version}")
    yield from pooler(another)
    yield from two_databases(settings.LUISTER_DATABASE_DIRECT, os.environ.get("DATABASE_URL", ""))
    yield from _room()
    yield from _ahead()


def closed(said: str) -> Check:
    """Return the check of a database that let nobody in, saying this."""
    effect, fix = "cannot be reached", "Check DATABASE_URL and that it runs."
    for words, that, mends in CLOSED:
        if words in said:
            effect, fix = that, mends
            break
    return Check("database", State.FAIL, f"The database of DATABASE_URL {effect}: {said}", fix)


def another() -> psycopg.Connection[Any]:
    """Return a connection of our own."""
    return psycopg.connect(**address() | {"connect_timeout": CONNECT_SECONDS}, autocommit=True)


def pooler(connect: Connect) -> Iterator[Check]:
    """Yield a fault when what we connect to gives two sessions one server process, as a transaction pooler does.

    A session's lock, which a send is held by, is then somebody else's too: the second session gets what the first has.
    """
    key = lock_key("config", "pooler")
    with connect() as first, connect() as second:
        first.execute("SELECT pg_advisory_lock(%s)", [key])
        row = second.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()
        first.execute("SELECT pg_advisory_unlock_all()")
        second.execute("SELECT pg_advisory_unlock_all()")
    if row and row[0]:
        name = "LUISTER_DATABASE_DIRECT" if settings.LUISTER_DATABASE_DIRECT else "DATABASE_URL"
        text = f"{name} leads to a pooler in transaction mode, under which a reply may be sent twice"
        fix = "Name PostgreSQL itself in LUISTER_DATABASE_DIRECT; DATABASE_URL may name the pooler."
        yield Check("pooler", State.FAIL, text, fix)


def two_databases(direct: str, pooled: str) -> Iterator[Check]:
    """Yield a fault when the way past the pooler and the way through it do not lead to the same database."""
    if not direct or not pooled:
        return
    key = lock_key("config", "two databases")
    try:
        with _at(direct) as first, _at(pooled) as second:
            first.execute("SELECT pg_advisory_lock(%s)", [key])
            # In one statement, which is one transaction: through a pooler the next may be another session.
            row = second.execute("SELECT pg_try_advisory_xact_lock(%s)", [key], prepare=False).fetchone()
    except psycopg.OperationalError as error:
        yield closed(" ".join(str(error).split()))
        return
    if row and row[0]:
        text = (
            "LUISTER_DATABASE_DIRECT and DATABASE_URL lead to two databases, so that screens and workers hear nothing"
        )
        yield Check("pooler", State.FAIL, text, "Let both lead to the same one.")


def _at(address: str) -> psycopg.Connection[Any]:
    """Connect by an address of the settings, which may begin with another word for PostgreSQL."""
    whole = f"postgresql://{address.partition('://')[2]}"
    return psycopg.connect(whole, autocommit=True, connect_timeout=CONNECT_SECONDS)


def _room() -> Iterator[Check]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
        )
        most = int(cursor.fetchone()[0])
    pool = settings.DATABASES["default"]["OPTIONS"].get("pool", {}).get("max_size", 8)
    needed = pool + 2 + WORKER_CONNECTIONS
    if most < needed:
        text = f"PostgreSQL gives {most} connections, while one web and one worker process may need {needed}"
        yield Check("connections", State.WARN, text, "Raise max_connections, or lower LUISTER_DB_POOL.")


def _ahead() -> Iterator[Check]:
    loader = MigrationLoader(connection)
    known = {app for app, _ in loader.disk_migrations}
    unknown = sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in known and (app, name) not in loader.disk_migrations
    )
    if unknown:
        text = f"The database was made by a newer Luister ({unknown[-1]}), which this one may damage"
        yield Check("tables", State.FAIL, text, "Install the version that it was made by, or a newer one.")
