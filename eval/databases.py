"""A database of its own for a part that needs one, gone afterwards."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environ

from luister.config.embedded import EmbeddedPostgres


@contextmanager
def empty_database() -> Iterator[None]:
    """Start a database with empty tables and have Django use it, also when it used another one before."""
    with tempfile.TemporaryDirectory(prefix="luister-eval-") as folder:
        os.environ["LUISTER_HOME"] = folder
        with EmbeddedPostgres(Path(folder), fast=True) as database:
            os.environ["DATABASE_URL"] = database.dsn
            _use(database.dsn, Path(folder))
            yield
            _connections().close_all()


def _use(dsn: str, folder: Path) -> None:
    from luister.config.hand import set_up_django  # noqa: PLC0415 - needs the database's address

    set_up_django()
    from django.conf import settings  # noqa: PLC0415 - needs Django set up
    from django.core.management import call_command  # noqa: PLC0415 - needs Django set up

    settings.MEDIA_ROOT = folder / "files"
    address = environ.Env.db_url_config(dsn)
    _connections().close_all()
    _connections()["default"].settings_dict.update(
        {name: address[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    )
    call_command("migrate", verbosity=0)


def _connections():  # noqa: ANN202 - Django's own type is known only once it is set up
    from django.db import connections  # noqa: PLC0415 - needs Django set up

    return connections
