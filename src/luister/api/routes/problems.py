"""What goes wrong, as problem documents (RFC 9457) in the reader's language."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from luister.base.context import request_id
from luister.base.errors import LuisterError

CONTENT_TYPE: Final = "application/problem+json"
KIND: Final = "urn:luister:problem:"

# Code → status and what it means; a code never changes its meaning.
CODES: Final[Mapping[str, tuple[int, str | Promise]]] = {
    "not_json": (400, _("The body is not JSON.")),
    "key_missing": (401, _("Send a token in the header “Authorization: Bearer …”.")),
    "key_invalid": (401, _("This token opens nothing: it is unknown, expired or revoked.")),
    "key_in_address": (
        401,
        _("A token may never be part of an address: one that stands there is revoked at once. Send it in a header."),
    ),
    "scope_missing": (403, _("This token may not be used for that.")),
    "not_permitted": (403, _("Whom this token acts as may not do that.")),
    "not_found": (404, _("This is not here for you, or not any more.")),
    "method_not_allowed": (405, _("This address does not know that method.")),
    "conflict": (409, _("As things stand, that cannot be done.")),
    "version_conflict": (409, _("Somebody changed this meanwhile. Read it again, then decide.")),
    "idempotency_in_progress": (409, _("The first request with this key is still being answered.")),
    "too_large": (413, _("The body is larger than the API takes.")),
    "unsupported_media_type": (415, _("Send the body as application/json.")),
    "invalid": (422, _("Something in the request is not as it should be.")),
    "unknown_field": (422, _("The request names something that the API does not know.")),
    "cursor_invalid": (422, _("This cursor is not one of this list. Begin again without it.")),
    "query_invalid": (422, _("This is no query.")),
    "refused": (422, _("That cannot be done.")),
    "idempotency_mismatch": (422, _("This Idempotency-Key was used for another request.")),
    "rate_limited": (429, _("Too many requests with this token. Wait as long as Retry-After says.")),
    "failed": (500, _("Something went wrong on our side. It has been written down.")),
    "unavailable": (503, _("The database cannot be reached right now. Try again.")),
}


class ProblemError(LuisterError):
    """Ends a request with a problem document.

    `code` is one of CODES; `reason` a finer, equally stable one. `more` are further members of the document.
    """

    def __init__(
        self,
        code: str,
        *,
        detail: str = "",
        reason: str = "",
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.detail, self.reason = code, detail, reason
        self.headers, self.more = headers or {}, more or {}


def response(error: ProblemError) -> HttpResponse:
    """Return the answer that says what is wrong."""
    status, title = CODES[error.code]
    document: dict[str, Any] = {
        "type": f"{KIND}{error.code}",
        "title": str(title),
        "status": status,
        "code": error.reason or error.code,
        **error.more,
    }
    if request_id.get():
        document["request_id"] = request_id.get()
    if error.detail:
        document["detail"] = error.detail
    return JsonResponse(
        document,
        status=status,
        content_type=CONTENT_TYPE,
        headers=error.headers,
        json_dumps_params={"ensure_ascii": False},
    )


# What pydantic finds wrong → a sentence with its values; the codes of errors are pydantic's own.
SENTENCES: Final[Mapping[str, str | Promise]] = {
    "missing": _("This is needed."),
    "extra_forbidden": _("The API does not know this field."),
    "string_type": _("Write text here."),
    "string_too_short": _("Write {min_length} or more characters."),
    "string_too_long": _("Write at most {max_length} characters."),
    "string_pattern_mismatch": _("This is not written as it should be: {pattern}"),
    "string_unicode": _("This text holds half a character."),
    "int_type": _("Give a whole number."),
    "int_parsing": _("Give a whole number."),
    "int_parsing_size": _("This number is too large."),
    "int_from_float": _("Give a whole number."),
    "greater_than_equal": _("Give {ge} or more."),
    "less_than_equal": _("Give {le} or less."),
    "bool_type": _("Say true or false."),
    "bool_parsing": _("Say true or false."),
    "enum": _("Choose one of: {expected}."),
    "literal_error": _("Choose one of: {expected}."),
    "list_type": _("Give a list."),
    "too_short": _("Give at least {min_length}."),
    "too_long": _("Give at most {max_length}."),
    "model_type": _("Give an object with fields."),
    "model_attributes_type": _("Give an object with fields."),
    "value_error": _("This is not as it should be: {error}"),
}
# Of these headers what is written wrongly, rather than by which pattern.
HEADERS: Final[Mapping[str, str | Promise]] = {
    "If-Match": _("Send the version in double quotes, as the header ETag had it."),
    "Idempotency-Key": _("Send 1 to 255 letters, digits and signs, without spaces or accents."),
}
_OTHER: Final = _("This is not as it should be.")


def invalid(errors: Sequence[Mapping[str, Any]]) -> ProblemError:
    """Return the problem of a request in which fields are not as they should be, as pydantic found them."""
    told = [
        {"at": ".".join(str(part) for part in error["loc"]), "code": error["type"], "says": _sentence(error)}
        for error in errors[:50]
    ]
    unknown = any(error["type"] == "extra_forbidden" for error in errors)
    detail = "; ".join(f"{one['at']}: {one['says']}" for one in told[:3])
    return ProblemError("unknown_field" if unknown else "invalid", detail=detail, more={"errors": told})


def unknown_parameter(name: str) -> ProblemError:
    """Return the problem of an address with a parameter that nobody asked for."""
    return invalid([{"loc": ("query", name[:100]), "type": "extra_forbidden"}])


def choose_one_of(words: Iterable[str]) -> str:
    """Return the sentence that names what there is."""
    return str(SENTENCES["enum"]).format(expected=", ".join(words))


def _sentence(error: Mapping[str, Any]) -> str:
    words = str(HEADERS.get(str(error["loc"][-1])) or SENTENCES.get(error["type"], _OTHER))
    values = error.get("ctx") or {}
    if "expected" in values:  # in English, as 'one', 'two' or 'three'
        return choose_one_of(re.findall("'([^']*)'", values["expected"]))
    return words.format_map(_Blank(values))


class _Blank(dict[str, Any]):
    """Values that were not given are left blank."""

    def __missing__(self, name: str) -> str:
        return ""


def not_found(_request: HttpRequest, **_rest: Any) -> HttpResponse:
    """Answer for addresses that do not exist."""
    return response(ProblemError("not_found"))
