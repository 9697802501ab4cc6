"""Runs every part of the evaluation for which the data folder has data, and says what it skips.

Usage: make eval DATA=FOLDER, or python -m eval --data FOLDER [part …]
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from eval import emails, feeds, imported_threads, stored_emails, texts
from eval.figures import Figure, MissingDataError

# A part's name and what runs it; one module each.
PARTS: dict[str, Callable[[Path], list[Figure]]] = {
    "emails": emails.run,
    "stored-emails": stored_emails.run,
    "imported-threads": imported_threads.run,
    "feeds": feeds.run,
    "texts": texts.real,
}
# These need no data but our own.
OWN_PARTS: dict[str, Callable[[], list[Figure]]] = {"own-texts": texts.own}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts and return the exit code: 0 all well, 1 something is not as it should be."""
    known = [*OWN_PARTS, *PARTS]
    parser = argparse.ArgumentParser(prog="python -m eval", description="Measure Luister on real data.")
    parser.add_argument("--data", type=Path, help="the folder with the data (MANIFEST.json says what is in it)")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"only these: {', '.join(known)}")
    chosen = parser.parse_args(arguments)
    unknown = [part for part in chosen.parts if part not in known]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are: {', '.join(known)}")
    console = Console()
    failed = [failure for part in chosen.parts or known for failure in _run(part, chosen.data, console)]
    for failure in failed:
        console.print(f"Failed: {failure}", markup=False, highlight=False, style="red")
    return 1 if failed else 0


def _run(part: str, data: Path | None, console: Console) -> list[str]:
    """Run one part, print its figures, and return what failed."""
    if data is None and part not in OWN_PARTS:
        console.print(f"{part}: skipped, no data folder (make eval DATA=FOLDER)", markup=False, highlight=False)
        return []
    try:
        figures = OWN_PARTS[part]() if part in OWN_PARTS else PARTS[part](data)
    except MissingDataError as missing:
        console.print(f"{part}: skipped, {missing} is not there", markup=False, highlight=False)
        return []
    table = Table("figure", "value", title=part, title_justify="left")
    for figure in figures:
        table.add_row(figure.name, figure.value)
    console.print(table)
    return [failure for figure in figures for failure in figure.failed]


if __name__ == "__main__":
    sys.exit(main())
