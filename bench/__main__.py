"""Runs what is measured and prints the figures of docs/measurements.md.

Usage: make bench [BENCH=part], or python -m bench [part …] [--share 0.1]
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from rich.console import Console

from bench import archive, flood, matching, sends, understand

# A part's name and what runs it: on a console, with a share of the full size; it returns what was not as promised.
PARTS: dict[str, Callable[[Console, float], list[str]]] = {
    "sends": sends.run,
    "archive": archive.run,
    "understand": understand.run,
    "match": matching.run,
    "flood": flood.run,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts and return the exit code: 0 all well, 1 something is not as promised."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Luister's speed and robustness.")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"only these: {', '.join(PARTS)}")
    parser.add_argument("--share", type=float, default=1.0, help="of the full size; 0.1 is a tenth")
    chosen = parser.parse_args(arguments)
    unknown = [part for part in chosen.parts if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    console = Console(width=None if sys.stdout.isatty() else 140)
    failed = [failure for part in chosen.parts or PARTS for failure in PARTS[part](console, chosen.share)]
    for failure in failed:
        console.print(f"Failed: {failure}", markup=False, highlight=False, style="red")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
