"""The description of the API for programs: what django-ninja knows, and what the gate adds to every route."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from luister.api.enums import SCOPES
from luister.api.routes import problems
from luister.api.routes.offers import OFFERS, Offer
from luister.api.routes.problems import CODES, CONTENT_TYPE, KIND, ProblemError

ABOUT: Final = (
    "Reads and writes what the desk shows, for programs.\n\n"
    "**Tokens.** A token acts as a colleague of one workspace: it may do what that colleague may, as far as its "
    "scopes go. It is sent in a header, `Authorization: Bearer luister_…`; a token in an address is revoked at "
    "once. An administrator makes one under Settings › API, or with `luister token create`.\n\n"
    "**Lists** come in pages: `limit` says how many rows, `next_cursor` goes into `cursor` for the next page.\n\n"
    "**Writing twice.** Send an `Idempotency-Key` with what must happen once: the same key with the same request is "
    "answered with the first answer for 24 hours, and nothing happens again; a secret in it is then null. A request "
    "that was refused did nothing, and is looked at anew.\n\n"
    "**Writing at the same time.** What can be changed has a `version`, also in the header ETag: send it as "
    "`If-Match`, and a change is refused with 409 when somebody else was faster.\n\n"
    "**Errors** are problem documents (RFC 9457) with a stable `code`, in Dutch or English as Accept-Language asks.\n\n"
    "**Pace.** The header RateLimit says how many requests are left; beyond them, 429 says in Retry-After how long "
    "to wait."
)

_EVERY: Final = ("key_missing", "key_invalid", "key_in_address", "scope_missing", "invalid", "unknown_field",
                 "rate_limited", "failed", "unavailable")  # fmt: skip
_BODY: Final = ("not_json", "unsupported_media_type", "too_large")
_KEPT: Final = ("idempotency_in_progress", "idempotency_mismatch")
_WORDS: Final[Mapping[int, str]] = {
    400: "Not JSON",
    401: "No token, or one that opens nothing",
    403: "Not with this token",
    404: "Not here for this token, or not any more",
    409: "Not as things stand",
    413: "Too large",
    415: "Not JSON",
    422: "Not as it should be",
    429: "Too many requests",
    500: "Our fault",
    503: "Try again",
}
PROBLEM: Final[Mapping[str, Any]] = {
    "title": "Problem",
    "type": "object",
    "description": "What is wrong, after RFC 9457; `code` is stable, the sentences are for people.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "enum": [f"{KIND}{code}" for code in CODES]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "code", "says"],
                "properties": {"at": {"type": "string"}, "code": {"type": "string"}, "says": {"type": "string"}},
            },
        },
        "version": {"type": "string", "description": "The present version, where another was expected."},
        "posts_version": {"type": "integer", "description": "The same, of the posts of a case."},
        "scope": {"type": "string", "description": "The scope that is missing."},
        "offset": {"type": "integer", "description": "Where in a query the mistake is, in code points."},
        "length": {"type": "integer"},
        "most_bytes": {"type": "integer"},
        "request_id": {"type": "string", "description": "By which our log knows the request; also in X-Request-Id."},
    },
    "example": {
        "type": f"{KIND}unknown_field",
        "title": "The request names something that the API does not know.",
        "status": 422,
        "code": "unknown_field",
        "detail": "body.is_admin: The API does not know this field.",
        "errors": [{"at": "body.is_admin", "code": "extra_forbidden", "says": "The API does not know this field."}],
    },
}
_VERSIONED: Final = (
    "CaseOut",
    "WholeCase",
    "MonitorOut",
    "WebhookOut",
    "WebhookMade",
)  # the shapes with a version, which is in ETag as well
_INNER: Final = ("Filters", "Paging", "Called")  # shapes of what stands in addresses, which is described there
_PACE_HEADERS: Final = {
    "RateLimit": {"description": "Requests left, and seconds until all are back.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "How many requests in how many seconds.", "schema": {"type": "string"}},
}


def complete(found: Mapping[str, Any], *, prefix: str) -> dict[str, Any]:
    """Return the whole document, from what django-ninja found in the routes."""
    whole: dict[str, Any] = json.loads(json.dumps(found))
    whole["info"]["description"] = ABOUT
    whole["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    whole["servers"] = [{"url": "/", "description": "This installation"}]
    whole["security"] = [{"token": []}]
    schemas = {name: one for name, one in whole["components"]["schemas"].items() if name not in _INNER}
    whole["components"]["schemas"] = {**dict(sorted(schemas.items())), "Problem": dict(PROBLEM)}
    whole["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "luister_…",
            "description": f"Scopes: {', '.join(SCOPES)}. Each operation names the one it needs as x-scope.",
        }
    }
    for path, methods in OFFERS.items():
        for method, offer in methods.items():
            _complete(whole["paths"][prefix + path][method.lower()], offer)
    return whole


def _complete(operation: dict[str, Any], offer: Offer) -> None:
    operation["x-scope"] = offer.scope or None
    if offer.permission is not None:
        operation["x-permission"] = offer.permission.value
    if offer.keeps:
        operation["parameters"].append(
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": False,
                "description": "Names this request: sent again within 24 hours, it is answered the same and done once.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
                "example": "2b0c8a3e-5d5f-4d7b-9a57-0a3a4b1c9f21",
            }
        )
    if offer.example is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = offer.example
    for answer in operation["responses"].values():
        answer["headers"] = dict(_PACE_HEADERS)
        if any(f'/{name}"' in json.dumps(answer.get("content", {})) for name in _VERSIONED):
            answer["headers"]["ETag"] = {"description": "The version.", "schema": {"type": "string"}}
    for status, codes in _problems_of(offer).items():
        operation["responses"][str(status)] = _answer(status, codes)


def _problems_of(offer: Offer) -> dict[int, list[str]]:
    codes = [*_EVERY, *(_BODY if offer.has_body else ("too_large",)), *(_KEPT if offer.keeps else ()), *offer.problems]
    if offer.permission is not None:
        codes.append("not_permitted")
    if "{" in offer.path:
        codes.append("not_found")
    found: dict[int, list[str]] = {}
    for code in codes:
        found.setdefault(CODES[code][0], []).append(code)
    return {status: sorted(set(found[status])) for status in sorted(found)}


def _answer(status: int, codes: list[str]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": f"{_WORDS[status]}: {', '.join(f'`{code}`' for code in codes)}",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status in (429, 503):
        answer["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
        }
    return answer


def served(document: Callable[[], Mapping[str, Any]]) -> Callable[..., HttpResponse]:
    """Return the view that hands the document out."""

    def view(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return problems.response(ProblemError("method_not_allowed", headers={"Allow": "GET, HEAD"}))
        return HttpResponse(text(document()), content_type="application/json; charset=utf-8")

    return csrf_exempt(view)


def text(document: Mapping[str, Any]) -> str:
    """Return the document as it is handed out and kept in docs/reference/openapi.json."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
