"""Monitors, and what they found."""

from typing import Annotated

from django.http import Http404, HttpResponse
from ninja import Header, Path, Query
from pydantic import Field

from luister.accounts.enums import Permission
from luister.api.actions import monitors as actions
from luister.api.queries.versions import monitor_version
from luister.api.routes import pages
from luister.api.routes.cases import SEEN
from luister.api.routes.gate import ApiRequest
from luister.api.routes.offers import area
from luister.api.routes.pages import Asked, Paging
from luister.api.routes.shapes import listening as shapes
from luister.api.routes.shapes.base import MOST_ID, NO_NUL, Page
from luister.base.clock import utc_now
from luister.listening.actions import mentions as mention_actions
from luister.listening.actions.monitors import Wish
from luister.listening.enums import MentionState
from luister.listening.models import Monitor
from luister.listening.queries import mentions, monitors
from luister.listening.queries.preview import preview
from luister.query import parse

MONITORS, MENTIONS = area("Monitors"), area("Mentions")
MonitorId = Annotated[int, Path(ge=1, le=MOST_ID)]
MentionId = Annotated[int, Path(ge=1, le=MOST_ID)]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=100, pattern=r'^"[0-9a-f]{16}"$', description=SEEN)]
EXAMPLE = {"name": "Koffers", "query": "koffer OR bagage", "sharing": "all"}


class Filters(Paging):
    """What narrows the list of mentions."""

    monitor_id: int | None = Field(None, ge=1, le=MOST_ID, description="Of this monitor; without it each post once.")
    state: MentionState | None = None
    network: str = Field("", max_length=30, pattern=NO_NUL)
    language: str = Field("", max_length=8, pattern=NO_NUL)


@MONITORS.offers(
    "GET",
    "/monitors",
    name="listMonitors",
    summary="List monitors",
    scope="monitors:read",
    permission=Permission.SEE_LISTENING,
    answers=Page[shapes.MonitorOut],
    problems=("cursor_invalid",),
)
def list_monitors(request: ApiRequest, asked: Asked) -> Page[shapes.MonitorOut]:
    """By name: those of whom the token acts as, and those that are shared with them."""
    every = monitors.monitors(request.member, now=utc_now())
    rows, cursor = pages.cut(every, request=request, paging=asked, key=lambda one: (one.name, one.pk))
    return Page(rows=[_out(one) for one in rows], next_cursor=cursor)


@MONITORS.offers(
    "POST",
    "/monitors",
    name="makeMonitor",
    summary="Make a monitor",
    scope="monitors:write",
    permission=Permission.SEE_LISTENING,
    answers=shapes.MonitorOut,
    status=201,
    body=True,
    problems=("query_invalid", "refused"),
    example=EXAMPLE,
)
def make_monitor(request: ApiRequest, response: HttpResponse, given: shapes.MonitorIn) -> shapes.MonitorOut:
    """It listens from now on, and looks back as far as `days` says."""
    wish = _wish(request, given)
    monitor = actions.make(wish, is_muted=given.is_muted, by=request.member, now=utc_now())
    response.headers["Location"] = f"{request.path}/{monitor.pk}"
    return _shown(request, response, monitor.pk)


@MONITORS.offers(
    "POST",
    "/monitors/preview",
    name="previewMonitor",
    summary="Try a query",
    scope="monitors:read",
    permission=Permission.SEE_LISTENING,
    answers=shapes.PreviewOut,
    body=True,
    keeps=False,
    problems=("query_invalid",),
    example={"query": "koffer OR bagage"},
)
def preview_monitor(request: ApiRequest, given: shapes.PreviewIn) -> shapes.PreviewOut:
    """What it would have found in the last seven days. Nothing is stored."""
    node = parse(given.query, standing=True)
    return shapes.preview_out(preview(node, member=request.member, now=utc_now()))


@MONITORS.offers(
    "GET",
    "/monitors/{monitor_id}",
    name="getMonitor",
    summary="Read a monitor",
    scope="monitors:read",
    permission=Permission.SEE_LISTENING,
    answers=shapes.MonitorOut,
)
def get_monitor(request: ApiRequest, response: HttpResponse, monitor_id: MonitorId) -> shapes.MonitorOut:
    """Its query, with whom it is shared, and its version."""
    return _shown(request, response, monitor_id)


@MONITORS.offers(
    "PUT",
    "/monitors/{monitor_id}",
    name="changeMonitor",
    summary="Change a monitor",
    scope="monitors:write",
    permission=Permission.SEE_LISTENING,
    answers=shapes.MonitorOut,
    body=True,
    versioned=True,
    problems=("query_invalid", "version_conflict", "refused"),
    example=EXAMPLE,
)
def change_monitor(
    request: ApiRequest,
    response: HttpResponse,
    monitor_id: MonitorId,
    given: shapes.MonitorIn,
    if_match: IfMatch = None,
) -> shapes.MonitorOut:
    """With another query it looks back again, and lets go of what nobody has handled."""
    wish, seen = _wish(request, given), _seen(if_match)
    actions.change(monitor_id, wish, is_muted=given.is_muted, seen=seen, by=request.member, now=utc_now())
    return _shown(request, response, monitor_id)


@MONITORS.offers(
    "DELETE",
    "/monitors/{monitor_id}",
    name="deleteMonitor",
    summary="Delete a monitor",
    scope="monitors:write",
    permission=Permission.SEE_LISTENING,
    status=204,
    versioned=True,
    problems=("version_conflict",),
)
def delete_monitor(request: ApiRequest, monitor_id: MonitorId, if_match: IfMatch = None) -> None:
    """Its mentions go with it; posts and cases stay."""
    actions.delete(monitor_id, seen=_seen(if_match), by=request.member, now=utc_now())


@MENTIONS.offers(
    "GET",
    "/mentions",
    name="listMentions",
    summary="List mentions",
    scope="mentions:read",
    permission=Permission.SEE_LISTENING,
    answers=Page[shapes.MentionOut],
    problems=("cursor_invalid", "not_found"),
)
def list_mentions(request: ApiRequest, asked: Annotated[Filters, Query()]) -> Page[shapes.MentionOut]:
    """What monitors found, by when it was said, newest first."""
    monitor = None
    if asked.monitor_id is not None:
        monitor = _monitor(request, asked.monitor_id)
    page = mentions.stream(
        request.member,
        monitor=monitor,
        filters=mentions.Filters(asked.state or "", asked.network, asked.language),
        cursor=pages.place(request, asked),
        limit=asked.limit,
    )
    rows = [shapes.mention_out(row) for row in page.rows]
    return Page(rows=rows, next_cursor=pages.cursor(request, page.next_cursor))


@MENTIONS.offers(
    "GET",
    "/mentions/{mention_id}",
    name="getMention",
    summary="Read a mention",
    scope="mentions:read",
    permission=Permission.SEE_LISTENING,
    answers=shapes.MentionOut,
)
def get_mention(request: ApiRequest, mention_id: MentionId) -> shapes.MentionOut:
    """With all monitors that found the same post."""
    return _mention(request, mention_id)


@MENTIONS.offers(
    "POST",
    "/mentions/{mention_id}/case",
    name="makeCaseOfMention",
    summary="Make a case of a mention",
    scope="mentions:write",
    permission=Permission.WORK_CASES,
    answers=shapes.CaseMade,
    status=201,
    problems=("refused",),
)
def make_case(request: ApiRequest, mention_id: MentionId) -> shapes.CaseMade:
    """Assigned to whom the token acts as; where the customer has an open case in that thread, that one is joined."""
    taken = mention_actions.make_case(mention_id, by=request.member, now=utc_now())
    return shapes.CaseMade(number=taken.case.number if taken.is_visible else None, is_new=taken.is_new)


@MENTIONS.offers(
    "POST",
    "/mentions/{mention_id}/dismiss",
    name="dismissMention",
    summary="Put a mention aside",
    scope="mentions:write",
    permission=Permission.WORK_CASES,
    answers=shapes.MentionOut,
)
def dismiss(request: ApiRequest, mention_id: MentionId) -> shapes.MentionOut:
    """In all monitors that may be seen; one of which a case was made stays as it is."""
    mention_actions.dismiss(mention_id, everywhere=True, by=request.member, now=utc_now())
    return _mention(request, mention_id)


@MENTIONS.offers(
    "POST",
    "/mentions/{mention_id}/restore",
    name="restoreMention",
    summary="Take back that a mention was put aside",
    scope="mentions:write",
    permission=Permission.WORK_CASES,
    answers=shapes.MentionOut,
)
def restore(request: ApiRequest, mention_id: MentionId) -> shapes.MentionOut:
    """It is new again in all monitors that may be seen."""
    mention_actions.restore(mention_id, everywhere=True, by=request.member)
    return _mention(request, mention_id)


def _wish(request: ApiRequest, given: shapes.MonitorIn) -> Wish:
    team = actions.team_of(given.team_id, by=request.member)
    return Wish(name=given.name, query=given.query, sharing=given.sharing, team=team, days=given.days)


def _seen(if_match: str | None) -> str | None:
    return if_match.strip('"') if if_match else None


def _monitor(request: ApiRequest, monitor_id: int) -> Monitor:
    monitor = monitors.find_monitor(request.member, monitor_id=monitor_id)
    if monitor is None:
        raise Http404
    return monitor


def _shown(request: ApiRequest, response: HttpResponse, monitor_id: int) -> shapes.MonitorOut:
    shown = _out(_monitor(request, monitor_id))
    response.headers["ETag"] = f'"{shown.version}"'
    return shown


def _out(monitor: Monitor) -> shapes.MonitorOut:
    return shapes.monitor_out(monitor, version=monitor_version(monitor))


def _mention(request: ApiRequest, mention_id: int) -> shapes.MentionOut:
    row = mentions.one(request.member, mention_id=mention_id, alone=False)
    if row is None:
        raise Http404
    return shapes.mention_out(row)
