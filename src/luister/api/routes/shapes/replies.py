"""Replies: what is to be sent, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictInt

from luister.api.routes.shapes.base import Flag, In, Named, Out, text
from luister.delivery.enums import SendState
from luister.delivery.queries import sentence
from luister.inbox.enums import ReplyEffect
from luister.inbox.models import Reply


class ReplyIn(In):
    """An answer to the customer, as it leaves through the outbox.

    `seen_version` is the `posts_version` of the case that the writer had seen: where something was said since, the
    reply is refused, unless `anyway`. `then` is what becomes of the case once it is under way.
    """

    text: Annotated[str, text(100_000, least=1)]
    is_public: Flag
    seen_version: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]
    then: ReplyEffect = ReplyEffect.COMPLETE
    anyway: Flag = False


class Decision(StrEnum):
    """What somebody found out about a reply of which nobody knew, or wants of one that failed."""

    SENT = "sent"
    AGAIN = "again"
    GIVE_UP = "give_up"


class DecisionIn(In):
    """`sent`: it did arrive; `again`: send it once more; `give_up`: it is not sent any more."""

    decision: Decision


class Judgement(StrEnum):
    """What a colleague thinks of a reply that waits for approval."""

    APPROVE = "approve"
    SEND_BACK = "send_back"


class JudgementIn(In):
    """`approve` lets it leave; `send_back` gives it to its writer as a draft, with `why` as a note on the case."""

    decision: Judgement
    why: Annotated[str, text(500)] = ""


class ReplyOut(Out):
    """A reply on its way. It is `sent` only once the network itself, or a person who looked there, has said so.

    `unknown` means that nobody knows; `reason` and `says` tell why it stands as it does. `sent_at`, `external_id` and
    `url` are what the network gave.
    """

    id: int
    case_number: int
    author: Named | None
    text: str
    is_public: bool
    state: SendState
    is_settled: Annotated[bool, Field(description="Nothing will happen to it any more by itself.")]
    reason: str
    says: str
    attempts: int
    created_at: datetime
    leaves_at: Annotated[datetime | None, Field(description="The earliest moment of the next attempt.")]
    sent_at: datetime | None
    external_id: str
    url: str


_MOVING = frozenset({SendState.PROPOSED, SendState.QUEUED, SendState.SENDING})


def reply_out(reply: Reply, *, case_number: int) -> ReplyOut:
    """Return a reply with what is known of its sending."""
    outgoing = reply.outgoing
    state = SendState(outgoing.state)
    is_sent = state == SendState.SENT
    is_asked = state == SendState.UNKNOWN and outgoing.asked_at is not None
    return ReplyOut(
        id=reply.pk,
        case_number=case_number,
        author=None if reply.author is None else Named(id=reply.author.pk, name=str(reply.author)),
        text=outgoing.text,
        is_public=outgoing.is_public,
        state=state,
        is_settled=is_asked or not (state in _MOVING or state == SendState.UNKNOWN),
        reason=outgoing.reason_code,
        says=sentence(outgoing.reason_code, outgoing.reason_values) if outgoing.reason_code else "",
        attempts=outgoing.attempts,
        created_at=reply.created_at,
        leaves_at=outgoing.send_after if state == SendState.QUEUED else None,
        sent_at=outgoing.settled_at if is_sent else None,
        external_id=outgoing.external_id if is_sent else "",
        url=outgoing.url if is_sent else "",
    )
