"""Answers that are kept, so that a request that comes again does nothing again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from luister.api.models import KeptAnswer, Token
from luister.base.errors import LuisterError
from luister.base.ids import lock_key

KEPT_FOR: Final = timedelta(hours=24)
MOST_AT_ONCE: Final = 5000


class OtherRequestError(LuisterError):
    """The key was used for another request."""


class UnderWayError(LuisterError):
    """The first request with this key has not been answered yet."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered."""

    status: int
    content: str
    headers: Mapping[str, str] = field(default_factory=dict)


def digest_of(method: str, address: str, body: bytes) -> str:
    """Return what tells one request from another."""
    return hashlib.sha256(b"\n".join((method.encode(), address.encode(), body))).hexdigest()


def kept(token: Token, *, key: str, request_digest: str, now: datetime) -> Answer | None:
    """Return what the request with this key was answered; None when it is the first, which then holds the key.

    Call it in the transaction in which the request does what it does, and `keep` its answer there: either both are
    there, or neither.

    Raises:
        OtherRequestError: the key was used for something else.
        UnderWayError: the first is still being answered.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_key("api.key", f"{token.pk}:{key}")])
        (is_ours,) = cursor.fetchone() or (False,)
    if not is_ours:
        raise UnderWayError(key)
    found = KeptAnswer.objects.filter(token=token, key=key).first()
    if found is None:
        return None
    if found.at <= now - KEPT_FOR:
        found.delete()
        return None
    if found.request_digest != request_digest:
        raise OtherRequestError(key)
    return Answer(found.status, found.content, found.headers)


def keep(token: Token, *, key: str, request_digest: str, answer: Answer, now: datetime) -> None:
    """Keep what a request was answered, for a day."""
    KeptAnswer.objects.create(
        workspace_id=token.workspace_id,
        token=token,
        key=key,
        request_digest=request_digest,
        status=answer.status,
        headers=dict(answer.headers),
        content=answer.content,
        at=now,
    )


def forget(*, now: datetime) -> int:
    """Remove answers that need be kept no longer and return how many."""
    old = KeptAnswer.objects.filter(at__lte=now - KEPT_FOR).order_by("at").values("pk")[:MOST_AT_ONCE]
    gone, _ = KeptAnswer.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    return gone
