"""Runs what is measured and prints the figures of docs/measurements.md.

Usage: make bench [BENCH=part] [DATA=FOLDER], or python -m bench [part …] [--share 0.1] [--data FOLDER]
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from bench import api, archive, arrivals, fence, flood, intake, matching, outages, rolling, sends, stream, understand

# A part's name and what runs it: on a console, with a share of the full size; it returns what was not as promised.
PARTS: dict[str, Callable[[Console, float], list[str]]] = {
    "api": api.run,
    "sends": sends.run,
    "archive": archive.run,
    "understand": understand.run,
    "match": matching.run,
    "intake": intake.run,
    "fence": fence.run,
    "flood": flood.run,
    "stream": stream.run,
    "rolling": rolling.run,
    "outages": outages.run,
    "arrivals": arrivals.run,
}
# These can also be measured on real data.
ON_DATA: dict[str, Callable[[Console, float, Path], list[str]]] = {"match": matching.run_on_data}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts and return the exit code: 0 all well, 1 something is not as promised."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Luister's speed and robustness.")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"only these: {', '.join(PARTS)}")
    parser.add_argument("--share", type=float, default=1.0, help="of the full size; 0.1 is a tenth")
    parser.add_argument("--data", type=Path, help="a folder with real data, to measure on that instead")
    chosen = parser.parse_args(arguments)
    known = ON_DATA if chosen.data else PARTS
    unknown = [part for part in chosen.parts if part not in known]
    if unknown:
        on_data = " on real data" if chosen.data else ""
        parser.error(f"no such part{on_data}: {', '.join(unknown)}; there are: {', '.join(known)}")
    console = Console(width=None if sys.stdout.isatty() else 140)
    failed = [failure for part in chosen.parts or known for failure in _run(part, console, chosen.share, chosen.data)]
    for failure in failed:
        console.print(f"Failed: {failure}", markup=False, highlight=False, style="red")
    return 1 if failed else 0


def _run(part: str, console: Console, share: float, data: Path | None) -> list[str]:
    return ON_DATA[part](console, share, data) if data else PARTS[part](console, share)


if __name__ == "__main__":
    sys.exit(main())
