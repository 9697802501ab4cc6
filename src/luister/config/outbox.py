"""The outbox as who runs the installation sees it: states, moments and reasons, never what is said or to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from luister.config.errors import GroundError
from luister.delivery import actions
from luister.delivery.enums import SendState
from luister.delivery.models import Attempt, Outgoing

WAITING: Final = (SendState.QUEUED, SendState.SENDING, SendState.UNKNOWN, SendState.FAILED)
DECISIONS: Final = {"sent": actions.mark_sent, "again": actions.send_again, "give-up": actions.abandon}


@dataclass(frozen=True, slots=True)
class Line:
    """One post on its way out."""

    id: int
    workspace: str
    channel: str
    state: str
    due_at: datetime
    attempts: int
    waits_for: str  # "a person", "the network", "a worker" or "nothing"
    reason: str  # a code

    def row(self) -> dict[str, Any]:
        """Return it for programs."""
        return {name: getattr(self, name) for name in self.__slots__} | {"due_at": self.due_at.isoformat()}


def lines(*, state: str | None, workspace: str | None, limit: int) -> Sequence[Line]:
    """Return what is in the outbox and not settled for good, what waits longest first."""
    rows = Outgoing.objects.filter(state__in=[state] if state else WAITING).select_related("channel", "workspace")
    if workspace:
        rows = rows.filter(workspace__slug=workspace)
    return [_line(one) for one in rows.order_by("due_at", "pk")[:limit]]


def _line(one: Outgoing) -> Line:
    place = (one.workspace.slug, f"{one.channel.pk} {one.channel.kind}")
    return Line(one.pk, *place, str(one.state), one.due_at, one.attempts, _waits_for(one), one.reason_code)


def _waits_for(one: Outgoing) -> str:
    if one.state in {SendState.PROPOSED, SendState.FAILED} or (one.state == SendState.UNKNOWN and one.asked_at):
        return "a person"
    if one.state in {SendState.SENDING, SendState.UNKNOWN}:
        return "the network"
    return "a worker" if one.state == SendState.QUEUED else "nothing"


def details(outgoing_id: int) -> dict[str, Any]:
    """Return one with every try at sending it.

    Raises:
        GroundError: there is none of that number.
    """
    one = _found(outgoing_id)
    tries = [
        {
            "number": attempt.number,
            "started_at": attempt.started_at.isoformat(),
            "ended_at": attempt.ended_at and attempt.ended_at.isoformat(),
            "outcome": attempt.outcome or "nobody came back from it",
        }
        for attempt in Attempt.objects.filter(outgoing=one).order_by("number")
    ]
    moments = {
        name: getattr(one, name) for name in ("created_at", "send_after", "look_after", "asked_at", "settled_at")
    }
    shown = {name: at.isoformat() for name, at in moments.items() if at is not None}
    return _line(one).row() | {"key": str(one.key), **shown, "tries": tries}


def resolve(outgoing_id: int, *, decision: str, now: datetime) -> bool:
    """Settle by hand what failed or is in doubt, as the desk does; False when it was settled meanwhile.

    Raises:
        GroundError: there is none of that number.
    """
    return bool(DECISIONS[decision](_found(outgoing_id).pk, by=None, now=now))


def _found(outgoing_id: int) -> Outgoing:
    one = Outgoing.objects.filter(pk=outgoing_id).select_related("channel", "workspace").first()
    if one is None:
        message = f"There is no post {outgoing_id} in the outbox: “luister outbox list” shows those that wait."
        raise GroundError(message)
    return one
