"""What every request passes before a route sees it: the token, its pace and scope, what is sent, and how often.

The routes themselves are read by django-ninja, which makes problems of what is not as it should be.
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from luister.accounts.access import open_view
from luister.accounts.models import Membership
from luister.api.access import PREFIX, bearer
from luister.api.actions import keeping, pacing, tokens
from luister.api.enums import allows
from luister.api.models import Token
from luister.api.routes import problems
from luister.api.routes.offers import Offer
from luister.api.routes.problems import ProblemError
from luister.base.clock import utc_now
from luister.fence.scope import in_workspace
from luister.ui.away import is_away

logger = logging.getLogger("luister.api")

MOST_BYTES: Final = 2_000_000
MOST_KEY: Final = 255
SECRET_NAMES: Final = frozenset({"access_token", "api_key", "apikey", "authorization", "bearer", "key", "token"})
KEPT_HEADERS: Final = ("ETag", "Location")
OPEN_BECAUSE: Final = "asks for a token of its own, and knows no session"

View = Callable[..., HttpResponse]


class ApiRequest(HttpRequest):
    """A request that has passed the gate."""

    member: Membership
    token: Token


def gated(view: View, *, offers: Mapping[str, Offer], known: Callable[[str], frozenset[str]]) -> View:
    """Stand before a route; `known` tells which parameters an operation has."""

    def guarded(request: ApiRequest, **values: Any) -> HttpResponse:
        try:
            answer = _answer(view, request, values, offers=offers, known=known)
        except ProblemError as error:
            answer = problems.response(error)
        except Exception as error:  # noqa: BLE001 - the outermost place: a program should get a problem, not a page
            answer = failure(error)
        answer.headers.setdefault("Cache-Control", "no-store")
        for name, value in getattr(request, "pace_headers", {}).items():
            answer.headers.setdefault(name, value)
        return answer

    return csrf_exempt(open_view(OPEN_BECAUSE)(guarded))


def failure(error: Exception) -> HttpResponse:
    """Answer for what nobody foresaw."""
    if is_away(error):
        logger.warning("api.database_lost", extra={"error": type(error).__name__})
        return problems.response(ProblemError("unavailable", headers={"Retry-After": "5"}))
    logger.error("api.failed", exc_info=error)
    return problems.response(ProblemError("failed"))


def _answer(
    view: View,
    request: ApiRequest,
    values: dict[str, Any],
    *,
    offers: Mapping[str, Offer],
    known: Callable[[str], frozenset[str]],
) -> HttpResponse:
    offer = offers.get(request.method or "")
    if offer is None:
        raise ProblemError("method_not_allowed", headers={"Allow": ", ".join(sorted(offers))})
    _let_in(request, offer)
    for name in request.GET:
        if name not in known(offer.name):
            raise problems.unknown_parameter(name)
    _check_body(request, offer)
    with timezone.override(request.member.workspace.time_zone), in_workspace(request.member.workspace_id):
        if not offer.keeps:
            return view(request, **values)
        return _written(view, request, values, offer=offer)


def _let_in(request: ApiRequest, offer: Offer) -> None:
    now = utc_now()
    _refuse_key_in_address(request)
    kind, _blank, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise ProblemError("key_missing", headers={"WWW-Authenticate": "Bearer"})
    token = bearer(text.strip(), now=now)
    if token is None:
        raise ProblemError("key_invalid", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    with in_workspace(token.workspace_id):
        pace = pacing.take_turn(token, now=now)
    request.pace_headers = _pace_headers(pace)  # type: ignore[attr-defined]  # put on the answer, whatever it is
    if pace.wait_seconds is not None:
        raise ProblemError("rate_limited", headers={"Retry-After": str(pace.wait_seconds)})
    if not allows(token.scopes, offer.scope):
        told = _("It needs the scope %(scope)s: make a token that has it.") % {"scope": offer.scope}
        raise ProblemError("scope_missing", detail=told, more={"scope": offer.scope})
    if offer.permission is not None and not token.member.may(offer.permission):
        raise ProblemError("not_permitted")
    request.token, request.member = token, token.member


def _refuse_key_in_address(request: HttpRequest) -> None:
    """End a token that stands in an address; a name that says that it is one is refused as well."""
    values = [value for name in request.GET for value in request.GET.getlist(name)]
    leaked = [part for value in values for part in value.split() if part.startswith(PREFIX)]
    for text in leaked:
        tokens.revoke_leaked(text, now=utc_now())
    if leaked or any(name.lower() in SECRET_NAMES for name in request.GET):
        raise ProblemError("key_in_address", headers={"WWW-Authenticate": "Bearer"})


def _pace_headers(pace: pacing.Pace) -> dict[str, str]:
    """Return draft-ietf-httpapi-ratelimit-headers as of its tenth version."""
    return {
        "RateLimit-Policy": f'"token";q={pace.limit};w={pacing.WINDOW_SECONDS}',
        "RateLimit": f'"token";r={pace.remaining};t={pace.reset_seconds}',
    }


def _check_body(request: HttpRequest, offer: Offer) -> None:
    try:
        length = int(request.headers.get("Content-Length") or 0)
        if length > MOST_BYTES or len(request.body) > MOST_BYTES:
            raise ProblemError("too_large", more={"most_bytes": MOST_BYTES})
    except RequestDataTooBig:
        raise ProblemError("too_large", more={"most_bytes": MOST_BYTES}) from None
    if offer.has_body and request.content_type != "application/json":
        raise ProblemError("unsupported_media_type")


def _written(view: View, request: ApiRequest, values: dict[str, Any], *, offer: Offer) -> HttpResponse:
    """Answer a request that changes something, in one transaction with what is kept of the answer."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _is_key(key):
        raise problems.invalid([{"loc": ("header", "Idempotency-Key"), "type": "string_pattern_mismatch"}])
    now = utc_now()
    digest = keeping.digest_of(request.method or "", request.get_full_path(), request.body)
    with transaction.atomic():
        try:
            known = keeping.kept(request.token, key=key, request_digest=digest, now=now) if key else None
        except keeping.OtherRequestError:
            raise ProblemError("idempotency_mismatch") from None
        except keeping.UnderWayError:
            raise ProblemError("idempotency_in_progress", headers={"Retry-After": "1"}) from None
        if known is not None:
            return _replayed(known)
        answer = view(request, **values)
        if answer.status_code >= 400:
            transaction.set_rollback(True)
        elif key:
            headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
            content = _without(answer.content.decode(), offer.shown_once)
            kept = keeping.Answer(answer.status_code, content, headers)
            keeping.keep(request.token, key=key, request_digest=digest, answer=kept, now=now)
    return answer


def _without(content: str, names: Collection[str]) -> str:
    """Return an answer as it may be kept: nobody who reads the database may find what is shown only once."""
    if not names:
        return content
    return json.dumps({**json.loads(content), **dict.fromkeys(names)}, ensure_ascii=False)


def _replayed(answer: keeping.Answer) -> HttpResponse:
    headers = {**answer.headers, "Idempotency-Replayed": "true"}
    content_type = "application/json; charset=utf-8" if answer.content else None
    return HttpResponse(answer.content, status=answer.status, headers=headers, content_type=content_type)


@cache
def _visible() -> frozenset[str]:
    return frozenset(map(chr, range(0x21, 0x7F)))


def _is_key(key: str) -> bool:
    return 0 < len(key) <= MOST_KEY and _visible().issuperset(key)
