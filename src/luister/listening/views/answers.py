"""How the views of listening answer: with a message, or with a refusal."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from luister.accounts.access import WorkspaceRequest


def with_toast(response: HttpResponse, text: str, **details: Any) -> HttpResponse:
    """Have the page show a message; `undo` is an address that takes it back."""
    told = {"text": text, **{name: value for name, value in details.items() if value is not None}}
    response.headers["HX-Trigger"] = json.dumps({"luister:toast": told})
    return response


def refused(request: WorkspaceRequest, sentence: str, *, back: str) -> HttpResponse:
    """Say why nothing was done."""
    if request.htmx:
        response = HttpResponse(status=422)
        response.headers["HX-Reswap"] = "none"
        return with_toast(response, sentence, tone="danger")
    messages.error(request, sentence)
    return HttpResponseRedirect(back)
