"""What shapes are made of: exact fields, texts that can be stored, moments with an offset, pages."""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    WithJsonSchema,
)

Row = TypeVar("Row")
NO_NUL = r"^[^\x00]*$"
MOST_ID = 2**63 - 1
MOST_NUMBER = 2**31 - 1


class In(BaseModel):
    """What somebody sends: fields that are not known are refused, and nothing is guessed at."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What we answer."""


def _moment(value: Any) -> Any:
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("2026-03-02T09:00:00Z")
    try:
        at = datetime.fromisoformat(value.upper())
    except ValueError:
        raise ValueError("2026-03-02T09:00:00Z") from None
    return at


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None or not 1900 < at.year < 9999:
        raise ValueError("2026-03-02T09:00:00Z")
    return at.astimezone(UTC)


# A moment as RFC 3339 writes it, with its offset.
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    AfterValidator(_aware),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "examples": ["2026-03-02T09:00:00Z"],
            "pattern": r"^(19[1-9]\d|[2-8]\d{3})-",
        }
    ),
]
Id = Annotated[StrictInt, Field(ge=1, le=MOST_ID)]
Flag = StrictBool


def text(most: int, *, least: int = 0, **more: Any) -> Any:
    """Return the annotation of a text that PostgreSQL can store."""
    return Field(min_length=least, max_length=most, pattern=NO_NUL, **more)


class Page(Out, Generic[Row]):
    """One page of a list; `next_cursor` goes into `cursor` for the one after it, and is null on the last."""

    rows: list[Row]
    next_cursor: str | None


class Named(Out):
    """Something with a name."""

    id: int
    name: str
