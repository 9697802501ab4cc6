"""What the columns of a file are, guessed by their names."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from luister.imports.mapping.fields import NAMES, TWITTER_SUPPORT, Target
from luister.imports.reading.moments import is_day_first

_BY_NAME = {name: target for target, names in NAMES.items() for name in names}


def guess(columns: Sequence[str]) -> dict[str, str]:
    """Return column → field for the columns whose names are known; each field once, the better name first."""
    found: dict[Target, tuple[int, str]] = {}
    for column in columns:
        name = plain(column)
        target = _BY_NAME.get(name)
        if target is None:
            continue
        rank = NAMES[target].index(name)
        if target not in found or rank < found[target][0]:
            found[target] = (rank, column)
    chosen = {column: target.value for target, (_, column) in found.items()}
    return {column: chosen[column] for column in columns if column in chosen}


def is_twitter_support(columns: Sequence[str]) -> bool:
    """Whether this is the layout of the published sets of customer support on Twitter."""
    return {column.strip().lower() for column in columns} >= TWITTER_SUPPORT


def begins_with_day(sample: Sequence[Mapping[str, Any]], mapping: Mapping[str, str]) -> bool:
    """Whether the dates of the first rows begin with the day."""
    columns = [column for column, target in mapping.items() if target == Target.PUBLISHED_AT]
    return is_day_first(row.get(column, "") for column in columns for row in sample)


def plain(column: str) -> str:
    """Return a column's name with nothing but its letters and digits."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", column).lower())
