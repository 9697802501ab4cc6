"""How views answer: with the part of a page that htmx asked for, with a message, or with a whole page."""

import json
import re
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from luister.accounts.access import WorkspaceRequest
from luister.inbox.models import Case
from luister.inbox.queries.cases import View

SAVED = re.compile(r"saved-([0-9]{1,9})")  # how addresses name a saved view


def is_for(request: WorkspaceRequest, target: str) -> bool:
    """Whether htmx asks for the part of the page with this id."""
    return bool(request.htmx) and request.htmx.target == target


def with_toast(response: HttpResponse, text: str, **details: Any) -> HttpResponse:
    """Have the page show a message; `undo` is an address that takes it back."""
    told = json.loads(response.headers.get("HX-Trigger", "{}"))
    told["luister:toast"] = {"text": text, **{name: value for name, value in details.items() if value is not None}}
    response.headers["HX-Trigger"] = json.dumps(told)
    return response


def with_event(response: HttpResponse, name: str, **detail: Any) -> HttpResponse:
    """Have the page hear an event at once, also where live events are late."""
    told = json.loads(response.headers.get("HX-Trigger", "{}"))
    told[name] = detail
    response.headers["HX-Trigger"] = json.dumps(told)
    return response


def refused(request: WorkspaceRequest, sentence: str, *, case: Case | None = None) -> HttpResponse:
    """Say why nothing was done."""
    if request.htmx:
        response = HttpResponse(status=422)
        response.headers["HX-Reswap"] = "none"
        return with_toast(response, sentence, tone="danger")
    messages.error(request, sentence)
    return back(request, case=case)


def back(request: WorkspaceRequest, *, case: Case | None) -> HttpResponse:
    """Go back to the case, or to the desk."""
    slug = request.member.workspace.slug
    if case is None:
        return HttpResponseRedirect(reverse("inbox:home", args=[slug]))
    return HttpResponseRedirect(case_url(request, case.number))


def case_url(request: WorkspaceRequest, number: int) -> str:
    """Return the address of a case in the view where the reader is."""
    return reverse("inbox:case", args=[request.member.workspace.slug, view_of(request), number])


def view_of(request: WorkspaceRequest) -> str:
    """Return the view where the reader is, as the form or the address says."""
    named = request.POST.get("view") or request.GET.get("view") or ""
    return named if named in list(View) or SAVED.fullmatch(named) else View.ALL
