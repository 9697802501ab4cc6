"""What an answer of the practice network means: sent, certainly not sent, or unknown."""

from collections.abc import Mapping
from typing import Any

from luister.base.clock import utc_now
from luister.base.connector import Receipt
from luister.base.errors import ConnectorError, NotSentError, UnknownOutcomeError
from luister.http.client import Answer
from luister.http.retry import retry_after

# Documented refusals: status and code of an error after which it is certain that nothing was posted.
_REFUSALS = {
    (400, "bad_request"),
    (403, "parent_is_private"),
    (404, "unknown_parent"),
    (404, "unknown_path"),
    (404, "unknown_recipient"),
    (410, "deleted"),
    (410, "parent_deleted"),
    (413, "picture_too_large"),
    (413, "too_large"),
    (415, "not_a_picture"),
    (422, "empty_text"),
    (422, "text_too_long"),
    (422, "too_many_pictures"),
    (422, "unknown_recipient"),
}


def receipt(answer: Answer) -> Receipt:
    """Return the receipt in an answer to a send.

    Raises:
        NotSentError: a documented refusal.
        UnknownOutcomeError: anything else than a success with an id.
    """
    body = _object(answer)
    if answer.status == 401:
        raise NotSentError("practice.token_refused", needs_attention=True)
    if answer.status == 429:
        wait = retry_after(answer.headers.get("Retry-After"), now=utc_now())
        raise NotSentError("practice.rate_limited", retry_after=wait)
    if (answer.status, _error_code(body)) in _REFUSALS:
        raise NotSentError(f"practice.{_error_code(body)}", permanent=True)
    post = (body or {}).get("post")
    if 200 <= answer.status < 300 and body is not None and "error" not in body and isinstance(post, dict):
        return receipt_of(post)
    raise UnknownOutcomeError(f"status {answer.status}")


def receipt_of(post: Mapping[str, Any]) -> Receipt:
    """Return the receipt of one of our posts.

    Raises:
        UnknownOutcomeError: it has no id.
    """
    external_id, url = post.get("id"), post.get("url", "")
    if not isinstance(external_id, str) or not external_id.strip() or not isinstance(url, str):
        raise UnknownOutcomeError("an answer without an id")
    return Receipt(external_id, url)


def body_of(answer: Answer) -> dict[str, Any]:
    """Return what was read.

    Raises:
        ConnectorError: the network refused, or is not understood.
    """
    status = str(answer.status)
    if answer.status == 401:
        raise ConnectorError("practice.token_refused", needs_attention=True)
    if answer.status == 429:
        wait = retry_after(answer.headers.get("Retry-After"), now=utc_now())
        raise ConnectorError("practice.rate_limited", retry_after=wait)
    if answer.status >= 500:
        raise ConnectorError("practice.network_failed", status=status)
    body = _object(answer)
    if answer.status != 200 or body is None or "error" in body:
        known = (answer.status, _error_code(body)) == (404, "unknown_path")
        code = "practice.unknown_path" if known else "practice.not_understood"
        raise ConnectorError(code, needs_attention=known, status=status)
    return body


def _object(answer: Answer) -> dict[str, Any] | None:
    try:
        body = answer.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _error_code(body: Mapping[str, Any] | None) -> str:
    error = (body or {}).get("error")
    return str(error.get("code")) if isinstance(error, dict) else ""
