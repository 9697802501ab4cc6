"""How a route is offered: its name, what it asks of a token and its member, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ninja import Router

from luister.accounts.enums import Permission

View = TypeVar("View", bound=Callable[..., Any])
WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Offer:
    """One operation.

    `keeps` says that a request with an Idempotency-Key is answered once; `versioned` that If-Match is looked at.
    `shown_once` are the fields of its answer that are never kept: null where the answer is given again. `problems` are
    the codes beside those that any operation may give.
    """

    name: str
    method: str
    path: str
    scope: str
    permission: Permission | None
    keeps: bool
    has_body: bool
    versioned: bool
    shown_once: tuple[str, ...]
    problems: tuple[str, ...]
    example: Mapping[str, Any] | None


OFFERS: Final[dict[str, dict[str, Offer]]] = {}  # path → method → offer


@dataclass(frozen=True, slots=True)
class Area:
    """The routes of one area, which stand together in the document."""

    router: Router
    tag: str

    def offers(  # noqa: PLR0913 - keyword-only, each a word of the declaration
        self,
        method: str,
        path: str,
        *,
        name: str,
        summary: str,
        scope: str = "",
        permission: Permission | None = None,
        answers: Any = None,
        status: int = 200,
        body: bool = False,
        keeps: bool | None = None,
        versioned: bool = False,
        shown_once: Sequence[str] = (),
        problems: Sequence[str] = (),
        example: Mapping[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """Offer a function as an operation; it takes the request, the path's values and what it declares."""
        offer = Offer(
            name,
            method,
            path,
            scope,
            permission,
            keeps=method in WRITES if keeps is None else keeps,
            has_body=body,
            versioned=versioned,
            shown_once=tuple(shown_once),
            problems=tuple(problems),
            example=example,
        )

        def register(view: View) -> View:
            OFFERS.setdefault(path, {})[method] = offer
            given = answers if isinstance(answers, dict) else {status: answers}  # by status, where there are several
            self.router.add_api_operation(
                path, [method], view, response=given, operation_id=name, summary=summary, tags=[self.tag],
                url_name=name,
            )  # fmt: skip
            return view

        return register


def area(tag: str) -> Area:
    """Return a place for the routes of an area."""
    return Area(Router(), tag)
