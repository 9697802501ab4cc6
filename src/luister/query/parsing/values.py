"""Numbers, moments and ages as fields are given them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from luister.query.errors import QueryError
from luister.query.normalize import normalize
from luister.query.parsing.scanner import Lexeme, shown
from luister.query.tree import Number

_DIGITS = r"[0-9]+(?:\.[0-9]{1,2})?"
_NUMBER = re.compile(rf"(>=|<=|>|<)?({_DIGITS})")
_RANGE = re.compile(rf"({_DIGITS})\.\.({_DIGITS})")
_AGE = re.compile(r"([0-9]{1,5})([mhdw])")
_LIMIT = re.compile(r"(?:>=|<=|>|<)[0-9]{1,5}[mhdw]")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}(?:t[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?)(?:(z)|([+-])([0-9]{2}):?([0-9]{2}))?"
)
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_number(field: str, text: str, value: Lexeme) -> Number:
    """Return the bounds that a number, a comparison or a range sets."""
    written = normalize(text)
    if found := _RANGE.fullmatch(written):
        low, high = Decimal(found[1]), Decimal(found[2])
        if low > high:
            raise _error("query.reversed_range", field, value)
        return Number(field, low, high)
    found = _NUMBER.fullmatch(written)
    if found is None:
        raise _error("query.bad_number", field, value)
    sign, number = found[1], Decimal(found[2])
    if sign is None:
        return Number(field, number, number)
    counts = sign.endswith("=")
    if sign.startswith(">"):
        return Number(field, low=number, low_counts=counts)
    return Number(field, high=number, high_counts=counts)


def read_moment(field: str, text: str, value: Lexeme) -> datetime | timedelta:
    """Return a moment, without a zone where it is the reader's, or an age."""
    written = normalize(text)
    if age := _AGE.fullmatch(written):
        return timedelta(**{UNITS[age[2]]: int(age[1])})
    found = _MOMENT.fullmatch(written)
    if found is None:
        raise _error("query.bad_moment", field, value)
    try:
        moment = datetime.fromisoformat(found[1].upper())
        return moment.replace(tzinfo=_zone(found))
    except ValueError:
        raise _error("query.no_such_moment", field, value) from None


def read_sla(text: str, value: Lexeme) -> str:
    """Return `breached`, or a limit on the time that is left such as `<30m`."""
    written = normalize(text)
    if written != "breached" and not _LIMIT.fullmatch(written):
        raise _error("query.bad_sla", "sla", value)
    return written


def _zone(found: re.Match[str]) -> timezone | None:
    if found[2]:
        return UTC
    if found[3] is None:
        return None
    hours, minutes = int(found[4]), int(found[5])
    if minutes > 59:
        message = "An hour has sixty minutes."
        raise ValueError(message)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if found[3] == "-" else offset)


def _error(code: str, field: str, value: Lexeme) -> QueryError:
    return QueryError(code, offset=value.start, length=value.end - value.start, field=field, text=shown(value.text))
