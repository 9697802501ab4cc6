"""Cases: listed, read, and worked on."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from django.http import Http404, HttpResponse
from ninja import Header, Path, Query, Status
from pydantic import Field

from luister.accounts.enums import Permission
from luister.api.actions import cases as actions
from luister.api.queries.versions import case_version
from luister.api.routes import pages
from luister.api.routes.gate import ApiRequest
from luister.api.routes.offers import area
from luister.api.routes.pages import Paging
from luister.api.routes.shapes import cases as shapes
from luister.api.routes.shapes.base import MOST_ID, MOST_NUMBER, NO_NUL, Page
from luister.api.routes.shapes.replies import ReplyIn, ReplyOut, reply_out
from luister.base.clock import utc_now
from luister.base.ids import new_uuid
from luister.inbox.actions import changes, replies, writing
from luister.inbox.actions.replies import Written
from luister.inbox.enums import Origin
from luister.inbox.models import Case
from luister.inbox.queries import around
from luister.inbox.queries.cases import Filters as CaseFilters
from luister.inbox.queries.cases import View, case_by_number, cases_in
from luister.inbox.queries.screens import case_screen

AREA, REPLIES = area("Cases"), area("Replies")
Number = Annotated[int, Path(ge=1, le=MOST_NUMBER)]
SEEN = '"version" of what was read, as in the header ETag'
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=100, pattern=r'^"[0-9a-f]{16}"$', description=SEEN)]
ASKED_FOR = {200: shapes.CaseOut, 204: None}  # 204: it was done, and the case is no longer for this token
KEYS = UUID("6f1f0a52-4f0f-4b51-9f53-6b4f7f5f6d1e")  # the space of names made of Idempotency-Keys


class Filters(Paging):
    """What narrows the list of cases."""

    query: str = Field("", max_length=20_000, pattern=NO_NUL, description="In the query language.")
    view: View = Field(View.ALL, description="One of the desk's views.")
    label_id: int | None = Field(None, ge=1, le=MOST_ID)
    channel_id: int | None = Field(None, ge=1, le=MOST_ID)
    team_id: int | None = Field(None, ge=1, le=MOST_ID)
    contact_id: int | None = Field(None, ge=1, le=MOST_ID)
    origin: Origin | None = None


class CasePage(Page[shapes.CaseOut]):
    """A page of cases; `is_partial` says that time ran out, and that the next page goes on from there."""

    is_partial: bool


@AREA.offers(
    "GET",
    "/cases",
    name="listCases",
    summary="List cases",
    scope="cases:read",
    permission=Permission.SEE_CASES,
    answers=CasePage,
    problems=("query_invalid", "cursor_invalid"),
)
def list_cases(request: ApiRequest, asked: Annotated[Filters, Query()]) -> CasePage:
    """Newest activity first: the same cases that whom the token acts as sees on the desk."""
    filters = CaseFilters(
        text=asked.query.strip(),
        label_id=asked.label_id,
        channel_id=asked.channel_id,
        team_id=asked.team_id,
        origin=asked.origin or "",
        contact_id=asked.contact_id,
    )
    page = cases_in(
        asked.view,
        member=request.member,
        filters=filters,
        now=utc_now(),
        cursor=pages.place(request, asked),
        limit=asked.limit,
    )
    return CasePage(
        rows=[_out(case, request) for case in page.cases],
        next_cursor=pages.cursor(request, page.next_cursor),
        is_partial=page.is_partial,
    )


@AREA.offers(
    "GET",
    "/cases/{number}",
    name="getCase",
    summary="Read a case with its timeline",
    scope="cases:read",
    permission=Permission.SEE_CASES,
    answers=shapes.WholeCase,
)
def get_case(request: ApiRequest, response: HttpResponse, number: Number) -> shapes.WholeCase:
    """Posts, replies, notes and what happened, in the order in which it happened."""
    screen = case_screen(number, member=request.member, now=utc_now())
    if screen is None:
        raise Http404
    version = case_version(screen.case, member=request.member)
    response.headers["ETag"] = f'"{version}"'
    return shapes.whole_case(screen, version=version)


@AREA.offers(
    "PATCH",
    "/cases/{number}",
    name="changeCase",
    summary="Change a case",
    scope="cases:write",
    permission=Permission.WORK_CASES,
    answers=ASKED_FOR,
    body=True,
    versioned=True,
    problems=("version_conflict", "conflict", "refused"),
    example={"state": "waiting", "assignee_id": 12},
)
def change_case(
    request: ApiRequest, response: HttpResponse, number: Number, given: shapes.CaseChange, if_match: IfMatch = None
) -> Any:
    """State, assignee, team, urgency, origin, and until when it waits; what is not named stays, and all or nothing."""
    fields = {name: getattr(given, name) for name in given.model_fields_set}
    actions.change(_id(request, number), fields, seen=_seen(if_match), by=request.member, now=utc_now())
    return _after(request, response, number)


@AREA.offers(
    "POST",
    "/cases/{number}/labels",
    name="addLabel",
    summary="Put a label on a case",
    scope="cases:write",
    permission=Permission.WORK_CASES,
    answers=shapes.CaseOut,
    body=True,
    problems=("refused",),
    example={"name": "bagage"},
)
def add_label(request: ApiRequest, response: HttpResponse, number: Number, given: shapes.LabelIn) -> Any:
    """A new word makes a new label; one that is there already changes nothing."""
    changes.add_label(_id(request, number), name=given.name, by=request.member, now=utc_now())
    return _there(request, response, number)


@AREA.offers(
    "DELETE",
    "/cases/{number}/labels/{label_id}",
    name="removeLabel",
    summary="Take a label off a case",
    scope="cases:write",
    permission=Permission.WORK_CASES,
    answers=shapes.CaseOut,
)
def remove_label(
    request: ApiRequest, response: HttpResponse, number: Number, label_id: Annotated[int, Path(ge=1, le=MOST_ID)]
) -> Any:
    """One that is not on it changes nothing."""
    changes.remove_label(_id(request, number), label_id=label_id, by=request.member, now=utc_now())
    return _there(request, response, number)


@AREA.offers(
    "POST",
    "/cases/{number}/notes",
    name="addNote",
    summary="Leave an internal note",
    scope="cases:write",
    permission=Permission.WORK_CASES,
    answers=shapes.NoteOut,
    status=201,
    body=True,
    problems=("refused",),
    example={"text": "Klant belde ook: hoort bij bestelling 4711."},
)
def add_note(request: ApiRequest, number: Number, given: shapes.NoteIn) -> shapes.NoteOut:
    """For colleagues alone; `@name` tells that colleague."""
    note = writing.add_note(
        _id(request, number), text=given.text, client_id=_client_id(request), by=request.member, now=utc_now()
    )
    return shapes.note_out(note)


@REPLIES.offers(
    "POST",
    "/cases/{number}/replies",
    name="sendReply",
    summary="Send a reply",
    scope="replies:write",
    permission=Permission.WORK_CASES,
    answers=ReplyOut,
    status=201,
    body=True,
    problems=("version_conflict", "conflict", "refused"),
    example={"text": "Dank voor je bericht, we zoeken het uit.", "is_public": True, "seen_version": 3, "then": "open"},
)
def send_reply(request: ApiRequest, number: Number, given: ReplyIn) -> ReplyOut:
    """Into the outbox, as from the desk: it leaves after the channel's undo time, or once a colleague approved it.

    Send an `Idempotency-Key`: a reply that is asked for twice then leaves once. What became of it is in `getReply`.
    """
    written = Written(
        text=given.text,
        is_public=given.is_public,
        effect=given.then,
        client_id=_client_id(request),
        seen_version=given.seen_version,
        anyway=given.anyway,
    )
    reply = replies.send_reply(_id(request, number), written, by=request.member, now=utc_now())
    return reply_out(reply, case_number=number)


def _id(request: ApiRequest, number: int) -> int:
    found = around.case_id(number, member=request.member)
    if found is None:
        raise Http404
    return found


def _client_id(request: ApiRequest) -> UUID:
    """Return what makes the same request the same row, where the program names its requests."""
    key = request.headers.get("Idempotency-Key", "")
    return uuid5(KEYS, f"{request.token.pk}:{request.path}:{key}") if key else new_uuid()


def _seen(if_match: str | None) -> str | None:
    return if_match.strip('"') if if_match else None


def _out(case: Case, request: ApiRequest) -> shapes.CaseOut:
    return shapes.case_out(case, version=case_version(case, member=request.member))


def _there(request: ApiRequest, response: HttpResponse, number: int) -> shapes.CaseOut | None:
    case = case_by_number(number, member=request.member, now=_now())
    if case is None:
        return None
    shown = _out(case, request)
    response.headers["ETag"] = f'"{shown.version}"'
    return shown


def _after(request: ApiRequest, response: HttpResponse, number: int) -> Status[Any]:
    shown = _there(request, response, number)
    return Status(200, shown) if shown is not None else Status(204, None)


def _now() -> datetime:
    return utc_now()
