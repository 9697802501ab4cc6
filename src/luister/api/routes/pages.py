"""Paging by key: where a list goes on is signed, so that nobody makes up a place in it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, TypeVar

from django.core import signing
from django.http import HttpRequest
from ninja import Query
from pydantic import BaseModel, ConfigDict, Field

from luister.api.actions.keeping import digest_of
from luister.api.routes.problems import ProblemError
from luister.api.routes.shapes.base import NO_NUL

Row = TypeVar("Row")
SALT = "luister.api.cursor"
MOST = 200


class Paging(BaseModel):
    """Which part of a list is asked for."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=MOST, description="How many rows at most.")
    cursor: str = Field(
        "", max_length=2000, pattern=NO_NUL, description="`next_cursor` of the page before; left out, the first."
    )


Asked = Annotated[Paging, Query()]


def place(request: HttpRequest, paging: Paging) -> str:
    """Return where a list goes on, as it was given with the page before; "" for the first page.

    Raises:
        ProblemError: it was altered, or is that of another list, filter or token's workspace.
    """
    if not paging.cursor:
        return ""
    try:
        told = signing.loads(paging.cursor, salt=SALT)
        if told["of"] == _list_of(request):
            return str(told["at"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        pass
    raise ProblemError("cursor_invalid")


def cursor(request: HttpRequest, at: str) -> str | None:
    """Return what goes into `cursor` for the next page; None where there is none."""
    return signing.dumps({"at": at, "of": _list_of(request)}, salt=SALT, compress=True) if at else None


def _list_of(request: HttpRequest) -> str:
    """Return what tells this list from others: its address and filters, and whose it is."""
    asked = sorted((name, value) for name, value in request.GET.items() if name not in {"limit", "cursor"})
    whose = request.member.pk  # type: ignore[attr-defined]  # the gate put it there
    return digest_of(request.path, str(whose), repr(asked).encode())[:16]


def cut(
    rows: Iterable[Row], *, request: HttpRequest, paging: Paging, key: Callable[[Row], tuple[str, int]]
) -> tuple[Sequence[Row], str | None]:
    """Return a page of a list that is read whole, in the order of its keys: a name and an id."""
    name, _, number = place(request, paging).rpartition(":")
    ordered = sorted(rows, key=key)
    if number:
        ordered = [row for row in ordered if key(row) > (name, int(number))]
    page = ordered[: paging.limit]
    last = key(page[-1]) if len(ordered) > paging.limit else None
    return page, cursor(request, f"{last[0]}:{last[1]}" if last else "")
