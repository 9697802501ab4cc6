"""Replies: what became of them, taking them back, approving them, and settling those in doubt."""

from typing import Annotated

from django.http import Http404
from ninja import Path

from luister.accounts.enums import Permission
from luister.api.queries.replies import readable_reply
from luister.api.routes.cases import REPLIES
from luister.api.routes.gate import ApiRequest
from luister.api.routes.shapes.base import MOST_ID
from luister.api.routes.shapes.replies import DecisionIn, Judgement, JudgementIn, ReplyOut, reply_out
from luister.base.clock import utc_now
from luister.inbox.actions import approval
from luister.inbox.actions import replies as actions

ReplyId = Annotated[int, Path(ge=1, le=MOST_ID)]


@REPLIES.offers(
    "GET",
    "/replies/{reply_id}",
    name="getReply",
    summary="Read what became of a reply",
    scope="replies:read",
    permission=Permission.SEE_CASES,
    answers=ReplyOut,
)
def get_reply(request: ApiRequest, reply_id: ReplyId) -> ReplyOut:
    """`sent` is said only once the network confirmed it; nobody knowing is `unknown`."""
    return _shown(request, reply_id)


@REPLIES.offers(
    "DELETE",
    "/replies/{reply_id}",
    name="takeReplyBack",
    summary="Take a reply back",
    scope="replies:write",
    permission=Permission.WORK_CASES,
    answers=ReplyOut,
    problems=("conflict",),
)
def take_back(request: ApiRequest, reply_id: ReplyId) -> ReplyOut:
    """While its undo time runs or it waits for approval, and only one's own; its text becomes a draft again."""
    _shown(request, reply_id)
    actions.take_back(reply_id, by=request.member, now=utc_now())
    return _shown(request, reply_id)


@REPLIES.offers(
    "POST",
    "/replies/{reply_id}/settle",
    name="settleReply",
    summary="Say what became of a reply",
    scope="replies:write",
    permission=Permission.WORK_CASES,
    answers=ReplyOut,
    body=True,
    problems=("conflict",),
    example={"decision": "again"},
)
def settle(request: ApiRequest, reply_id: ReplyId, given: DecisionIn) -> ReplyOut:
    """Of one that is `unknown` or `failed`: what somebody found out on the network itself, or decided."""
    _shown(request, reply_id)
    actions.resolve(reply_id, decision=given.decision, by=request.member, now=utc_now())
    return _shown(request, reply_id)


@REPLIES.offers(
    "POST",
    "/replies/{reply_id}/judge",
    name="judgeReply",
    summary="Approve a reply, or send it back",
    scope="replies:write",
    permission=Permission.WORK_CASES,
    answers=ReplyOut,
    body=True,
    problems=("conflict", "refused"),
    example={"decision": "approve"},
)
def judge(request: ApiRequest, reply_id: ReplyId, given: JudgementIn) -> ReplyOut:
    """Of one that waits for approval (`proposed`): by a colleague who may, not by its writer."""
    _shown(request, reply_id)
    now = utc_now()
    if given.decision == Judgement.APPROVE:
        approval.approve(reply_id, by=request.member, now=now)
    else:
        approval.send_back(reply_id, why_note=given.why, by=request.member, now=now)
    return _shown(request, reply_id)


def _shown(request: ApiRequest, reply_id: int) -> ReplyOut:
    reply = readable_reply(reply_id, member=request.member)
    if reply is None:
        raise Http404
    return reply_out(reply, case_number=reply.case.number)
