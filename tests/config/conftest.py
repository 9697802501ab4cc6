"""Data folders in which root may start a database too."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from luister.config.embedded import EmbeddedPostgres
from luister.config.engine import SYSTEM_FOLDER
from tests.config.folders import copy_of


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a data folder that is not there yet, in a place that the database's user may enter.

    pytest's own folders are closed to others, by every session that begins.
    """
    folder = Path(tempfile.mkdtemp(prefix="luister-home-"))
    folder.chmod(0o755)
    yield folder / "home"
    record = folder / "home" / "database.json"
    if record.exists() and (place := json.loads(record.read_text())["place"]).startswith(str(SYSTEM_FOLDER)):
        shutil.rmtree(place)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    """Return a data folder with a database, to copy: to make one takes seconds."""
    folder = Path(tempfile.mkdtemp(prefix="luister-made-"))
    folder.chmod(0o755)
    with EmbeddedPostgres(folder / "home"):
        pass
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def made_home(made_once: Path, home: Path) -> Path:
    """Return a data folder with a database that was stopped."""
    return copy_of(made_once, home)
