"""The page about corrections: how often people corrected what, and what was learned from it."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.inbox.actions import corrections, topics
from luister.inbox.views.understood import number_in
from luister.understanding.actions import switching
from luister.understanding.actions.correcting import GoneError, RefusedError
from luister.understanding.queries.corrections import report
from luister.understanding.sentences import refusal


@member_view(Permission.TEACH)
@require_safe
def understanding(request: WorkspaceRequest) -> HttpResponse:
    """Show what was corrected and what came of it."""
    return render(request, "understanding/corrections.html", {"report": report(request.member, now=utc_now())})


@member_view(Permission.TEACH)
@require_POST
def switch(request: WorkspaceRequest) -> HttpResponse:
    """Use what was learned, or no longer."""
    is_on = request.POST.get("on") == "1"
    switching.switch_learning(is_on=is_on, by=request.member, now=utc_now())
    said = (
        _("What was learned counts for posts that come in from now on.")
        if is_on
        else _("Posts that come in from now on get the machine’s own judgement. What people corrected stays.")
    )
    messages.success(request, said)
    return _page(request)


@member_view(Permission.TEACH)
@require_POST
def learn_now(request: WorkspaceRequest) -> HttpResponse:
    """Learn anew."""
    switching.learn_now(by=request.member)
    messages.success(request, _("Luister learns from all corrections now. In a moment the result is on this page."))
    return _page(request)


@member_view(Permission.TEACH)
@require_POST
def undo(request: WorkspaceRequest, said_id: int) -> HttpResponse:
    """Take back a correction that stands on the page."""
    topic_id, now = number_in(request.POST.get("topic", "")), utc_now()
    try:
        if topic_id:
            was_new = request.POST.get("new") == "1"
            topics.undo_topic(said_id, topic_id=topic_id, was_new=was_new, by=request.member, now=now)
        else:
            correction_id = number_in(request.POST.get("correction", ""))
            corrections.undo_correction(said_id, correction_id=correction_id, by=request.member, now=now)
    except GoneError:
        raise Http404 from None
    except RefusedError as error:
        messages.error(request, refusal(error.reason))
    else:
        messages.success(request, _("Undone: what was understood counts again."))
    return _page(request)


def _page(request: WorkspaceRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("inbox:understanding", args=[request.member.workspace.slug]))
