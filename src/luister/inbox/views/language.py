"""Help with writing a query: what may come at the cursor, and what is wrong."""

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.inbox.queries.language import names
from luister.query import QueryError, explain, parse
from luister.ui.query_field import complete, is_unfinished, mistake_of

# Posted rather than asked for in an address: what people search for belongs in no log, and may be long.


@member_view(Permission.SEE_CASES)
@require_POST
def suggest(request: WorkspaceRequest) -> HttpResponse:
    """Return what may come at the cursor."""
    text = request.POST.get("q", "")
    cursor = _cursor(request)
    completion = complete(
        text,
        cursor=len(text) if cursor is None else cursor,
        names=lambda field: names(field, member=request.member),
        of_cases=request.POST.get("scope") == "cases",
        is_asked="asked" in request.POST,
    )
    return JsonResponse(completion.as_json)


@member_view(Permission.SEE_CASES)
@require_POST
def check(request: WorkspaceRequest) -> HttpResponse:
    """Return what is wrong with a query, or what it finds in plain words."""
    text = request.POST.get("q", "")
    if not text.strip():
        return JsonResponse({"mistake": None, "says": "", "unfinished": False})
    try:
        node = parse(text, standing=request.POST.get("scope") == "monitor")
    except QueryError as error:
        cursor = _cursor(request)
        unfinished = cursor is not None and is_unfinished(error, text=text, cursor=cursor)
        told = None if unfinished else mistake_of(error, text=text).as_json
        return JsonResponse({"mistake": told, "says": "", "unfinished": unfinished})
    return JsonResponse({"mistake": None, "says": explain(node, translate=gettext), "unfinished": False})


def _cursor(request: WorkspaceRequest) -> int | None:
    at = request.POST.get("at", "")
    return int(at) if at.isascii() and at.isdigit() and len(at) < 7 else None
