"""Data folders in which root may start a database too."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from luister.config.engine import SYSTEM_FOLDER


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Return a data folder that is not there yet, in a place that the database's user may enter."""
    # pytest's folders may be entered by their owner alone.
    for folder in (tmp_path, *tmp_path.parents):
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o755)
    yield tmp_path / "home"
    record = tmp_path / "home" / "database.json"
    if record.exists() and (place := json.loads(record.read_text())["place"]).startswith(str(SYSTEM_FOLDER)):
        shutil.rmtree(place)
