"""The archive: one field, and what it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.listening.queries.archive import Limit, limits, search
from luister.posts.queries.cursors import Cursor, cursor_of
from luister.query import Node, QueryError, parse
from luister.ui.query_field import mistake_of

UNREADABLE = 422


@dataclass(frozen=True, slots=True)
class Example:
    """A query to begin with, and what it finds."""

    query: str
    about: str


@member_view(Permission.SEE_LISTENING)
@require_safe
def archive(request: WorkspaceRequest) -> HttpResponse:
    """Search all posts that the member may read; without a query, teach how."""
    text = request.GET.get("q", "")
    order = "relevance" if request.GET.get("order") == "relevance" else "newest"
    context: dict[str, Any] = {"q": text, "order": order, "now": utc_now()}
    if not text.strip():
        return render(request, "listening/archive/page.html", context | {"examples": examples()})
    try:
        node = parse(text)
    except QueryError as error:
        context["mistake"] = mistake_of(error, text=text)
        return render(request, "listening/archive/page.html", context, status=UNREADABLE)
    after = request.GET.get("after", "")
    try:
        cursor = cursor_of(after) if after else None
    except ValueError:
        return render(request, "listening/archive/page.html", context | {"is_lost": True}, status=UNREADABLE)
    context |= _found(request, node, cursor, by_relevance=order == "relevance", now=context["now"])
    is_more = request.htmx and request.htmx.target == "more"
    return render(request, f"listening/archive/{'rows' if is_more else 'page'}.html", context)


def _found(
    request: WorkspaceRequest, node: Node, cursor: Cursor | None, *, by_relevance: bool, now: datetime
) -> dict[str, Any]:
    understood = limits(node, member=request.member, now=now)
    return {
        "page": search(node, member=request.member, now=now, after=cursor, by_relevance=by_relevance),
        "is_later_page": cursor is not None,
        "period": period(understood),
        "is_backwards": _is_backwards(understood),
    }


def period(understood: Sequence[Limit]) -> str:
    """Write the moments of a query as they were understood, such as "26 Mar 2026 00:00–24:00"."""
    if len(understood) == 2 and [limit.is_before for limit in understood] == [False, True]:
        start, end = (timezone.localtime(limit.at) for limit in understood)
        last = end - timedelta(seconds=1) if _is_midnight(end) else end
        if start < end and start.date() == last.date():
            until = "24:00" if _is_midnight(end) else date_format(end, "H:i")
            return f"{_day(start)} {date_format(start, 'H:i')}–{until}"
    words = {False: _("from %(moment)s"), True: _("until %(moment)s")}
    return ", ".join(words[limit.is_before] % {"moment": _moment(limit.at)} for limit in understood)


def examples() -> Sequence[Example]:
    """Return queries that show what the language can do."""
    return [
        Example(_("suitcase"), _("posts with that word, with and without accents and capitals")),
        Example(_("suitcase OR luggage"), _("posts with either word")),
        Example(_('"lost suitcase" -found'), _("these words side by side, and not that other word")),
        Example(_("*delay*"), _("words that contain it, such as train delays")),
        Example(_("suitcase NEAR/5 lost"), _("both, with at most five words between them")),
        Example(_("#holiday @klm 😡"), _("a hashtag, a mention and an emoji, all in one post")),
        Example("sentiment:negative lang:nl after:7d", _("negative Dutch posts of the last seven days")),
        Example("network:review rating:<=2", _("reviews with two stars or fewer")),
    ]


def _is_backwards(understood: Sequence[Limit]) -> bool:
    starts = [limit.at for limit in understood if not limit.is_before]
    ends = [limit.at for limit in understood if limit.is_before]
    return len(starts) == len(ends) == 1 and starts[0] >= ends[0]


def _is_midnight(at: datetime) -> bool:
    return at.hour == at.minute == at.second == 0


def _day(at: datetime) -> str:
    return date_format(at, pgettext("date of a search, as Django's date filter", "j M Y"))


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{_day(local)} {date_format(local, 'H:i')}"
