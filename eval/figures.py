"""What a part of the evaluation reports."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing. `failed` names what should not be: the evaluation then ends with exit code 1."""

    name: str
    value: str
    failed: tuple[str, ...] = field(default=())


class MissingDataError(Exception):
    """The data folder holds nothing for a part."""
