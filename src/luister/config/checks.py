"""What a check of an installation tells; what is checked lives in `doctor` and `vitals`."""

from dataclasses import dataclass
from datetime import datetime
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
    since: datetime | None = None
    is_unsafe: bool = False  # going on would harm: doctor ends with exit code 3

    def row(self) -> dict[str, str]:
        """Return it for programs."""
        found = {"name": self.name, "state": str(self.state), "text": self.text, "fix": self.fix}
        return found | ({"since": self.since.isoformat()} if self.since else {})
