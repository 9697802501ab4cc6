"""Tables on standard output, of which nothing is ever left out."""

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

ENDLESS = 10_000  # columns: what is read by another program has a line for each row


def show(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; in a narrow terminal what does not fit goes on below."""
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else ENDLESS).print(table)
