"""Pages about the interface itself: every component at once, the keys, and what is shown when something is wrong."""

import logging
import sys
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from luister.base.clock import utc_now
from luister.base.context import request_id
from luister.ui import keys as key_map
from luister.ui.away import is_away
from luister.ui.gallery import SampleForm, samples
from luister.ui.icons import icon_names
from luister.ui.query_help import guide

logger = logging.getLogger("luister.ui")

_OPEN = "shows no data of anybody"  # what the matrix of routes and roles asks of a route without a gate


def components(request: HttpRequest) -> HttpResponse:
    """Show every component in both themes."""
    context = {
        "themes": [(theme, SampleForm({"name": "Pim"}, auto_id=f"{theme}-%s")) for theme in ("light", "dark")],
        "icons": sorted(icon_names()),
        **samples(now=utc_now()),
    }
    return render(request, "ui/gallery.html", context)


def keys(request: HttpRequest) -> HttpResponse:
    """Show the keyboard map as the user has it."""
    chosen = key_map.keys_of(getattr(request.user, "keys", None) or {})
    groups = [
        {
            "heading": group.heading,
            "keys": [{"label": key.label, "parts": chosen.get(key.action, key.key).split(" ")} for key in group.keys],
        }
        for group in (*key_map.GROUPS, *key_map.ELSEWHERE)
    ]
    single_keys = getattr(request.user, "single_keys", True)
    return render(request, "ui/keys.html", {"groups": groups, "single_keys": single_keys})


def query_help(request: HttpRequest) -> HttpResponse:
    """Show the cheat sheet of the query language: for scripts what a dialog holds, else a page."""
    is_part = request.headers.get("X-Requested-With") == "fetch"
    template = "ui/query_guide.html" if is_part else "ui/query_help.html"
    return render(request, template, {"groups": guide(), "is_part": is_part})


for _view in (components, keys, query_help):
    _view.open_because = _OPEN  # type: ignore[attr-defined] # read by the matrix test


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that this is not for the reader."""
    explanation = _("Your role in this workspace does not reach this. Ask an administrator if you need it.")
    return _error(request, 403, _("This is not for you"), explanation)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is nothing here."""
    explanation = _("The address may be mistyped, it may have been removed, or you may not be allowed to see it.")
    return _error(request, 404, _("There is nothing here"), explanation)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong on our side, or that the database is away."""
    if is_away(sys.exception()):
        return database_away(request)
    explanation = _("The mistake is ours, and it has been noted. Nothing you wrote was sent. Try again in a moment.")
    retry_url = request.get_full_path() if request.method == "GET" else ""
    return _error(request, 500, _("Something went wrong"), explanation, retry_url=retry_url)


def database_away(request: HttpRequest) -> HttpResponse:
    """Say that the database cannot be reached: it is tried anew with every page."""
    explanation = _(
        "It is being started, or the way to it is cut off. Try again in a moment: a reply that you send again is sent "
        "once."
    )
    retry_url = request.get_full_path() if request.method == "GET" else ""
    response = _error(request, 503, _("The database cannot be reached right now"), explanation, retry_url=retry_url)
    response.headers["Retry-After"] = "5"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was too old to be trusted."""
    explanation = _(
        "This page was open for too long, or in another window you signed in anew. Go back, reload the page and "
        "send it again; what you typed is still there."
    )
    response = _error(request, 403, _("This page is too old"), explanation, code="csrf")
    response.headers["X-Luister-Reason"] = "stale-form"
    return response


def _error(
    request: HttpRequest, status: int, heading: str, explanation: str, *, retry_url: str = "", code: str = ""
) -> HttpResponse:
    # Without a request no context processor runs: the page is drawn even when the database is what failed.
    reference = request_id.get() or uuid4().hex[:8]
    level = {500: logging.ERROR, 503: logging.WARNING}.get(status, logging.INFO)
    known = {"status": status, "method": request.method, "code": code, "request_id": reference}
    logger.log(level, "page.error", extra=known)
    context = {"heading": heading, "explanation": explanation, "reference": reference, "retry_url": retry_url}
    if status == 503 and retry_url:
        context["waits"] = "yes"
    return HttpResponse(render_to_string("ui/error.html", context), status=status)
