"""What was understood of a post: why, and what people say of it instead."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.inbox.actions import corrections
from luister.inbox.queries import understood as queries
from luister.inbox.views.answers import refused, with_toast
from luister.understanding.actions.correcting import GoneError, RefusedError
from luister.understanding.models import Correction
from luister.understanding.queries.panel import ALL, panel, written
from luister.understanding.sentences import refusal

FIRST_WORDS = 8  # of a post, to find it by in the archive


@member_view(Permission.SEE_CASES)
@require_safe
def post(request: WorkspaceRequest, said_id: int) -> HttpResponse:
    """Go to where a post can be read: in its case, else in the archive."""
    found = queries.readable_post(said_id, member=request.member)
    if found is None:
        raise Http404
    slug = request.member.workspace.slug
    number = queries.case_with(found, member=request.member)
    if number is not None:
        return HttpResponseRedirect(f"{reverse('inbox:permalink', args=[slug, number])}#post-{found.pk}")
    words = " ".join(f"{found.subject} {found.text}".replace('"', " ").split()[:FIRST_WORDS])
    query = urlencode({"q": f'"{words}"'})
    return HttpResponseRedirect(f"{reverse('listening:archive', args=[slug])}?{query}")


@member_view(Permission.SEE_CASES)
@require_safe
def understood(request: WorkspaceRequest, said_id: int, aspect: str) -> HttpResponse:
    """Show why, and what can be said instead: inside the page for htmx, else as a page of its own."""
    shown = queries.understood(said_id, member=request.member)
    if shown is None:
        raise Http404
    context: dict[str, Any] = {"panel": panel(shown, aspect, may_correct=request.member.may(Permission.CORRECT))}
    if context["panel"] is None:
        raise Http404
    return render(request, f"understanding/{'panel' if request.htmx else 'panel_page'}.html", context)


@member_view(Permission.CORRECT)
@require_POST
def correct(request: WorkspaceRequest, said_id: int) -> HttpResponse:
    """Say what a post really says."""
    aspect, chosen = request.POST.get("aspect", ""), request.POST.get("value", "")
    try:
        made = corrections.correct(said_id, aspect=aspect, word=chosen, by=request.member, now=utc_now())
    except RefusedError as error:
        return refused_row(request, error, said_id)
    if not request.htmx:
        return HttpResponseRedirect(reverse("inbox:understood", args=[request.member.workspace.slug, said_id, aspect]))
    response = row(request, said_id)
    return with_toast(response, _said(made), undo=_undo_url(request, made), seconds=10) if made else response


@member_view(Permission.CORRECT)
@require_POST
def undo_correction(request: WorkspaceRequest, said_id: int) -> HttpResponse:
    """Take a correction back."""
    correction_id = number_in(request.GET.get("correction", ""))
    try:
        corrections.undo_correction(said_id, correction_id=correction_id, by=request.member, now=utc_now())
    except RefusedError as error:
        return refused_row(request, error, said_id)
    if not request.htmx:
        return HttpResponseRedirect(reverse("inbox:understood", args=[request.member.workspace.slug, said_id, ALL]))
    return with_toast(row(request, said_id), _("Undone: what was understood counts again."), seconds=4)


def row(request: WorkspaceRequest, post_id: int) -> HttpResponse:
    """Draw the row of a post anew, wherever on the page it stands."""
    shown = queries.understood(post_id, member=request.member)
    return render(request, "understanding/chips_alone.html", {"shown": shown})


def _said(made: Correction) -> str:
    return _("Corrected: %(words)s.") % {"words": written(made.aspect, made.after)}


def _undo_url(request: WorkspaceRequest, made: Correction) -> str:
    url = reverse("inbox:undo_correction", args=[request.member.workspace.slug, made.post_id])
    return f"{url}?{urlencode({'correction': made.pk})}"


def number_in(text: str) -> int:
    """Return an id as an address has it; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def refused_row(request: WorkspaceRequest, error: RefusedError, post_id: int) -> HttpResponse:
    """Say why nothing was done with a post."""
    if isinstance(error, GoneError):
        raise Http404
    if request.htmx:
        return refused(request, refusal(error.reason))
    return HttpResponse(refusal(error.reason), status=422, content_type="text/plain; charset=utf-8")
