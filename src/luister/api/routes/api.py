"""The whole API: every area's routes, behind the gate."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from luister.accounts.access import open_view
from luister.api.routes import cases, deliveries, listening, me, people, posts, problems, refusals, replies, webhooks
from luister.api.routes.document import complete, served
from luister.api.routes.gate import gated
from luister.api.routes.offers import OFFERS

PREFIX: Final = "/api/v1"
VERSION: Final = "1.0"
AREAS: Final = (
    me.AREA,
    posts.AREA,
    listening.MONITORS,
    listening.MENTIONS,
    cases.AREA,
    cases.REPLIES,
    people.CONTACTS,
    people.LABELS,
    people.USERS,
    people.CHANNELS,
    webhooks.AREA,
)
_ROUTES = (replies, deliveries)  # these offer their routes in another module's area


def _assembled() -> NinjaAPI:
    api = NinjaAPI(title="Luister", version=VERSION, openapi_url=None, docs_url=None, urls_namespace="luister-api")
    refusals.handle(api)
    for area in AREAS:
        api.add_router("", area.router)
    return api


_api = _assembled()


@cache
def document() -> Mapping[str, Any]:
    """Return the description of the API in the form of OpenAPI 3.1."""
    return complete(_api.get_openapi_schema(path_prefix=PREFIX), prefix=PREFIX)


@cache
def parameters(name: str) -> frozenset[str]:
    """Return the names of what an operation may be asked in its address."""
    operations = (operation for methods in document()["paths"].values() for operation in methods.values())
    found = next(operation for operation in operations if operation["operationId"] == name)
    return frozenset(one["name"] for one in found["parameters"] if one["in"] == "query")


def addresses() -> Sequence[URLPattern]:
    """Return the addresses of all routes, and of the document."""
    by_route: dict[str, URLPattern] = {}
    for entry in _api.urls[0]:
        route = str(entry.pattern)
        offers = OFFERS.get("/" + route.replace("<", "{").replace(">", "}"))
        if offers is not None and isinstance(entry, URLPattern) and route not in by_route:
            view = gated(entry.callback, offers=offers, known=parameters)
            by_route[route] = path(route, view, name=next(iter(offers.values())).name)
    description = open_view("describes the API, and shows nothing of any workspace")(served(document))
    unknown = csrf_exempt(open_view("says that there is nothing here")(problems.not_found))
    return [*by_route.values(), path("openapi.json", description, name="openapi"), re_path("", unknown, name="unknown")]
