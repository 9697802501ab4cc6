"""Telling endpoints: claiming what is due, one attempt, and what follows from its outcome.

A claim is a lease in the row. A worker that dies loses it by itself, and another tells the endpoint again under the
same webhook-id; one that comes back too late writes nothing.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from luister.accounts.actions.audit import write_audit
from luister.base import metrics
from luister.base.errors import Reason, SentenceError
from luister.base.ids import lock_key
from luister.http.guard import allow_hosts_from_env
from luister.http.push import Pushed, push
from luister.http.retry import retry_after
from luister.queue import enqueue
from luister.webhooks import secrets
from luister.webhooks.access import may_send_private
from luister.webhooks.enums import TEST, DeliveryState, EndpointState
from luister.webhooks.models import Attempt, Delivery, Endpoint

MOST_BYTES: Final = 64 * 1024
SCHEDULE: Final = tuple(  # the pause after each try that failed; the last of the ten tries has none
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
GIVE_UP_AFTER: Final = timedelta(days=3)
LONGEST_ASKED: Final = timedelta(days=1)  # that a Retry-After is honoured
LONGEST_HOLD: Final = timedelta(minutes=5)  # between two tries at an endpoint that does not answer
SLOW_MS: Final = 3_000
AT_ONCE: Final = 4  # deliveries under way to one endpoint
AT_ONCE_STRUGGLING: Final = 2  # to one that failed or was slow the last time
GONE: Final = 410
_NOT_NOW: Final = frozenset({429, 502, 503, 504})

_CLAIM: Final = """
    WITH busy AS (
        SELECT endpoint_id, count(*) AS number FROM webhooks_delivery
         WHERE state = 'waiting' AND leased_until > %(now)s GROUP BY endpoint_id
    ), due AS (
        SELECT found.id, found.due_at, endpoint.struggles,
               row_number() OVER (PARTITION BY endpoint.id ORDER BY found.due_at, found.id) AS turn
          FROM (SELECT id, workspace_id, failures > 0 OR is_slow AS struggles FROM webhooks_endpoint
                 WHERE state = 'on' AND (held_until IS NULL OR held_until <= %(now)s)) AS endpoint
          JOIN accounts_workspace AS place ON place.id = endpoint.workspace_id
               AND place.sending_stopped_at IS NULL AND place.outbound_locked_at IS NULL
          LEFT JOIN busy ON busy.endpoint_id = endpoint.id
         CROSS JOIN LATERAL (
            SELECT id, due_at FROM webhooks_delivery
             WHERE endpoint_id = endpoint.id AND state = 'waiting' AND due_at <= %(now)s
               AND (leased_until IS NULL OR leased_until <= %(now)s)
             ORDER BY due_at, id
             LIMIT greatest(0, CASE WHEN endpoint.struggles THEN %(few)s ELSE %(many)s END - coalesce(busy.number, 0))
         ) AS found
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY struggles ORDER BY turn, due_at, id) AS place FROM due
    ), chosen AS (
        SELECT id, struggles FROM ranked WHERE NOT struggles OR place <= %(most_struggling)s
         ORDER BY struggles, turn, due_at, id LIMIT %(most)s
    )
    UPDATE webhooks_delivery AS delivery SET leased_until = %(until)s
      FROM chosen WHERE delivery.id = chosen.id
    RETURNING delivery.id, chosen.struggles
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """A delivery that one worker may try now."""

    delivery_id: int
    until: datetime
    struggles: bool  # its endpoint failed or was slow the last time


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: an answer, or the reason why there is none."""

    milliseconds: int
    answer: Pushed | None = None
    reason: Reason | None = None

    @property
    def arrived(self) -> bool:
        """Whether the receiver said that it has it."""
        return self.answer is not None and 200 <= self.answer.status < 300

    @property
    def name(self) -> str:
        """The word by which tries are counted."""
        return "no_answer" if self.answer is None else "delivered" if self.arrived else "refused"


def claim(*, most: int, most_struggling: int, now: datetime) -> Sequence[Lease]:
    """Take what is due, in turns between endpoints, those that do well first.

    Args:
        most: deliveries in all.
        most_struggling: of these, to endpoints that failed or were slow the last time.
    """
    until = now + timedelta(seconds=2 * settings.LUISTER_WEBHOOK_SECONDS)
    values: dict[str, datetime | int] = {"now": now, "until": until, "most": most, "most_struggling": most_struggling}
    values |= {"few": AT_ONCE_STRUGGLING, "many": AT_ONCE}
    with transaction.atomic(), connection.cursor() as cursor:
        # One at a time: two would each count the same deliveries under way.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key("webhooks", "claim")])
        cursor.execute(_CLAIM, values)
        return [Lease(pk, until, struggles) for pk, struggles in cursor.fetchall()]


def deliver(lease: Lease, *, clock: Callable[[], datetime]) -> None:
    """Try a delivery once, and write down what came of it; no transaction is open meanwhile."""
    delivery = (
        Delivery.objects.select_related("endpoint").filter(pk=lease.delivery_id, leased_until=lease.until).first()
    )
    now = clock()
    if delivery is None or lease.until - now < timedelta(seconds=settings.LUISTER_WEBHOOK_SECONDS):
        return  # held up for so long that it is somebody else's turn
    outcome = _try(delivery, now=now)
    metrics.webhook_attempts.labels(outcome.name).inc()
    metrics.webhook_durations.observe(outcome.milliseconds / 1000)
    _take_in(lease, outcome, endpoint_id=delivery.endpoint_id, at=now, now=clock())


def _try(delivery: Delivery, *, now: datetime) -> Outcome:
    endpoint = delivery.endpoint
    started = time.monotonic()
    try:
        signing = secrets.unseal(endpoint.sealed_secrets, endpoint_id=endpoint.pk)
        payload = _payload(delivery)
        valid = signing if endpoint.rotated_at and now < endpoint.rotated_at + secrets.BOTH_VALID else signing[:1]
        signed = secrets.headers(payload, message_id=delivery.message_id, secrets=valid, now=now)
        answer = push(
            endpoint.address,
            content=payload.encode(),
            headers={"Content-Type": "application/json", **signed},
            allow_hosts=allow_hosts_from_env(),
            deadline_seconds=settings.LUISTER_WEBHOOK_SECONDS,
            max_bytes=MOST_BYTES,
        )
    except SentenceError as error:
        return Outcome(_milliseconds(started), reason=error.reason)
    return Outcome(_milliseconds(started), answer=answer)


def _payload(delivery: Delivery) -> str:
    if delivery.withheld_payload is None or may_send_private(delivery.endpoint.private_by):
        return delivery.payload
    return delivery.withheld_payload


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


@transaction.atomic
def _take_in(lease: Lease, outcome: Outcome, *, endpoint_id: int, at: datetime, now: datetime) -> None:
    # The endpoint first, as whoever changes or removes it does.
    endpoint = Endpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    held = Delivery.objects.select_for_update().filter(pk=lease.delivery_id, leased_until=lease.until)
    delivery = held.first()
    if endpoint is None or delivery is None:
        return
    _note(delivery, outcome, at=at)
    delivery.leased_until = None
    delivery.tries += 1
    endpoint.last_tried_at = at
    endpoint.is_slow = outcome.milliseconds > SLOW_MS
    if outcome.arrived:
        delivery.state, delivery.settled_at = DeliveryState.DELIVERED, now
        endpoint.failures, endpoint.failing_since, endpoint.held_until = 0, None, None
        endpoint.last_delivered_at = now
    else:
        _failed(delivery, endpoint, outcome, now=now)
    delivery.save(update_fields=["leased_until", "tries", "state", "settled_at", "due_at"])
    endpoint.save(
        update_fields=[
            "last_tried_at", "last_delivered_at", "is_slow", "failures", "failing_since", "held_until", "state",
            "state_since", "stopped_because",
        ]
    )  # fmt: skip


def _note(delivery: Delivery, outcome: Outcome, *, at: datetime) -> None:
    answer, reason = outcome.answer, outcome.reason
    Attempt.objects.create(
        workspace_id=delivery.workspace_id,
        delivery=delivery,
        at=at,
        milliseconds=outcome.milliseconds,
        status=answer.status if answer else None,
        reason_code=reason.code if reason else "",
        reason_values=dict(reason.values) if reason else {},
        answer=answer.content.decode("utf-8", "replace").replace("\x00", "�") if answer else "",
        is_cut=answer.is_cut if answer else False,
    )


def _failed(delivery: Delivery, endpoint: Endpoint, outcome: Outcome, *, now: datetime) -> None:
    status = outcome.answer.status if outcome.answer else None
    asked = None
    if outcome.answer and status in {429, 503}:
        asked = retry_after(outcome.answer.headers.get("retry-after"), now=now, longest=LONGEST_ASKED)
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    if status is None or status in _NOT_NOW:
        endpoint.held_until = now + (asked or min(SCHEDULE[0] * 2 ** min(endpoint.failures - 1, 10), LONGEST_HOLD))
    if delivery.kind == TEST or delivery.tries > len(SCHEDULE) or status == GONE:
        delivery.state, delivery.settled_at = DeliveryState.FAILED, now
    else:
        delivery.due_at = now + max(_jittered(SCHEDULE[delivery.tries - 1]), asked or timedelta(0))
    if status == GONE:
        _stop(endpoint, because="gone", now=now)
    elif now - endpoint.failing_since >= GIVE_UP_AFTER:
        _stop(endpoint, because="failing", now=now)


def _jittered(pause: timedelta) -> timedelta:
    """Lengthen a pause by up to a tenth, so that what failed together does not come back together."""
    return pause * random.uniform(1.0, 1.1)  # noqa: S311 - no secret


def _stop(endpoint: Endpoint, *, because: str, now: datetime) -> None:
    """Switch an endpoint off and have its administrators told; what waits for it goes on waiting."""
    if endpoint.state != EndpointState.ON:
        return
    endpoint.state, endpoint.state_since, endpoint.stopped_because = EndpointState.STOPPED, now, because
    detail = {"name": str(endpoint), "reason": because}
    write_audit("webhook.stopped", workspace=endpoint.workspace, by=None, target=endpoint, now=now, detail=detail)
    enqueue("webhooks.tell_stopped", endpoint_id=endpoint.pk)
