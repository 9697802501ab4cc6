"""A PostgreSQL of the measurements' own, made and thrown away with them."""

import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from luister.config import embedded, engine
from luister.config.children import wait_until
from luister.config.embedded import EmbeddedPostgres


@contextmanager
def fresh(*, fast: bool = True) -> Iterator[tuple[str, str]]:
    """Start an empty database with all tables and set Django up on it; yields its address and the data folder.

    A `fast` one would not survive the machine's own crash; without, it has the settings of an installation.
    """
    with _running(fast=fast) as (database, folder):
        yield database.dsn, str(folder)


@dataclass(frozen=True, slots=True)
class Breakable:
    """An empty database with an installation's settings, whose server is ended and started at will."""

    database: EmbeddedPostgres
    home: Path

    @property
    def dsn(self) -> str:
        """Its address."""
        return self.database.dsn

    def end(self, by: signal.Signals) -> None:
        """End the server: in order with SIGINT, on the spot with SIGQUIT or SIGKILL."""
        assert self.database.pid is not None
        os.kill(self.database.pid, by)
        wait_until(lambda: self.database.pid is None, seconds=30)

    def revive(self) -> None:
        """Start it again."""
        self.database.revive()


@contextmanager
def breakable(programs: Path | None = None) -> Iterator[Breakable]:
    """Start an empty database of the embedded PostgreSQL, or of one that is installed at a place."""

    def installed(place: Path, *, user: str | None) -> engine.Engine:
        assert programs is not None
        return engine.Engine(programs, user)

    unpack = installed if programs else engine.unpack
    with mock.patch.object(engine, "unpack", unpack), _running(fast=False) as (database, folder):
        yield Breakable(database, folder)


@contextmanager
def crashing() -> Iterator[tuple[str, str, Callable[[], None]]]:
    """Start an empty database as `fresh` does, and give what kills its server and has it started again too."""
    # More workers than an installation's own PostgreSQL has connections for.
    with mock.patch.dict(embedded.SETTINGS, max_connections="200"), _running(fast=False) as (database, folder):
        signals = itertools.cycle((signal.SIGKILL, signal.SIGQUIT))  # as by the kernel, and at once by its owner

        def crash() -> None:
            assert database.pid is not None
            os.kill(database.pid, next(signals))
            wait_until(lambda: database.pid is None, seconds=30)
            database.revive()

        yield database.dsn, str(folder), crash


@contextmanager
def _running(*, fast: bool) -> Iterator[tuple[EmbeddedPostgres, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="luister-bench-"))
    folder.chmod(0o711)
    with EmbeddedPostgres(folder, fast=fast) as database:
        os.environ |= {
            "DATABASE_URL": database.dsn,
            "LUISTER_HOME": str(folder),
            "DJANGO_SETTINGS_MODULE": "luister.config.settings",
        }
        import django  # noqa: PLC0415 - the settings read the environment

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        from luister.fence import policies  # noqa: PLC0415 - needs Django set up

        policies.put_up()
        try:
            yield database, folder
        finally:
            from django.db import connections  # noqa: PLC0415

            connections.close_all()
    shutil.rmtree(folder, ignore_errors=True)


def empty() -> None:
    """Remove every row, the job library's too."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")
    call_command("flush", interactive=False, verbosity=0)
