"""How many requests a token may make, counted in the database: the same for one web process and for many."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from luister.api.models import Token

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Pace:
    """What is left: `remaining` requests now, all of them again after `reset_seconds`.

    `wait_seconds` is set where this request is one too many.
    """

    limit: int
    remaining: int
    reset_seconds: int
    wait_seconds: int | None = None


def take_turn(token: Token, *, now: datetime) -> Pace:
    """Count a request, in one statement, and note that the token was used.

    A token may make a minute's worth of requests at once; each comes back after its share of the minute (GCRA).
    """
    limit: int = settings.LUISTER_API_REQUESTS_A_MINUTE
    seconds = WINDOW_SECONDS / limit
    share = timedelta(seconds=seconds)
    latest = now + timedelta(seconds=WINDOW_SECONDS) - share
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE api_token SET last_used_at = %(now)s,"
            " paced_to = GREATEST(paced_to, %(now)s) + make_interval(secs => %(seconds)s)"
            " WHERE id = %(id)s AND COALESCE(paced_to <= %(latest)s, true) RETURNING paced_to",
            {"now": now, "seconds": seconds, "id": token.pk, "latest": latest},
        )
        row = cursor.fetchone()
        if row is None:
            cursor.execute("SELECT paced_to FROM api_token WHERE id = %s", [token.pk])
            paced_to = (cursor.fetchone() or [now])[0] or now
            return Pace(limit, 0, _seconds(paced_to - now), wait_seconds=max(1, _seconds(paced_to - latest)))
    used_up = row[0] - now
    left = int((timedelta(seconds=WINDOW_SECONDS) - used_up) / share)
    return Pace(limit, max(0, left), _seconds(used_up))


def _seconds(span: timedelta) -> int:
    return max(0, math.ceil(span.total_seconds()))
