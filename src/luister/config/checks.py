"""What a check of an installation tells; what is checked lives in `doctor`."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, what was found, and what mends it."""

    name: str
    state: State
    text: str
    fix: str = ""
