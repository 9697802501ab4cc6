"""Data folders as others made them, and an ordinary user to make them."""

import subprocess
from pathlib import Path

# An ordinary user, who may read Python's own files wherever they are (they may lie where only root may), and write
# nothing there: what is tested is that nothing else needs root.
AS_NOBODY = (
    "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
    "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
)  # fmt: skip


def copy_of(made: Path, home: Path) -> Path:
    """Copy a data folder that nobody uses, each file with its owner, and return where to."""
    subprocess.run(["cp", "--archive", made, home], check=True)
    return home
